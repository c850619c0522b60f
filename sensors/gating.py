"""What of a decoded push may be stored: limits of the observed property, and a clock that can be believed. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import NamedTuple

from sensors import times
from sensors.decoding import Kind, Reading
from sensors.phenomena import ObservedProperty
from sensors.quality import Flag
from sensors.refusals import Refusal

OLDEST = timedelta(days=400)
NEWEST = timedelta(days=1)
_OLDEST_US, _NEWEST_US = OLDEST // timedelta(microseconds=1), NEWEST // timedelta(microseconds=1)


class Row(NamedTuple):
    """One value on its way into a datastream. ``line``: of a file, 0 elsewhere."""

    code: str
    time_us: int
    value: float
    flags: int = 0
    device_time_us: int | None = None
    line: int = 0


@dataclass
class Gated:
    """``timeless``: the rows carry the moment of arrival, because the box has no clock."""

    rows: list[Row] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    timeless: bool = False


def gate(readings: list[Reading], kind: Kind, arrived_us: int, *, any_age: bool = False) -> Gated:
    """Keep what can be true; say of the rest why not.

    Args:
        arrived_us: when the push arrived, microseconds since 1970.
        any_age: somebody said that these are old readings, so their age is no sign of a wrong clock.
    """
    gated = Gated(timeless=bool(readings) and all(reading.time_us is None for reading in readings))
    known = {measured.code: measured for measured in kind.properties}
    shift_us = _clock_shift(readings, arrived_us) if kind.keeps_wrong_clocks else 0
    oldest_us = 0 if any_age else arrived_us - _OLDEST_US
    if not shift_us and _all_plain(readings, known, oldest_us, arrived_us + _NEWEST_US):
        gated.rows = [Row(code, time_us or 0, value, flags, None, row) for code, time_us, value, flags, row in readings]
        return gated
    for reading in readings:
        flags = _judge(reading, known, gated)
        if flags is not None:
            _place(reading, flags, arrived_us, shift_us, gated, oldest_us)
    if shift_us:
        stated = max(reading.time_us for reading in readings if reading.time_us is not None)
        gated.refused.append(Refusal("wrong-clock", {"time": times.iso(stated)}))
    return gated


def _all_plain(readings: list[Reading], known: Mapping[str, ObservedProperty], oldest_us: int, newest_us: int) -> bool:
    """Whether nothing needs a closer look: every value plausible, every time believable."""
    by_code: dict[str, list[float]] = {}
    for code, time_us, value, _flags, _row in readings:
        if time_us is None or not oldest_us <= time_us <= newest_us:
            return False
        by_code.setdefault(code, []).append(value)
    return all(
        code in known and known[code].plausible[0] <= min(values) and max(values) <= known[code].plausible[1]
        for code, values in by_code.items()
    )


def _believable(time_us: int, arrived_us: int, oldest_us: int) -> bool:
    return oldest_us <= time_us <= arrived_us + _NEWEST_US


def _clock_shift(readings: list[Reading], arrived_us: int) -> int:
    """How far to move the times of a push whose newest reading cannot be true, so that it ends now."""
    stated = [reading.time_us for reading in readings if reading.time_us is not None]
    if not stated or _believable(max(stated), arrived_us, arrived_us - _OLDEST_US):
        return 0
    return arrived_us - max(stated)


def _judge(reading: Reading, known: Mapping[str, ObservedProperty], gated: Gated) -> int | None:
    """The reading's flags; None when it is refused."""
    measured = known.get(reading.code)
    if measured is None:
        gated.refused.append(Refusal("unknown-value", {"name": reading.code}, reading.row))
        return None
    low, high = measured.possible
    if not low <= reading.value <= high:
        facts = {
            "name": measured.code,
            "value": f"{reading.value:.6g}",
            "unit": measured.symbol,
            "low": f"{low:g}",
            "high": f"{high:g}",
        }
        gated.refused.append(Refusal("impossible", facts, reading.row))
        return None
    low, high = measured.plausible
    return reading.flags if low <= reading.value <= high else reading.flags | Flag.RANGE


def _place(reading: Reading, flags: int, arrived_us: int, shift_us: int, gated: Gated, oldest_us: int) -> None:
    """Give the reading its moment."""
    stated = reading.time_us
    if stated is None:
        gated.rows.append(Row(reading.code, arrived_us, reading.value, int(flags), None, reading.row))
        return
    if shift_us:
        moved = stated + shift_us
        gated.rows.append(Row(reading.code, moved, reading.value, int(flags | Flag.CLOCK), stated, reading.row))
    elif _believable(stated, arrived_us, oldest_us):
        gated.rows.append(Row(reading.code, stated, reading.value, int(flags), None, reading.row))
    else:
        code = "too-old" if stated < arrived_us else "in-the-future"
        gated.refused.append(Refusal(code, {"time": times.iso(stated), "days": str(OLDEST.days)}, reading.row))
