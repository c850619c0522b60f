"""From options to rows: one statement for a page, one for each expanded relation, never one per parent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, TypeAlias

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery, Window
from django.db.models.functions import RowNumber

from sensors.models import Stream
from sensors.sensorthings import compiling, typed
from sensors.sensorthings.compiling import Budget
from sensors.sensorthings.entities import OBSERVATION, Entity, Field, Relation, feature_of
from sensors.sensorthings.options import Options
from sensors.sensorthings.ordering import Term, annotated, behind, order, token_of
from sensors.sensorthings.problems import BadQuery

Row: TypeAlias = dict[str, Any]
MOST_EXPANDED = 20_000
SERIES_AT_ONCE = 200  # SQLite's trees of conditions may be a thousand deep
OF_SERIES = "datastream"  # the way from an Observation to its Datastream
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


@dataclass
class Reader:
    """Reads what one request asks for; keeps what it may still cost."""

    budget: Budget = field(default_factory=Budget)
    room: int = field(default_factory=lambda: MOST_EXPANDED)

    def page(self, entity: Entity, rows: QuerySet[Any], options: Options, *, by_time: bool = False) -> Page:
        """One page of a collection. Raises BadQuery."""
        rows = self._filtered(entity, rows, options)
        count = rows.count() if options.count else None
        terms = self._terms(entity, options, by_time=by_time)
        rows = annotated(rows, terms)
        if options.token:
            rows = rows.filter(behind(terms, options.token))
        rows = rows.order_by(*order(terms))
        start = 0 if options.token else options.skip
        names = [f"order{index}" for index in range(len(terms))]
        found = self._read(entity, rows, options, names, slice(start, start + options.top + 1))
        shown, more = found[: options.top], len(found) > options.top > 0
        self._expand(entity, shown, options)
        return Page(shown, count, token_of(shown[-1], terms) if more else "", more)

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
        """The first few of each parent."""
        parents = {row["pk"]: Page([], 0 if nested.count else None) for row in rows}
        terms = self._terms(target, nested, by_time=relation.back == OF_SERIES)
        wanted = target.rows().annotate(parent=relation.parent).filter(parent__in=list(parents))
        wanted = annotated(self._filtered(target, wanted, nested), terms)
        by_index = relation.back == OF_SERIES and terms[0].is_time_of_reading
        numbered = self._by_index if by_index else self._by_window
        shown = []
        for row in numbered(target, wanted, terms, nested, list(parents)):
            page = parents[row["parent"]]
            page.count = row.get("among", page.count)
            if row["place"] > nested.skip + nested.top:
                page.more = True
            else:
                page.rows.append(row)
                shown.append(row)
        self._spend(len(shown))
        self._expand(target, shown, nested)
        for row in rows:
            row.setdefault("expanded", {})[relation.name] = parents[row["pk"]]

    def _by_window(
        self, target: Entity, wanted: QuerySet[Any], terms: list[Term], nested: Options, parents: list[int]
    ) -> list[Row]:
        """Numbered by a window over each parent: one statement, which looks at all rows of all parents."""
        of_parent = [F("parent")]
        wanted = wanted.annotate(place=Window(RowNumber(), partition_by=of_parent, order_by=order(terms)))
        names = ["parent", "place"]
        if nested.count:
            wanted = wanted.annotate(among=Window(Count("pk"), partition_by=of_parent))
            names.append("among")
        last = nested.skip + nested.top + 1
        wanted = wanted.filter(place__gt=nested.skip, place__lte=last).order_by("parent", "place")
        return self._read(target, wanted, nested, names, slice(0, self.room + len(parents) + 1))

    def _by_index(
        self, target: Entity, wanted: QuerySet[Any], terms: list[Term], nested: Options, parents: list[int]
    ) -> list[Row]:
        """Readings in the order of their times, without looking at those that are not asked for.

        One statement finds the moment of the last wanted reading of each series in the index, one reads up to there.
        """
        last, by_time = nested.skip + nested.top + 1, "-phenomenon_time" if terms[0].descending else "phenomenon_time"
        of_series = self._filtered(target, target.rows().filter(datastream=OuterRef("pk")), nested)
        bound = Subquery(of_series.order_by(by_time).values("phenomenon_time")[last - 1 : last])
        bounds = dict(Stream.objects.order_by().filter(pk__in=parents).annotate(bound=bound).values_list("pk", "bound"))
        counts: dict[int, int] = {}
        if nested.count:
            counted = wanted.values("parent").annotate(among=Count("pk")).order_by()
            counts = {row["parent"]: row["among"] for row in counted.values("parent", "among")}
        operator = "phenomenon_time__gte" if terms[0].descending else "phenomenon_time__lte"
        room, found = self.room + len(parents) + 1, list[Row]()
        for start in range(0, len(parents), SERIES_AT_ONCE):
            some = parents[start : start + SERIES_AT_ONCE]
            near = [Q(datastream=key, **({} if bounds[key] is None else {operator: bounds[key]})) for key in some]
            part = wanted.filter(Q(*near, _connector=Q.OR)).order_by("parent", by_time)
            found += self._read(target, part, nested, ["parent"], slice(0, room - len(found)))
        return [row for row in _placed(found, counts) if row["place"] > nested.skip]

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


def _placed(rows: list[Row], counts: dict[int, int]) -> Iterator[Row]:
    """Rows, which stand parent by parent, with their place among the rows of their parent, from 1."""
    for parent, group in groupby(rows, key=lambda row: row["parent"]):
        for place, row in enumerate(group, start=1):
            row["place"] = place
            if counts:
                row["among"] = counts[parent]
            yield row


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
