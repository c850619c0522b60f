"""Readings as a CSV file: history that a box kept itself, or an export of another platform.

First line: ``time`` and one column per property (``pm2_5``, ``cars``, also the names that airrohr and Telraam use), a
unit in brackets where it is another than ours (``pressure [Pa]``); or ``time,property,value`` with one value per line.
Comma or semicolon; with semicolons a decimal comma is understood. Times are ISO 8601; a time without a zone needs the
file's zone to be said, and an hour that the clocks repeat in autumn is told apart by its order.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import islice, repeat

from django.utils.translation import gettext_lazy as _

from engagement import units
from sensors import phenomena
from sensors.decoding import Decoded, Kind, Reading, Unreadable
from sensors.kinds import airrohr, telraam
from sensors.phenomena import ObservedProperty
from sensors.quality import Flag
from sensors.refusals import Refusal
from sensors.times import BadTime, microseconds

CHUNK = 5_000  # readings handed on together
TIME_COLUMNS = ("time", "phenomenon_time", "timestamp", "date", "createdat")
UNIT = re.compile(r"^(?P<name>[^\[(]+?)\s*[\[(](?P<unit>[^\])]+)[\])]$")
# "2022-10-30 02:00:00 CET": such letters name a zone, but both of the doubled hours may carry the same ones.
ZONE_LETTERS = re.compile(r"\s+[A-Z]{2,5}$")
COUNTS = frozenset({known.code for known in telraam.NAMES.values()} - {phenomena.UPTIME.code})

NAMES: dict[str, ObservedProperty] = {
    **{name.lower(): phenomena.CATALOGUE[code] for name, code in airrohr.NAMES.items()},
    **telraam.NAMES,
    **phenomena.CATALOGUE,
}
# airrohr's own names come with its own unit.
OTHER_UNITS = {
    name.lower(): "Pa"
    for name, code in airrohr.NAMES.items()
    if code == phenomena.PRESSURE.code and name != phenomena.PRESSURE.code
}


@dataclass(frozen=True)
class Column:
    """One column of values, and how a number in it becomes one in our unit."""

    index: int
    measures: ObservedProperty
    unit: str

    def value(self, written: str) -> float | None:
        found = airrohr.number(written)
        if found is None or self.unit == self.measures.unit:
            return found
        return units.convert(found, self.unit, self.measures.unit)


class Clock:
    """Turns the times of one file into moments, in the order of its lines."""

    def __init__(self, zone: tzinfo | None) -> None:
        self.zone = zone
        self.before_us = 0

    def read(self, written: str) -> int:
        """Raises BadTime. Of an hour that happens twice the second is meant once the first has been read."""
        if self.zone is None:
            return microseconds(written)
        plain = ZONE_LETTERS.sub("", written.strip())
        us = microseconds(plain, self.zone)
        if us <= self.before_us:
            us = max(us, self._second_time(plain, us))
        self.before_us = us
        return us

    def _second_time(self, plain: str, us: int) -> int:
        moment = datetime.fromisoformat(plain)
        if moment.tzinfo is not None:
            return us
        return microseconds(moment.replace(tzinfo=self.zone, fold=1).isoformat())


def decode(body: bytes) -> Decoded:
    """A whole file at once. Raises Unreadable."""
    whole = Decoded()
    for part in read(text(body).splitlines()):
        whole.readings += part.readings
        whole.refused += part.refused
    return whole


def text(body: bytes) -> str:
    """UTF-8 with or without a byte order mark, else the Windows code page that spreadsheets write."""
    try:
        return body.decode("utf-8-sig")
    except UnicodeDecodeError:
        return body.decode("cp1252", errors="replace")


def read(lines: Iterable[str], zone: tzinfo | None = None) -> Iterator[Decoded]:
    """The readings of a file in parts of about 5,000, by columns within a part.

    Raises:
        Unreadable: there is no header that names a time and a property.
    """
    remaining = (line for line in lines if not line.startswith("#"))  # our own exports begin with their licence
    header = next(remaining, "")
    semicolons = header.count(";") > header.count(",")
    reader = csv.reader(remaining, delimiter=";" if semicolons else ",")
    names = next(csv.reader([header], delimiter=";" if semicolons else ","), [])
    head = Decoded()
    take = _row_reader([name.strip() for name in names], head, Clock(zone), semicolons)
    lines_of_part = max(CHUNK // max(len(names) - 1, 1), 1)
    numbered = ((row, cells) for row, cells in enumerate(reader, start=2) if cells)
    while block := list(islice(numbered, lines_of_part)):
        part, head = head, Decoded()
        take(part, block)
        yield part
    if head.refused:
        yield head


Block = list[tuple[int, list[str]]]
BlockReader = Callable[[Decoded, Block], None]


def _row_reader(names: list[str], part: Decoded, clock: Clock, semicolons: bool) -> BlockReader:
    lower = [name.lower() for name in names]
    at = next((lower.index(name) for name in TIME_COLUMNS if name in lower), None)
    if at is None:
        raise Unreadable(Refusal("unreadable", {"problem": "the first line has no column called time"}))
    if {"property", "value"} <= set(lower):
        return _long(at, lower.index("property"), lower.index("value"), clock, semicolons)
    columns = [column for index, name in enumerate(names) if index != at and (column := _column(index, name))]
    if not columns:
        raise Unreadable(Refusal("unreadable", {"problem": "the first line names no property that we know"}))
    known = {column.index for column in columns}
    part.refused += [
        Refusal("unknown-value", {"name": name[:40]}, 1)
        for index, name in enumerate(names)
        if index != at and index not in known
    ]
    return _wide(at, columns, clock, semicolons)


def _column(index: int, heading: str) -> Column | None:
    match = UNIT.match(heading)
    name = (match["name"] if match else heading).strip().lower()
    measures = NAMES.get(name)
    if measures is None:
        return None
    unit = _ucum(match["unit"]) if match else OTHER_UNITS.get(name, measures.unit)
    try:
        units.convert(1.0, unit, measures.unit)
    except units.BadUnit:
        return None
    return Column(index, measures, unit)


def _ucum(written: str) -> str:
    """``µg/m³`` and ``°C`` as people write them, into UCUM."""
    unit = written.strip().translate(str.maketrans("µμ³²", "uu32"))
    return "Cel" if unit in {"°C", "C"} else unit


def _wide(at: int, columns: list[Column], clock: Clock, semicolons: bool) -> BlockReader:
    uptime = next((column for column in columns if column.measures is phenomena.UPTIME), None)

    def take(part: Decoded, block: Block) -> None:
        moments = [_time(part, row, cells, at, clock) for row, cells in block]
        gates = [_uptime_flag(uptime, cells, semicolons) for _row, cells in block]
        for column in columns:
            cells_of = [cells[column.index] if column.index < len(cells) else "" for _row, cells in block]
            if not _take_column(part, block, moments, column, cells_of, gates):
                for (row, _cells), moment, written, gate in zip(block, moments, cells_of, gates, strict=True):
                    if written and moment is not None:
                        _take_value(part, row, moment, column, _plain(written, semicolons), gate)

    return take


def _take_column(
    part: Decoded, block: Block, moments: list[int | None], column: Column, written: list[str], gates: list[int]
) -> bool:
    """A whole column of plain numbers at once; False, and nothing taken, where any line needs a closer look."""
    if column.unit != column.measures.unit or None in moments:
        return False
    try:
        values = list(map(float, written))
    except ValueError:
        return False
    if not all(map(math.isfinite, values)):
        return False
    flags = gates if column.measures.code in COUNTS else repeat(0)
    rows = [row for row, _cells in block]
    part.readings += map(Reading._make, zip(repeat(column.measures.code), moments, values, flags, rows))
    return True


def _long(at: int, of_property: int, of_value: int, clock: Clock, semicolons: bool) -> BlockReader:
    def take_line(part: Decoded, row: int, cells: list[str]) -> None:
        time_us = _time(part, row, cells, at, clock)
        if time_us is None:
            return
        name = cells[of_property] if of_property < len(cells) else ""
        column = _column(of_value, name)
        if column is None:
            part.refused.append(Refusal("unknown-value", {"name": name[:40]}, row))
        else:
            written = cells[of_value] if of_value < len(cells) else ""
            _take_value(part, row, time_us, column, _plain(written, semicolons), 0)

    def take(part: Decoded, block: Block) -> None:
        for row, cells in block:
            take_line(part, row, cells)

    return take


def _plain(written: str, semicolons: bool) -> str:
    return written.replace(",", ".") if semicolons else written


def _time(part: Decoded, row: int, cells: list[str], at: int, clock: Clock) -> int | None:
    try:
        return clock.read(cells[at] if at < len(cells) else "")
    except BadTime as bad:
        part.refused.append(Refusal(bad.code, {"value": bad.written}, row))
        return None


def _uptime_flag(uptime: Column | None, cells: list[str], semicolons: bool) -> int:
    if uptime is None or uptime.index >= len(cells):
        return 0
    share = uptime.value(_plain(cells[uptime.index], semicolons))
    return int(Flag.UPTIME) if share is not None and share < telraam.HALF_OF_THE_HOUR else 0


def _take_value(part: Decoded, row: int, time_us: int, column: Column, written: str, gate: int) -> None:
    value = column.value(written)
    code = column.measures.code
    if value is None:
        part.refused.append(Refusal("no-number", {"name": code, "value": written[:40]}, row))
    else:
        part.readings.append(Reading(code, time_us, value, gate if code in COUNTS else 0, row))


KIND = Kind(
    name="csv",
    label=_("CSV file"),
    properties=tuple(phenomena.CATALOGUE.values()),
    decode=decode,
    sample=(
        b"time,pm10,pm2_5,temperature,humidity\n"
        b"2026-11-20T07:00:00Z,14.2,8.1,3.4,88\n"
        b"2026-11-20T08:00:00Z,21.9,11.6,3.9,86\n"
    ),
    max_bytes=256 * 1024,
    keeps_wrong_clocks=False,
)
