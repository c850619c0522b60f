"""What pages show of sites: newest values in words, silence, doubts; the table behind a chart."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from engagement import places
from sensors import charts, current, decoding, presets, quality, times
from sensors.hourly import Hours, hourly
from sensors.models import Datastream, Latest, Site
from sensors.observation_table import read
from sensors.placing import CELL_M

KEPT_S = 3600
MAIN_VALUES = 4
CHART_SPAN = timedelta(weeks=3)


@dataclass(frozen=True)
class Value:
    """The newest reading of one series."""

    code: str
    label: str
    text: str
    time: datetime
    doubts: list[str]
    flags: int = 0


@dataclass
class Shown:
    """A site as lists show it."""

    site: Site
    where: str
    values: list[Value] = field(default_factory=list)
    last: datetime | None = None
    silent_since: datetime | None = None

    @property
    def main_values(self) -> list[Value]:
        """What a list has room for."""
        return self.values[:MAIN_VALUES]

    @property
    def doubts(self) -> list[tuple[str, str]]:
        """What was noticed about the newest values, each once, with the names of the series that it is about."""
        about: dict[str, list[str]] = {}
        for value in self.values:
            for doubt in value.doubts:
                about.setdefault(doubt, []).append(value.label)
        return [(doubt, ", ".join(labels)) for doubt, labels in about.items()]

    @property
    def label(self) -> str:
        return str(presets.get(self.site.preset).label)

    @property
    def is_stuck(self) -> bool:
        stuck = str(quality.REASONS[quality.Flag.STUCK])
        return any(stuck in value.doubts for value in self.values)


def shown(sites: Sequence[Site]) -> list[Shown]:
    """Sites with their newest values, two queries for all of them. ``campaign__project`` should be selected."""
    by_site: dict[int | None, list[Latest]] = {}
    for latest in current.newest(site.pk for site in sites):
        by_site.setdefault(latest.datastream.site_id, []).append(latest)
    kinds = {(site.campaign_id, site.simulated): site for site in sites}
    now = {kind: current.clock(site) for kind, site in kinds.items()}
    found = []
    for site in sites:
        newest = by_site.get(site.pk, [])
        last = max((latest.phenomenon_time for latest in newest), default=None)
        silent = current.silent_since(site, last, now[site.campaign_id, site.simulated])
        values = [_value(latest) for latest in sorted(newest, key=lambda latest: place_of(latest.datastream))]
        found.append(Shown(site, where(site), values, last, silent))
    return found


def place_of(stream: Datastream) -> int:
    """Where a series stands among others: in the order of the catalogue, others behind."""
    codes = list(decoding.properties())
    return codes.index(stream.observed_property)


def _value(latest: Latest) -> Value:
    measured = latest.datastream.measures
    objections = quality.reasons(latest.flags)
    return Value(
        measured.code,
        str(measured.label),
        measured.write(latest.result),
        latest.phenomenon_time,
        objections,
        latest.flags,
    )


def where(site: Site) -> str:
    """The public place in words; never said more finely than it is shown."""
    if site.public_point is None:
        return _("not shown")
    if site.shown_as == Site.Shown.SEGMENT and site.segment is not None and site.segment.name:
        return site.segment.name
    lon, lat = site.public_point.x, site.public_point.y
    key = f"sensors.where.{lon}.{lat}.{get_language()}"
    words = cache.get(key)
    if words is None:
        words = places.describe(lon, lat)
        cache.set(key, words, KEPT_S)
    size = CELL_M.get(Site.Shown(site.shown_as))
    if size is None:
        return str(words)
    return _("within a square of %(size)d m, %(place)s") % {"size": size, "place": words}


@dataclass(frozen=True)
class HourRow:
    """One line of the table behind a chart; ``until`` is set where several hours without a reading are told together."""

    begins: datetime
    text: str
    notes: list[str]
    until: datetime | None = None


@dataclass(frozen=True)
class Course:
    """A series over some weeks, as picture and as table by days."""

    stream: Datastream
    hours: Hours
    picture: str
    words: str
    days: list[tuple[datetime, list[HourRow]]]


def course(stream: Datastream, until: datetime, span: timedelta = CHART_SPAN) -> Course:
    """The hours of a series before a moment."""
    hours = hours_of(stream, until - span, until)
    measured = stream.measures
    return Course(
        stream,
        hours,
        charts.draw(hours, measured, f"series-{stream.pk}"),
        charts.in_words(hours, measured) if len(hours) else "",
        _by_day(_table(hours, stream)),
    )


def hours_of(stream: Datastream, since: datetime, until: datetime) -> Hours:
    _ids, moments, values, flags = read(stream.pk, times.of(since) + 1, times.of(until))
    return hourly(moments, values, flags, stream.measures.summing)


def _table(hours: Hours, stream: Datastream) -> Iterable[HourRow]:
    """Newest first; a gap is one line."""
    measured, missing_until = stream.measures, None
    for index in range(len(hours) - 1, -1, -1):
        begins = timezone.localtime(times.moment(int(hours.begins_us[index])))
        if hours.count[index] == 0:
            missing_until = missing_until or begins + timedelta(hours=1)
            if index == 0 or hours.count[index - 1] > 0:
                yield HourRow(begins, "", [_("no readings")], missing_until)
                missing_until = None
            continue
        yield HourRow(begins, measured.write(float(hours.value[index])), quality.reasons(int(hours.flags[index])))


def _by_day(rows: Iterable[HourRow]) -> list[tuple[datetime, list[HourRow]]]:
    days: dict[datetime, list[HourRow]] = {}
    for row in rows:
        midnight = row.begins.replace(hour=0, minute=0, second=0, microsecond=0)
        days.setdefault(midnight, []).append(row)
    return list(days.items())
