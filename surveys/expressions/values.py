"""What an expression can be worth, and how one kind of value becomes another.

XPath 1.0 knows lists of nodes, numbers, texts and truth. OpenRosa adds moments: a date counts in days since
1970-01-01, so that ``today() - 7`` works, and a text that is written as a date counts likewise.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import TypeAlias

from surveys.expressions.errors import EvaluationError
from surveys.expressions.tree import Node

EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
SECONDS_PER_DAY = 86_400

NUMBER = re.compile(r"\s*-?(\d+(\.\d*)?|\.\d+)\s*", re.ASCII)
MOMENT = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A date, or with ``has_time`` a date and time in the zone of the person who answers."""

    when: datetime
    has_time: bool = False

    @property
    def days(self) -> float:
        """Days since 1970-01-01 on the wall calendar; whole for a date."""
        days = float(self.when.toordinal() - EPOCH_ORDINAL)
        return days + self.time_of_day if self.has_time else days

    @property
    def time_of_day(self) -> float:
        """The part of the day that is over, 0 to 1, by the wall clock."""
        midnight = self.when.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
        return (self.when.replace(tzinfo=None) - midnight) / timedelta(days=1)

    @property
    def utc_days(self) -> float:
        """Days since 1970-01-01T00:00Z, of the moment itself."""
        return self.when.timestamp() / SECONDS_PER_DAY

    def __str__(self) -> str:
        return self.when.isoformat(timespec="milliseconds") if self.has_time else self.when.date().isoformat()


Value: TypeAlias = str | float | bool | Moment | list[Node]


def moment(text: str, zone: tzinfo) -> Moment | None:
    """The moment that a text names in ISO 8601 (a month or day may lack its leading zero), or ``None``."""
    match = MOMENT.fullmatch(text.strip())
    if match is None:
        return None
    try:
        day = date(int(match[1]), int(match[2]), int(match[3]))
        if match[4] is None:
            return Moment(datetime.combine(day, time(), zone))
        seconds, micro = int(match[6] or 0), 1000 * int((match[7] or "").ljust(3, "0"))
        wall = datetime.combine(day, time(int(match[4]), int(match[5]), seconds, micro), _offset(match[8], zone))
        return Moment(wall.astimezone(zone), has_time=True)
    except (ValueError, OverflowError):
        return None


def _offset(written: str | None, zone: tzinfo) -> tzinfo:
    if written is None:
        return zone
    text = "+00:00" if written == "Z" else written if len(written) > 3 else f"{written}:00"
    found = datetime.fromisoformat(f"2000-01-01T00:00:00{text}").tzinfo
    assert found is not None
    return found


def moment_of_days(days: float, zone: tzinfo, *, has_time: bool = False) -> Moment | None:
    """The date, or the wall-clock moment, ``days`` after 1970-01-01; ``None`` beyond the calendar."""
    if not math.isfinite(days):
        return None
    whole = math.floor(days) if has_time else math.trunc(days)
    try:
        start = datetime.combine(date.fromordinal(whole + EPOCH_ORDINAL), time(), zone)
    except (ValueError, OverflowError):
        return None
    if not has_time:
        return Moment(start)
    return Moment(start + timedelta(milliseconds=round((days - whole) * SECONDS_PER_DAY * 1000)), has_time=True)


def to_text(value: Value) -> str:
    """XPath's ``string()``. A number is written without an exponent, a list by its first node."""
    if isinstance(value, list):
        return value[0].value if value else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return number_text(value) if isinstance(value, (float, int)) else str(value)


def number_text(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    if value == int(value):
        return str(int(value))
    return format(Decimal(repr(value)), "f")


def to_number(value: Value, zone: tzinfo) -> float:
    """XPath's ``number()``, with moments and texts written as moments in days since 1970-01-01."""
    if isinstance(value, (float, int)):
        return float(value)
    if isinstance(value, Moment):
        return value.days
    text = to_text(value)
    if NUMBER.fullmatch(text):
        return float(text)
    named = moment(text, zone)
    return named.days if named else math.nan


def to_boolean(value: Value) -> bool:
    """XPath's ``boolean()``; as in JavaRosa a list is true when something in it is answered."""
    if isinstance(value, list):
        return any(node.value for node in value)
    if isinstance(value, bool):
        return value
    if isinstance(value, (float, int)):
        return value != 0 and not math.isnan(value)
    return value != "" if isinstance(value, str) else True


def to_nodes(value: Value, function: str) -> list[Node]:
    if not isinstance(value, list):
        raise EvaluationError(f"{function}() needs questions, not a single value")
    return value
