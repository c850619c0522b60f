"""Values of a query with their kinds: what may be compared and reckoned with what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeAlias

from django.contrib.gis.geos import GEOSGeometry
from django.db.models import BooleanField, CharField, DateField, DateTimeField, FloatField, Q, TimeField, Value
from django.db.models.functions import Coalesce
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    IsNull,
    LessThan,
    LessThanOrEqual,
)

from sensors.sensorthings.literals import Interval, moment, number
from sensors.sensorthings.problems import BadQuery
from sensors.sensorthings.sqlparts import FLAG, NUMBER, TEXT, ByLetter
from sensors.sensorthings.syntax import Literal

Condition: TypeAlias = Q


@dataclass(frozen=True)
class Typed:
    """A value: an expression of the database with its kind.

    Args:
        kind: number, text, moment, date, clock, duration, flag, geo, null, or ``any`` where the data decide.
        expression: None for a literal duration and for null.
        until: end of a span; None where it is a moment.
        until_may_miss: the end may be NULL, which means a moment.
        literal: the Python value of a literal.
        part: of kind ``any``, gives the value as number, text or flag.
        nullable: may be NULL.
    """

    kind: str
    expression: Any
    at: int
    until: Any = None
    until_may_miss: bool = False
    literal: object = None
    part: Callable[[str], Any] | None = None
    nullable: bool = True

    @property
    def is_literal(self) -> bool:
        return self.literal is not None

    @property
    def end(self) -> Any:
        if self.until is None:
            return self.expression
        return Coalesce(self.until, self.expression) if self.until_may_miss else self.until


_FIELDS: dict[str, Callable[[], Any]] = {
    "number": FloatField,
    "text": CharField,
    "moment": DateTimeField,
    "date": DateField,
    "clock": TimeField,
    "flag": BooleanField,
}
_LOOKUPS: dict[str, Any] = {
    "eq": Exact,
    "gt": GreaterThan,
    "ge": GreaterThanOrEqual,
    "lt": LessThan,
    "le": LessThanOrEqual,
}
_MIRRORED = {"eq": "eq", "ne": "ne", "gt": "lt", "ge": "le", "lt": "gt", "le": "ge"}
_WORDS = {
    "number": "a number",
    "text": "text",
    "moment": "a time",
    "date": "a date",
    "clock": "a time of day",
    "duration": "a duration",
    "flag": "true or false",
    "geo": "a geometry",
    "null": "null",
    "any": "a value",
}


def of_literal(node: Literal) -> Typed:
    value = node.value
    if node.kind == "null":
        return Typed("null", None, node.at)
    if isinstance(value, Interval):
        since, until = (Value(each, DateTimeField()) for each in (value.since, value.until))
        return Typed("moment", since, node.at, until=until, literal=value)
    if isinstance(value, timedelta | GEOSGeometry):
        return Typed(node.kind, None, node.at, literal=value)
    if isinstance(value, int) and not isinstance(value, bool):
        return Typed("number", Value(value), node.at, literal=value)
    return Typed(node.kind, Value(value, _FIELDS[node.kind]()), node.at, literal=value)


def of_moment(value: datetime, at: int) -> Typed:
    return Typed("moment", Value(value, DateTimeField()), at, literal=value)


def words(value: Typed) -> str:
    return _WORDS[value.kind]


def as_kind(value: Typed, kind: str) -> Any:
    """The expression of a value as number, text or flag. Raises BadQuery."""
    if value.kind == kind:
        return value.expression
    if value.kind == "any" and value.part is not None and kind in (NUMBER, TEXT, FLAG):
        return value.part(kind)
    raise BadQuery(f"At position {value.at} {_WORDS[kind]} is needed; there is {words(value)}.", at=value.at)


def _both(operator: str, left: Any, right: Any) -> Condition:
    if operator == "ne":
        return ~Q(Exact(left, right))
    return Q(_LOOKUPS[operator](left, right))


def compare(operator: str, left: Typed, right: Typed) -> Condition:
    """``left operator right``. Raises BadQuery where the two are nothing that can be compared."""
    if left.kind == "null" or (left.is_literal and not right.is_literal and right.kind != "null"):
        left, right, operator = right, left, _MIRRORED[operator]
    if right.kind == "null":
        return _with_null(operator, left)
    if left.kind == "any" or right.kind == "any":
        return _loose(operator, left, right)
    left, right = _alike(left, right), _alike(right, left)
    if left.kind != right.kind or left.kind in ("geo", "duration"):
        raise BadQuery(f"{words(left)} cannot be compared with {words(right)}.", at=right.at)
    if left.kind == "moment":
        return _in_time(operator, left, right)
    if left.kind == "text" and operator not in ("eq", "ne"):
        return _both(operator, ByLetter(left.expression), right.expression)
    return _both(operator, left.expression, right.expression)


def _with_null(operator: str, value: Typed) -> Condition:
    if operator not in ("eq", "ne") or value.kind in ("null", "duration"):
        raise BadQuery("Whether something is null is asked with eq or ne.", at=value.at)
    if value.kind == "any" and value.part is not None and value.expression is None:
        missing = Q(*(IsNull(value.part(kind), True) for kind in (NUMBER, TEXT, FLAG)))
        return missing if operator == "eq" else ~missing
    if value.expression is None:
        raise BadQuery("A literal is never null.", at=value.at)
    return Q(IsNull(value.expression, operator == "eq"))


def _loose(operator: str, left: Typed, right: Typed) -> Condition:
    """A JSON member or a result: it is compared as what the other side is."""
    if left.kind != "any":
        return _loose(_MIRRORED[operator], right, left)
    if right.kind == "text":
        return _loose_text(operator, left, right)
    if right.kind == "any":
        as_numbers = _both(operator, as_kind(left, NUMBER), as_kind(right, NUMBER))
        return as_numbers | _both(operator, ByLetter(as_kind(left, TEXT)), as_kind(right, TEXT))
    return _both(operator, as_kind(left, right.kind), right.expression)


def _loose_text(operator: str, left: Typed, right: Typed) -> Condition:
    """A quoted number is compared as a number with numbers and as text with texts."""
    found = _both(operator, ByLetter(as_kind(left, TEXT)), right.expression)
    try:
        quoted = number(str(right.literal)) if right.is_literal else None
    except (ValueError, OverflowError):
        quoted = None
    return found if quoted is None else found | _both(operator, as_kind(left, NUMBER), Value(float(quoted)))


def quoted_moment(value: Typed) -> Typed:
    """A time in quotes as a time. Raises BadQuery."""
    try:
        return of_moment(moment(str(value.literal)), value.at)
    except (ValueError, OverflowError):
        raise BadQuery(f"“{str(value.literal)[:40]}” is no time. Write 2026-11-22T14:00:00Z.", at=value.at) from None


def _alike(value: Typed, other: Typed) -> Typed:
    """A literal in the kind of what it is compared with: a quoted time, a date where a moment is meant."""
    if other.kind == "moment" and isinstance(value.literal, str):
        return quoted_moment(value)
    if other.kind == "moment" and value.kind == "date" and isinstance(value.literal, date):
        return of_moment(datetime.combine(value.literal, time(), UTC), value.at)
    if other.kind == "number" and isinstance(value.literal, str):
        try:
            return Typed("number", Value(number(value.literal)), value.at, literal=value.literal)
        except (ValueError, OverflowError):
            raise BadQuery(f"“{value.literal[:40]}” is no number.", at=value.at) from None
    return value


def _in_time(operator: str, left: Typed, right: Typed) -> Condition:
    """Moments and spans: a span is later than another when it begins after the other has ended."""
    if operator in ("eq", "ne"):
        same = Q(Exact(left.expression, right.expression)) & Q(Exact(left.end, right.end))
        return same if operator == "eq" else ~same
    if operator == "gt":
        return Q(GreaterThan(left.expression, right.end))
    if operator == "ge":
        return Q(GreaterThanOrEqual(left.expression, right.expression))
    bound = right.expression if operator == "lt" else right.end
    lookup = _LOOKUPS[operator]
    # The beginning is compared as well: it has an index, its end has none.
    found = Q(lookup(left.expression, bound))
    return found if left.until is None else found & Q(lookup(left.end, bound))


def happens(relation: str, left: Typed, right: Typed) -> Condition:
    """Relations of times after Allen: before, after, meets, during, overlaps, starts, finishes."""
    left, right = _alike(left, right), _alike(right, left)
    for each in (left, right):
        if each.kind != "moment":
            raise BadQuery(f"{relation} needs two times; there is {words(each)}.", at=each.at)
    begin, end, other_begin, other_end = left.expression, left.end, right.expression, right.end
    conditions: dict[str, Callable[[], Condition]] = {
        "before": lambda: Q(LessThan(end, other_begin)),
        "after": lambda: Q(GreaterThan(begin, other_end)),
        "meets": lambda: Q(Exact(end, other_begin)) | Q(Exact(begin, other_end)),
        "during": lambda: Q(GreaterThanOrEqual(begin, other_begin)) & Q(LessThanOrEqual(end, other_end)),
        "overlaps": lambda: Q(LessThanOrEqual(begin, other_end)) & Q(GreaterThanOrEqual(end, other_begin)),
        "starts": lambda: Q(Exact(begin, other_begin)),
        "finishes": lambda: Q(Exact(end, other_end)),
    }
    return conditions[relation]()


def sorting(value: Typed) -> list[tuple[str, Any]]:
    """What a list is ordered by, with kinds: of a value of any kind first its numbers. Raises BadQuery."""
    if value.kind == "any" and value.part is not None:
        return [(NUMBER, value.part(NUMBER)), (TEXT, ByLetter(value.part(TEXT)))]
    if value.kind in ("geo", "null", "duration") or value.expression is None or value.is_literal:
        raise BadQuery(f"A list cannot be ordered by {words(value)}; name a property.", at=value.at)
    return [(value.kind, ByLetter(value.expression) if value.kind == TEXT else value.expression)]
