"""Addresses below the service root, as ``Things(1)/Datastreams(2)/Observations``, into what they mean."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from sensors.sensorthings.entities import Entity, Relation, by_collection, feature_of
from sensors.sensorthings.literals import LARGEST
from sensors.sensorthings.problems import NotThere

LONGEST = 16
_SEGMENT = re.compile(r"(?P<name>[A-Za-z]+)(?:\((?P<key>[^()/]*)\))?")


@dataclass
class Target:
    """What an address means.

    Args:
        rows: the collection, or the one entity.
        single: it is one entity.
        names: those behind an entity that lead to a property of it.
        ending: ``$value``, ``$ref``, ``$count`` or empty.
        through: the relation by which the collection was reached, with the id where it begins.
    """

    entity: Entity
    rows: QuerySet[Any]
    single: bool = False
    names: tuple[str, ...] = ()
    ending: str = ""
    through: tuple[Entity, Relation, int] | None = None

    @property
    def by_time(self) -> bool:
        """Observations of one Datastream come in the order of their times: there is an index for it."""
        return self.through is not None and self.through[1].back == "datastream"

    def key(self) -> int:
        """The id of the one entity. Raises NotThere."""
        found = self.rows.values_list("pk", flat=True).first()
        if found is None:
            raise NotThere
        return int(found)


def resolve(path: str) -> Target:
    """What an address means; ids on the way must exist. Raises NotThere."""
    segments = [segment for segment in path.strip("/").split("/") if segment]
    if not segments or len(segments) > LONGEST:
        raise NotThere
    name, key = _parts(segments[0])
    entity = by_collection().get(name)
    if entity is None:
        raise NotThere(f"There is no collection {name[:40]}. There are: {', '.join(by_collection())}.")
    target = Target(entity, entity.rows())
    if key is not None:
        target = _keyed(target, key)
    for index, segment in enumerate(segments[1:], start=1):
        is_last = index == len(segments) - 1
        target = _step(target, segment, is_last=is_last)
    return target


def _parts(segment: str) -> tuple[str, int | None]:
    match = _SEGMENT.fullmatch(segment)
    if match is None:
        raise NotThere(f"“{segment[:40]}” is no part of an address here.")
    written = match["key"]
    if written is None:
        return match["name"], None
    if not (written.isascii() and written.isdigit()) or int(written[:20]) > LARGEST:
        raise NotThere("Entities have whole numbers as ids, as Things(1).")
    return match["name"], int(written)


def _keyed(target: Target, key: int) -> Target:
    return Target(target.entity, target.rows.filter(pk=key), single=True)


def _step(target: Target, segment: str, *, is_last: bool) -> Target:
    if segment.startswith("$"):
        return _ended(target, segment, is_last=is_last)
    if target.names:
        target.names = (*target.names, segment)
        return target
    if not target.single:
        raise NotThere(f"Choose one of the {target.entity.collection} first, as {target.entity.collection}(1).")
    if segment in target.entity.fields:
        target.names = (segment,)
        return target
    name, key = _parts(segment)
    relation = target.entity.relations.get(name)
    if relation is None or (key is not None and not relation.many):
        raise NotThere(f"{target.entity.name} has no “{name[:40]}”.")
    reached = _related(target, relation)
    return reached if key is None else _keyed(reached, key)


def _ended(target: Target, segment: str, *, is_last: bool) -> Target:
    fits = {
        "$value": bool(target.names),
        "$ref": not target.names,
        "$count": not target.names and not target.single,
    }
    if not is_last or not fits.get(segment):
        raise NotThere(f"“{segment[:40]}” cannot stand here.")
    target.ending = segment
    return target


def _related(target: Target, relation: Relation) -> Target:
    entity, key = target.entity.related(relation), target.key()
    if relation.many:
        rows = entity.rows().filter(relation.of(key))
        return Target(entity, rows, through=(target.entity, relation, key))
    column: Any = relation.column or feature_of("")
    linked = target.rows.values_list(column, flat=True).first()
    return Target(entity, entity.rows().filter(pk=linked), single=True, through=(target.entity, relation, key))
