"""Literals of the query language into values: times, intervals, durations, geometries, numbers. Pure but for GEOS."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import GEOSException, GEOSGeometry
from django.utils.dateparse import parse_duration

from engagement.geo import WGS84
from sensors.sensorthings.lexing import Token
from sensors.sensorthings.problems import BadQuery
from sensors.sensorthings.syntax import Literal

LARGEST = 2**63 - 1  # whole numbers of both databases
_SRID = re.compile(r"^\s*SRID\s*=\s*4326\s*;", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Interval:
    """From one moment to another; both belong to it."""

    since: datetime
    until: datetime


def literal(token: Token) -> Literal:
    """The value of a literal's word. Raises BadQuery when it is none, as the 30th of February."""
    try:
        return Literal(token.kind, _READERS[token.kind](token.text), token.at)
    except (ValueError, OverflowError, GEOSException, GDALException) as error:
        raise BadQuery(f"“{token.text[:60]}” is no {_NAMES[token.kind]}: {str(error)[:120]}.", at=token.at) from None


def moment(written: str) -> datetime:
    """ISO 8601 into UTC; without a zone it counts as UTC. Raises ValueError, OverflowError."""
    text = written.strip()
    if len(text) > 10 and text[-6:-5] == " ":
        text = f"{text[:-6]}+{text[-5:]}"
    found = datetime.fromisoformat(_whole_microseconds(text))
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def interval(written: str) -> Interval:
    """``begin/end``. Raises ValueError."""
    since, slash, until = written.partition("/")
    if not slash:
        raise ValueError("an interval is written begin/end")
    found = Interval(moment(since), moment(until))
    if found.until < found.since:
        raise ValueError("it ends before it begins")
    return found


def number(written: str) -> int | float:
    text = written.replace(" ", "+")
    if re.fullmatch(r"-?\d+", text) and abs(int(text)) <= LARGEST:
        return int(text)
    found = float(text)
    if not math.isfinite(found):
        raise ValueError("it is too large")
    return found


def duration(written: str) -> timedelta:
    """ISO 8601, as ``P1DT2H``. Raises ValueError."""
    found = parse_duration(written)
    if found is None or abs(found) > timedelta(days=36_525):
        raise ValueError("write it like duration'PT1H', at most a hundred years")
    return found


def geometry(wkt: str) -> GEOSGeometry:
    """Well-known text in degrees. Raises ValueError, GEOSException."""
    found = GEOSGeometry(_SRID.sub("", wkt), srid=WGS84)
    if found.srid != WGS84 or found.empty or not all(math.isfinite(edge) for edge in found.extent):
        raise ValueError("write degrees as POINT (24.95 60.17)")
    if found.hasz or not found.valid:
        raise ValueError("it has heights or crosses itself")
    return found


def _whole_microseconds(text: str) -> str:
    return re.sub(r"(\.\d{6})\d+", r"\1", text)


def _quoted(text: str) -> str:
    return text[text.index("'") + 1 : -1]


def _unquoted(text: str) -> str:
    found = text[1:-1].replace("''", "'")
    if "\x00" in found:
        raise ValueError("it holds a character that no text has")
    return found


def _date(text: str) -> date:
    return date.fromisoformat(text)


def _clock(text: str) -> time:
    return time.fromisoformat(_whole_microseconds(text))


_READERS: dict[str, Callable[[str], object]] = {
    "number": number,
    "text": _unquoted,
    "moment": moment,
    "interval": interval,
    "date": _date,
    "clock": _clock,
    "duration": lambda text: duration(_quoted(text)),
    "geo": lambda text: geometry(_quoted(text)),
}
_NAMES = {
    "number": "number",
    "text": "text",
    "moment": "time",
    "interval": "interval",
    "date": "date",
    "clock": "time of day",
    "duration": "duration",
    "geo": "geometry",
}
