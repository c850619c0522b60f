"""What a client asked of the items of a collection: page, box, time, properties."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

import numpy as np
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.problems import Refused
from scenarios.library.arrays import Bools
from scenarios.ogc.tables import FeatureRows

DEFAULT_LIMIT: Final = 1000
MOST: Final = 10_000
KNOWN: Final = ("limit", "offset", "bbox", "bbox-crs", "crs", "datetime", "f")
CRS84: Final = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"


class BadQuery(Refused):
    status = 400
    code = "bad-query"
    title = gettext_lazy("This question about features cannot be answered.")


@dataclass(frozen=True)
class Query:
    """A checked question."""

    limit: int
    offset: int
    bbox: tuple[float, float, float, float] | None
    interval: tuple[datetime | None, datetime | None] | None
    equal: dict[str, str]

    def rows(self, table: FeatureRows) -> list[int]:
        """Rows that match, in their order. Raises BadQuery for a property that the collection does not have."""
        kept = np.ones(len(table), dtype=np.bool_)
        for name, wanted in self.equal.items():
            if name not in table.properties:
                known = ", ".join(table.properties)
                raise BadQuery(
                    _("There is no “%(name)s” to ask for. There are: %(known)s.") % {"name": name, "known": known}
                )
            kept &= np.array([_same(value, wanted) for value in table.properties[name]], dtype=np.bool_)
        if self.bbox is not None:
            kept &= table.touching(*self.bbox)
        if self.interval is not None and table.moments is not None:
            kept &= _within(table, self.interval)
        return np.flatnonzero(kept).tolist()


def asked(parameters: QueryDict) -> Query:
    """Read the parameters of a request.

    Raises:
        BadQuery: naming the parameter and what may be written.
    """
    given = {name: str(value) for name, value in parameters.items()}
    for name in ("crs", "bbox-crs"):
        if given.get(name, CRS84) != CRS84:
            raise BadQuery(_("Only %(crs)s is served.") % {"crs": CRS84})
    return Query(
        limit=min(_whole(given, "limit", DEFAULT_LIMIT, 1), MOST),
        offset=_whole(given, "offset", 0, 0),
        bbox=_bbox(given["bbox"]) if "bbox" in given else None,
        interval=_interval(given["datetime"]) if "datetime" in given else None,
        equal={name: given[name] for name in given if name not in KNOWN},
    )


def _same(value: object, wanted: str) -> bool:
    if isinstance(value, bool) or value is None:
        return str(value).lower() == wanted.lower()
    if isinstance(value, int | float):
        try:
            return float(wanted) == float(value)
        except ValueError:
            return False
    return value == wanted


def _whole(given: Mapping[str, str], name: str, default: int, least: int) -> int:
    text = given.get(name, str(default))
    if not text.isdecimal() or len(text) > 12 or int(text) < least:
        raise BadQuery(_("“%(name)s” is a whole number from %(least)d on.") % {"name": name, "least": least})
    return int(text)


def _bbox(text: str) -> tuple[float, float, float, float]:
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = []
    if len(values) == 6:  # heights say nothing here
        values = [*values[0:2], *values[3:5]]
    if len(values) != 4 or not np.isfinite(values).all() or values[0] > values[2] or values[1] > values[3]:
        raise BadQuery(_("“bbox” is west,south,east,north in degrees, for example 24.93,60.16,24.96,60.18."))
    return values[0], values[1], values[2], values[3]


def _interval(text: str) -> tuple[datetime | None, datetime | None]:
    begin, slash, end = text.partition("/")
    if not slash:
        return _moment(begin, time.min), _moment(begin, time.max)
    interval = _moment(begin, time.min), _moment(end, time.max)
    if interval[0] and interval[1] and interval[0] > interval[1]:
        raise BadQuery(_("“datetime” ends before it begins."))
    return interval


def _moment(text: str, of_day: time) -> datetime | None:
    if text in {"", ".."}:
        return None
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), of_day, tzinfo=UTC)
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise BadQuery(
            _("“datetime” is a date or a time such as 2026-11-22, or two of them with a slash between.")
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _within(table: FeatureRows, interval: tuple[datetime | None, datetime | None]) -> Bools:
    """Features without a time match any, as the standard says."""
    begin, end = interval
    kept = []
    for moment in table.moments or []:
        if moment is None:
            kept.append(True)
            continue
        first = moment if isinstance(moment, datetime) else datetime.combine(moment, time.min, tzinfo=UTC)
        last = moment if isinstance(moment, datetime) else datetime.combine(moment, time.max, tzinfo=UTC)
        kept.append((end is None or first <= end) and (begin is None or last >= begin))
    return np.array(kept, dtype=np.bool_)
