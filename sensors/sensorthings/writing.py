"""Creating, changing and removing entities of clients: deep insert, links, PATCH and PUT. Whole, or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from sensors.models import Datastream, HistoricalLocation, Location, Stream, Thing
from sensors.sensorthings import bodies, observing
from sensors.sensorthings.entities import (
    DATASTREAM,
    HISTORICAL_LOCATION,
    LOCATION,
    OBSERVATION,
    THING,
    Entity,
    Relation,
)
from sensors.sensorthings.ownership import NAMEABLE, check_free
from sensors.sensorthings.problems import BadBody, NotThere, Occupied

MOST_ENTITIES = 5_000


@transaction.atomic
def create(entity: Entity, body: Any, links: Mapping[str, int] | None = None) -> tuple[int, bool]:
    """Create an entity with everything that is written inside of it.

    Args:
        links: ids of related entities that the address says, by the name of the relation.
    Returns:
        Its id, and whether it is new: the same observation once more is the one that is there.
    Raises:
        BadBody, NotYours, Occupied.
    """
    return _Insertion().entity(entity, bodies.an_object(body), "", dict(links or {}))


class _Insertion:
    """One deep insert; counts what it makes."""

    def __init__(self) -> None:
        self.made = 0

    def entity(self, entity: Entity, body: dict[str, Any], where: str, links: dict[str, int]) -> tuple[int, bool]:
        self.made += 1
        if self.made > MOST_ENTITIES:
            raise BadBody(f"More than {MOST_ENTITIES} entities at once. Send them in several requests.", where=where)
        bodies.check_names(entity, body, where)
        values = bodies.columns(entity, body, where, whole=True)
        for relation in entity.relations.values():
            if not relation.many:
                self._link_one(entity, relation, body, where, links)
        key, is_new = _stored(entity, values, links)
        for relation in entity.relations.values():
            if relation.many and relation.name in body:
                self._many(entity, key, relation, body[relation.name], _at(where, relation.name))
        if entity is HISTORICAL_LOCATION:
            _follow_newest(key)
        return key, is_new

    def _link_one(
        self, entity: Entity, relation: Relation, body: dict[str, Any], where: str, links: dict[str, int]
    ) -> None:
        at = _at(where, relation.name)
        if relation.name in body:
            links[relation.name] = self._one(entity, relation, body[relation.name], at)
        if relation.name not in links:
            if relation.required:
                raise BadBody(f"{at} is missing.", where=at)
        elif relation.name not in NAMEABLE:
            check_free(entity.related(relation), links[relation.name])

    def _one(self, entity: Entity, relation: Relation, body: Any, where: str) -> int:
        target = entity.related(relation)
        known = bodies.reference(body)
        if known is not None:
            return _existing(target, known, where)
        return self.entity(target, bodies.an_object(body, where), where, {})[0]

    def _many(self, entity: Entity, key: int, relation: Relation, body: Any, where: str) -> None:
        if not isinstance(body, list):
            raise BadBody(f"{where} must be a list, [ … ].", where=where)
        target, back = entity.related(relation), inverse(entity, relation)
        keys = []
        for index, item in enumerate(body):
            at = f"{where}[{index}]"
            known = bodies.reference(item)
            if known is None:
                given = {} if back.many else {back.name: key}
                known, _new = self.entity(target, bodies.an_object(item, at), at, given)
            else:
                _existing(target, known, at)
                check_free(target, known)
            keys.append(known)
        link(entity, key, relation, keys)


def _at(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _existing(target: Entity, key: int, where: str) -> int:
    if not target.rows().filter(pk=key).exists():
        raise BadBody(f"{where}: there is no {target.collection}({key}).", where=where)
    return key


def inverse(entity: Entity, relation: Relation) -> Relation:
    """The same relation seen from its other side."""
    target = entity.related(relation)
    return next(each for each in target.relations.values() if each.target == entity.name)


def _stored(entity: Entity, values: dict[str, Any], links: Mapping[str, int]) -> tuple[int, bool]:
    if entity is OBSERVATION:
        return observing.store(links["Datastream"], values, links.get("FeatureOfInterest"))
    for name, key in links.items():
        relation = entity.relations.get(name)
        if relation is not None and relation.column:
            values[relation.column] = key
    if entity is DATASTREAM:
        series = Datastream.everywhere.create(unit=str(values["unit"].get("symbol", ""))[:24])
        return Stream.objects.create(series=series, **values).pk, True
    return int(entity.model._default_manager.create(**values).pk), True


def link(entity: Entity, key: int, relation: Relation, keys: list[int]) -> None:
    """Relate an entity to many others. A thing that gets a place leaves the one before and remembers since when."""
    if not keys:
        return
    if entity is THING and relation.target == LOCATION.name:
        place(key, keys)
    elif entity is LOCATION and relation.target == THING.name:
        for thing in keys:
            place(thing, [key])
    elif entity is HISTORICAL_LOCATION or relation.target == HISTORICAL_LOCATION.name:
        _link_history(entity, key, relation, keys)
    else:
        back = inverse(entity, relation)
        column = back.column or "detail__feature_id"
        _redirect(entity.related(relation), keys, column, key)


def _link_history(entity: Entity, key: int, relation: Relation, keys: list[int]) -> None:
    if entity is HISTORICAL_LOCATION:
        HistoricalLocation.objects.get(pk=key).locations.set(Location.objects.filter(pk__in=keys))
    elif entity is LOCATION:
        Location.objects.get(pk=key).historical_locations.add(*HistoricalLocation.objects.filter(pk__in=keys))
    else:
        HistoricalLocation.objects.filter(pk__in=keys).update(thing=key)


def _redirect(target: Entity, keys: list[int], column: str, key: int) -> None:
    if column == "detail__feature_id":
        for observation in keys:
            observing.relate(observation, key)
        return
    try:
        with transaction.atomic():
            target.model._default_manager.filter(pk__in=keys).update(**{column: key})
    except IntegrityError:
        raise Occupied from None


def place(thing: int, locations: list[int]) -> None:
    """The thing is at these locations from now on."""
    found = Thing.objects.get(pk=thing)
    found.locations.set(Location.objects.filter(pk__in=locations))
    history = HistoricalLocation.objects.create(time=timezone.now(), thing=found)
    history.locations.set(found.locations.all())


def _follow_newest(key: int) -> None:
    """A history that is newer than all others says where the thing is now."""
    history = HistoricalLocation.objects.get(pk=key)
    newer = HistoricalLocation.objects.filter(thing=history.thing_id, time__gt=history.time)
    if history.locations.exists() and not newer.exists():
        history.thing.locations.set(history.locations.all())


@transaction.atomic
def change(entity: Entity, key: int, body: Any, *, whole: bool) -> None:
    """PATCH (or PUT, ``whole``): properties, and links to entities that exist.

    Raises:
        BadBody: also where a related entity itself is written inside: only its ``@iot.id`` may stand there.
    """
    check_free(entity, key)
    body = bodies.an_object(body)
    bodies.check_names(entity, body, "")
    values = bodies.columns(entity, body, "", whole=whole)
    links: dict[str, int] = {}
    for relation in entity.relations.values():
        if relation.name not in body:
            continue
        keys = _references(entity, relation, body[relation.name])
        if relation.many:
            link(entity, key, relation, keys)
        else:
            links[relation.name] = keys[0]
    if entity is OBSERVATION:
        observing.change(key, values, links)
        return
    values |= {entity.relations[name].column: related for name, related in links.items()}
    if values:
        found = entity.model._default_manager.get(pk=key)
        for column, value in values.items():
            setattr(found, column, value)
        found.save()


def _references(entity: Entity, relation: Relation, body: Any) -> list[int]:
    target = entity.related(relation)
    items = body if isinstance(body, list) and relation.many else [body]
    keys = []
    for item in items:
        key = bodies.reference(item)
        if key is None:
            raise BadBody(
                f'{relation.name}: an update names related entities by {{"@iot.id": …}} only; write to the entity itself.',
                where=relation.name,
            )
        _existing(target, key, relation.name)
        if target.name not in NAMEABLE:
            check_free(target, key)
        keys.append(key)
    return keys


@transaction.atomic
def remove(entity: Entity, key: int) -> None:
    """DELETE, with what cannot be without it (OGC 18-088, table 25). Raises NotThere, NotYours."""
    if not entity.rows().filter(pk=key).exists():
        raise NotThere
    check_free(entity, key)
    series = Datastream.everywhere.filter(site__isnull=True)
    if entity is DATASTREAM:
        series.filter(pk=key).delete()
        return
    if entity is OBSERVATION:
        observing.remove([key])
        return
    if entity.name in ("Thing", "Sensor", "ObservedProperty"):
        path = entity.related(entity.relations["Datastreams"]).relations[entity.name].path
        series.filter(**{f"stream__{path}": key}).delete()
    elif entity is LOCATION:
        HistoricalLocation.objects.filter(locations=key).delete()
    elif entity.name == "FeatureOfInterest":
        about = OBSERVATION.rows().filter(entity.relations["Observations"].of(key))
        observing.remove(list(about.values_list("pk", flat=True)))
    entity.model._default_manager.filter(pk=key).delete()
