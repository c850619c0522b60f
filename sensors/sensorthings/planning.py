"""From options to rows: one statement for a page, one for each expanded relation, never one per parent."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, time
from typing import Any, TypeAlias

from django.db.models import Count, F, Q, QuerySet, Value, Window
from django.db.models.functions import RowNumber
from django.db.models.lookups import Exact, GreaterThan, IsNull, LessThan

from sensors.sensorthings import compiling, literals, typed
from sensors.sensorthings.compiling import Budget
from sensors.sensorthings.entities import OBSERVATION, Entity, Field, Relation, feature_of
from sensors.sensorthings.options import Options
from sensors.sensorthings.problems import BadQuery

Row: TypeAlias = dict[str, Any]
MOST_EXPANDED = 20_000
CONTROL = frozenset({"@iot.id", "id", "@iot.selfLink"})


@dataclass
class Page:
    """Rows of a collection.

    Args:
        count: of all pages; None where it was not asked for.
        token: where the next page begins; empty on the last one, and of expanded collections.
        more: there are further rows.
    """

    rows: list[Row]
    count: int | None = None
    token: str = ""
    more: bool = False


@dataclass(frozen=True)
class Term:
    """One thing that a list is ordered by."""

    kind: str
    expression: Any
    descending: bool
    nullable: bool

    def ordered(self, name: str) -> Any:
        reference = F(name)
        if not self.nullable:
            return reference.desc() if self.descending else reference.asc()
        return reference.desc(nulls_last=True) if self.descending else reference.asc(nulls_last=True)

    def beyond(self, name: str, value: object) -> Q | None:
        """Rows behind a value in this order; None where there are none."""
        if value is None:
            return None
        lookup = LessThan if self.descending else GreaterThan
        behind = Q(lookup(F(name), Value(value)))
        return behind | Q(IsNull(F(name), True)) if self.nullable else behind

    def level(self, name: str, value: object) -> Q:
        return Q(IsNull(F(name), True)) if value is None else Q(Exact(F(name), Value(value)))


@dataclass
class Reader:
    """Reads what one request asks for; keeps what it may still cost."""

    budget: Budget = field(default_factory=Budget)
    room: int = MOST_EXPANDED

    def page(self, entity: Entity, rows: QuerySet[Any], options: Options, *, by_time: bool = False) -> Page:
        """One page of a collection. Raises BadQuery."""
        rows = self._filtered(entity, rows, options)
        count = rows.count() if options.count else None
        terms = self._terms(entity, options, by_time=by_time)
        rows = _annotated(rows, terms)
        if options.token:
            rows = rows.filter(_after(terms, options.token))
        rows = rows.order_by(*_order(terms))
        start = 0 if options.token else options.skip
        names = [f"order{index}" for index in range(len(terms))]
        found = self._read(entity, rows, options, names, slice(start, start + options.top + 1))
        shown, more = found[: options.top], len(found) > options.top > 0
        self._expand(entity, shown, options)
        return Page(shown, count, _token(shown[-1], terms) if more else "", more)

    def one(self, entity: Entity, rows: QuerySet[Any], options: Options) -> Row | None:
        """A single entity with what is expanded of it."""
        found = self._read(entity, rows, options, [], slice(0, 1))
        self._expand(entity, found, options)
        return found[0] if found else None

    def _filtered(self, entity: Entity, rows: QuerySet[Any], options: Options) -> QuerySet[Any]:
        if options.filter is None:
            return rows
        with _named("$filter"):
            return rows.filter(compiling.condition(options.filter, entity, self.budget))

    def _terms(self, entity: Entity, options: Options, *, by_time: bool = False) -> list[Term]:
        terms: list[Term] = []
        for node, descending in options.orderby:
            with _named("$orderby"):
                value = compiling.ordering(node, entity, self.budget)
                terms += [Term(kind, each, descending, value.nullable) for kind, each in typed.sorting(value)]
        if by_time and not terms:
            terms.append(Term("moment", F("phenomenon_time"), descending=False, nullable=False))
        return [*terms, Term("number", F("pk"), descending=False, nullable=False)]

    def _read(
        self, entity: Entity, rows: QuerySet[Any], options: Options, names: Sequence[str], part: slice
    ) -> list[Row]:
        columns = {"pk", *names} | ({"datastream_id"} if entity is OBSERVATION else set())
        computed: dict[str, Any] = {}
        for shown in fields_of(entity, options):
            columns |= columns_of(shown)
            if shown.since_of and shown.kind == "span":
                computed |= {f"{shown.name}_since": shown.since(""), f"{shown.name}_until": shown.end("")}
        for name in options.expand:
            relation = relation_of(entity, name)
            if relation.column:
                columns.add(relation.column)
            elif not relation.many:
                computed["feature_id"] = feature_of("")
        return list(rows.annotate(**computed).values(*columns, *computed)[part])

    def _expand(self, entity: Entity, rows: list[Row], options: Options) -> None:
        for name, nested in options.expand.items():
            relation = relation_of(entity, name)
            target = entity.related(relation)
            if not rows:
                self._check(target, nested)
            elif relation.many:
                self._expand_many(relation, target, rows, nested)
            else:
                self._expand_one(relation, target, rows, nested)

    def _check(self, target: Entity, nested: Options) -> None:
        """A query is as wrong without rows as with them."""
        fields_of(target, nested)
        self._filtered(target, target.rows(), nested)
        self._terms(target, nested)
        self._expand(target, [], nested)

    def _expand_one(self, relation: Relation, target: Entity, rows: list[Row], nested: Options) -> None:
        column = relation.column or "feature_id"
        ids = {row[column] for row in rows}
        wanted = self._filtered(target, target.rows().filter(pk__in=ids), nested)
        self._terms(target, nested)
        found = self._read(target, wanted, nested, [], slice(0, len(ids)))
        self._spend(len(found))
        self._expand(target, found, nested)
        by_id = {row["pk"]: row for row in found}
        for row in rows:
            row.setdefault("expanded", {})[relation.name] = by_id.get(row[column])

    def _expand_many(self, relation: Relation, target: Entity, rows: list[Row], nested: Options) -> None:
        """The first few of each parent, numbered by a window over the parent."""
        parents = {row["pk"]: Page([], 0 if nested.count else None) for row in rows}
        terms = self._terms(target, nested, by_time=target is OBSERVATION and relation.back == "datastream")
        wanted = target.rows().annotate(parent=relation.parent).filter(parent__in=list(parents))
        wanted = _annotated(self._filtered(target, wanted, nested), terms)
        of_parent = [F("parent")]
        wanted = wanted.annotate(place=Window(RowNumber(), partition_by=of_parent, order_by=_order(terms)))
        names = ["parent", "place"]
        if nested.count:
            wanted = wanted.annotate(among=Window(Count("pk"), partition_by=of_parent))
            names.append("among")
        last = nested.skip + nested.top + 1
        wanted = wanted.filter(place__gt=nested.skip, place__lte=last).order_by("parent", "place")
        found = self._read(target, wanted, nested, names, slice(0, self.room + len(rows) + 1))
        shown = []
        for row in found:
            page = parents[row["parent"]]
            page.count = row.get("among")
            if row["place"] == last:
                page.more = True
            else:
                page.rows.append(row)
                shown.append(row)
        self._spend(len(shown))
        self._expand(target, shown, nested)
        for row in rows:
            row.setdefault("expanded", {})[relation.name] = parents[row["pk"]]

    def _spend(self, rows: int) -> None:
        self.room -= rows
        if self.room < 0:
            raise BadQuery(
                f"More than {MOST_EXPANDED} entities would be expanded. Use a smaller $top, here or in $expand."
            )


@contextmanager
def _named(option: str) -> Iterator[None]:
    """Say in which option a position is."""
    try:
        yield
    except BadQuery as bad:
        bad.extra.setdefault("option", option)
        raise


def fields_of(entity: Entity, options: Options) -> list[Field]:
    """What is shown of an entity. Raises BadQuery for a $select of something that it has not."""
    if not options.select or "*" in options.select:
        return list(entity.fields.values())
    for name in options.select:
        if name not in entity.fields and name not in entity.relations and name not in CONTROL:
            known = ", ".join(["@iot.id", *entity.fields, *entity.relations])
            raise BadQuery(f"{entity.name} has no “{name[:40]}”. It has: {known}.", option="$select")
    return [entity.fields[name] for name in options.select if name in entity.fields]


def columns_of(shown: Field) -> set[str]:
    if shown.since_of and shown.kind == "span":
        return set()
    columns = {shown.column, shown.until} - {""}
    if shown.kind == "result":
        columns.add("result")
    if shown.name == "resultQuality":
        columns |= {"flags", "datastream__site_id"}
    return columns


def relation_of(entity: Entity, name: str) -> Relation:
    relation = entity.relations.get(name)
    if relation is None:
        known = ", ".join(entity.relations)
        raise BadQuery(f"{entity.name} is related to no “{name[:40]}”, but to: {known}.", option="$expand")
    return relation


def _annotated(rows: QuerySet[Any], terms: list[Term]) -> QuerySet[Any]:
    for index, term in enumerate(terms):
        rows = rows.annotate(**{f"order{index}": term.expression})
    return rows


def _order(terms: list[Term]) -> list[Any]:
    return [term.ordered(f"order{index}") for index, term in enumerate(terms)]


def _token(row: Row, terms: list[Term]) -> str:
    """Where this row stands in the order, as text for a link."""
    stand = [_written(row[f"order{index}"]) for index in range(len(terms))]
    return base64.urlsafe_b64encode(json.dumps(stand).encode()).decode().rstrip("=")


def _written(value: object) -> object:
    return value.isoformat() if isinstance(value, date | time) else value


def _plain_text(value: Any) -> str:
    """Raises ValueError for what no text of a database holds."""
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError(value)
    value.encode()
    return value


_READERS: dict[str, Callable[[Any], object]] = {
    "number": lambda value: value if isinstance(value, float) else literals.number(str(value)),
    "text": _plain_text,
    "flag": bool,
    "moment": literals.moment,
    "date": date.fromisoformat,
    "clock": time.fromisoformat,
}


def _after(terms: list[Term], token: str) -> Q:
    """Rows behind the one that a token tells of. Raises BadQuery for a token that this order did not make."""
    try:
        padded = token + "=" * (-len(token) % 4)
        stand = json.loads(base64.urlsafe_b64decode(padded.encode()))
        values = [
            None if value is None else _READERS[term.kind](value) for term, value in zip(terms, stand, strict=True)
        ]
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError, AttributeError):
        raise BadQuery("This $skiptoken belongs to no link of ours. Begin again without it.") from None
    behind, level = Q(), Q()
    for index, (term, value) in enumerate(zip(terms, values, strict=True)):
        name = f"order{index}"
        if (beyond := term.beyond(name, value)) is not None:
            behind |= level & beyond
        level &= term.level(name, value)
    return behind
