"""The functions of ``$filter``: what each takes and gives. One table; nothing outside of it can be called."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.gis.geos import GEOSGeometry
from django.db.models import Case, DateTimeField, ExpressionWrapper, FloatField, IntegerField, Q, Value, When
from django.db.models.functions import (
    Cast,
    Ceil,
    Concat,
    ExtractDay,
    ExtractHour,
    ExtractMinute,
    ExtractMonth,
    ExtractSecond,
    ExtractYear,
    Floor,
    Length,
    Lower,
    NullIf,
    StrIndex,
    Substr,
    Trim,
    TruncDate,
    TruncTime,
    Upper,
)
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual
from django.utils import timezone

from sensors.sensorthings import typed
from sensors.sensorthings.problems import BadQuery
from sensors.sensorthings.sqlparts import Measure, Meets, SecondsFraction, shape
from sensors.sensorthings.typed import Typed

PATTERN = re.compile(r"[012TF*]{9}", re.IGNORECASE)


@dataclass(frozen=True)
class Function:
    """``takes``: kinds of the arguments, those behind ``least`` may be left out; ``gives`` "test" for a condition."""

    takes: tuple[str, ...]
    gives: str
    make: Callable[..., Any]
    least: int | None = None


def call(name: str, arguments: Sequence[Typed], at: int) -> Typed | Q:
    """A value or a condition. Raises BadQuery on an unknown function or arguments of a wrong number or kind."""
    function = FUNCTIONS.get(name)
    if function is None:
        raise BadQuery(f"There is no function {name[:40]}. There are: {', '.join(sorted(FUNCTIONS))}.", at=at)
    least = len(function.takes) if function.least is None else function.least
    if not least <= len(arguments) <= len(function.takes):
        raise BadQuery(f"{name} takes {_many(least, len(function.takes))}, not {len(arguments)}.", at=at)
    if name in RELATIONS:
        return typed.happens(name, *arguments)
    given = [_argument(value, kind) for value, kind in zip(arguments, function.takes, strict=False)]
    made = function.make(*given)
    return Q(made) if function.gives == "test" else Typed(function.gives, made, at)


def _many(least: int, most: int) -> str:
    number = str(most) if least == most else f"{least} to {most}"
    return f"{number} argument{'' if most == 1 else 's'}"


def _argument(value: Typed, kind: str) -> Any:
    if kind == "pattern":
        if isinstance(value.literal, str) and PATTERN.fullmatch(value.literal):
            return Value(value.literal.upper())
        raise BadQuery("The pattern of st_relate has nine letters of 0 1 2 T F *, as 'T*F**FFF*'.", at=value.at)
    if kind == "geo":
        if isinstance(value.literal, GEOSGeometry):
            return shape(value.literal)
        if value.kind == "geo":
            return value.expression
        raise BadQuery(
            f"A geometry is needed, as geography'POINT (24.9 60.2)'; there is {typed.words(value)}.", at=value.at
        )
    if kind == "moment" and isinstance(value.literal, str):
        return typed.quoted_moment(value).expression
    if kind == "whole":
        return Cast(typed.as_kind(value, "number"), IntegerField())
    return typed.as_kind(value, kind)


def arithmetic(operator: str, left: Typed, right: Typed, at: int) -> Typed:
    """add, sub, mul, div, mod of numbers; a duration may be added to a time or taken from it. Raises BadQuery."""
    if isinstance(right.literal, timedelta) and left.kind == "moment" and operator in ("add", "sub"):
        return _moved(left, right.literal if operator == "add" else -right.literal, at)
    if isinstance(left.literal, timedelta) and right.kind == "moment" and operator == "add":
        return _moved(right, left.literal, at)
    a, b = (Cast(typed.as_kind(value, "number"), FloatField()) for value in (left, right))
    return Typed("number", ExpressionWrapper(_reckoned(operator, a, b), FloatField()), at)


def _reckoned(operator: str, a: Any, b: Any) -> Any:
    if operator == "add":
        return a + b
    if operator == "sub":
        return a - b
    if operator == "mul":
        return a * b
    divisor = NullIf(b, Value(0.0))  # a division by nothing has no result, and is no error
    quotient = ExpressionWrapper(a / divisor, FloatField())
    if operator == "div":
        return quotient
    whole = Case(When(GreaterThanOrEqual(quotient, Value(0.0)), then=Floor(quotient)), default=Ceil(quotient))
    return a - ExpressionWrapper(whole * b, FloatField())


def _moved(value: Typed, by: timedelta, at: int) -> Typed:
    if isinstance(value.literal, datetime):
        try:
            return typed.of_moment(value.literal + by, at)
        except OverflowError:
            raise BadQuery("This time lies outside of the calendar.", at=at) from None
    return Typed("moment", ExpressionWrapper(value.expression + Value(by), DateTimeField()), at)


def _rounded(value: Any) -> Any:
    """To the nearest, halves away from zero, on both databases."""
    half = Value(0.5)
    up, down = Floor(ExpressionWrapper(value + half, FloatField())), Ceil(ExpressionWrapper(value - half, FloatField()))
    return Case(When(GreaterThanOrEqual(value, Value(0.0)), then=up), default=down)


def _contains(haystack: Any, needle: Any) -> Any:
    return GreaterThan(StrIndex(haystack, needle), Value(0))


def _ends_with(text: Any, end: Any) -> Any:
    start = ExpressionWrapper(Length(text) - Length(end) + Value(1), IntegerField())
    return Exact(Substr(text, start), end)


def _substring(text: Any, start: Any, length: Any = None) -> Any:
    first = ExpressionWrapper(start + Value(1), IntegerField())
    return Substr(text, first) if length is None else Substr(text, first, length)


def _test(name: str) -> Callable[..., Meets]:
    return lambda *shapes: Meets(*shapes, function=name)


def _in_utc(extract: Any) -> Callable[[Any], Any]:
    return lambda moment: extract(moment, tzinfo=UTC)


def _moment(value: datetime) -> Callable[[], Value]:
    return lambda: Value(value, DateTimeField())


_ONE_TEXT, _TWO_TEXTS, _ONE_MOMENT, _ONE_NUMBER = ("text",), ("text", "text"), ("moment",), ("number",)
_TWO_SHAPES = ("geo", "geo")
RELATIONS = frozenset({"before", "after", "meets", "during", "overlaps", "starts", "finishes"})

FUNCTIONS: dict[str, Function] = {
    "substringof": Function(_TWO_TEXTS, "test", lambda needle, text: _contains(text, needle)),
    "contains": Function(_TWO_TEXTS, "test", _contains),
    "startswith": Function(_TWO_TEXTS, "test", lambda text, begin: Exact(StrIndex(text, begin), Value(1))),
    "endswith": Function(_TWO_TEXTS, "test", _ends_with),
    "length": Function(_ONE_TEXT, "number", Length),
    "indexof": Function(
        _TWO_TEXTS, "number", lambda text, part: ExpressionWrapper(StrIndex(text, part) - Value(1), IntegerField())
    ),
    "substring": Function(("text", "whole", "whole"), "text", _substring, least=2),
    "tolower": Function(_ONE_TEXT, "text", Lower),
    "toupper": Function(_ONE_TEXT, "text", Upper),
    "trim": Function(_ONE_TEXT, "text", Trim),
    "concat": Function(_TWO_TEXTS, "text", Concat),
    "year": Function(_ONE_MOMENT, "number", _in_utc(ExtractYear)),
    "month": Function(_ONE_MOMENT, "number", _in_utc(ExtractMonth)),
    "day": Function(_ONE_MOMENT, "number", _in_utc(ExtractDay)),
    "hour": Function(_ONE_MOMENT, "number", _in_utc(ExtractHour)),
    "minute": Function(_ONE_MOMENT, "number", _in_utc(ExtractMinute)),
    "second": Function(_ONE_MOMENT, "number", _in_utc(ExtractSecond)),
    "fractionalseconds": Function(_ONE_MOMENT, "number", SecondsFraction),
    "date": Function(_ONE_MOMENT, "date", _in_utc(TruncDate)),
    "time": Function(_ONE_MOMENT, "clock", _in_utc(TruncTime)),
    # Times are kept in UTC.
    "totaloffsetminutes": Function(_ONE_MOMENT, "number", lambda _moment: Value(0)),
    "now": Function((), "moment", lambda: Value(timezone.now(), DateTimeField())),
    "mindatetime": Function((), "moment", _moment(datetime(1, 1, 1, tzinfo=UTC))),
    "maxdatetime": Function((), "moment", _moment(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))),
    "round": Function(_ONE_NUMBER, "number", _rounded),
    "floor": Function(_ONE_NUMBER, "number", Floor),
    "ceiling": Function(_ONE_NUMBER, "number", Ceil),
    "geo.distance": Function(_TWO_SHAPES, "number", lambda a, b: Measure(a, b, function="ST_Distance")),
    "geo.length": Function(("geo",), "number", lambda a: Measure(a, function="ST_Length")),
    "geo.intersects": Function(_TWO_SHAPES, "test", _test("ST_Intersects")),
    "st_equals": Function(_TWO_SHAPES, "test", _test("ST_Equals")),
    "st_disjoint": Function(_TWO_SHAPES, "test", _test("ST_Disjoint")),
    "st_touches": Function(_TWO_SHAPES, "test", _test("ST_Touches")),
    "st_within": Function(_TWO_SHAPES, "test", _test("ST_Within")),
    "st_overlaps": Function(_TWO_SHAPES, "test", _test("ST_Overlaps")),
    "st_crosses": Function(_TWO_SHAPES, "test", _test("ST_Crosses")),
    "st_intersects": Function(_TWO_SHAPES, "test", _test("ST_Intersects")),
    "st_contains": Function(_TWO_SHAPES, "test", _test("ST_Contains")),
    "st_relate": Function((*_TWO_SHAPES, "pattern"), "test", _test("ST_Relate")),
    **{name: Function(("moment", "moment"), "test", typed.happens) for name in sorted(RELATIONS)},
}
