"""What may go to planning: hourly figures of stretches of street and squares in which enough hosts measure.

Every site counts here, hidden ones too, at a stretch of street or a square of 500 metres that is worked out from the exact
place in memory and never stored. A figure goes out when at least three hosts stand behind it, or when every host behind it
agreed to be published alone. A host counts once, however many boxes hang at it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from sensors import placing, segments, times
from sensors.models import Campaign, Datastream, Rollup, Site
from sensors.quality import HOUR_US

FEWEST_HOSTS = 3
CELL_M = 500


@dataclass(frozen=True)
class Figure:
    """One hour of one place. ``value``: the median over hosts, in ``unit``; ``coverage``: the mean of theirs, 0 to 1.

    ``place`` is ``segment/<key>`` or ``cell/<lon>,<lat>``, the centre of a square of 500 metres.
    """

    place: str
    begins: datetime
    property: str
    unit: str
    value: float
    hosts: int
    coverage: float


@dataclass(frozen=True)
class _Measured:
    host: int
    alone_ok: bool
    value: float
    coverage: float


def hourly(campaign: Campaign, since: datetime, until: datetime) -> list[Figure]:
    """The figures of a campaign that may leave the room, by place, property and hour."""
    places = {site.pk: (place_of(site), site) for site in _sites(campaign)}
    units: dict[str, str] = {}
    behind: dict[tuple[str, str, int], list[_Measured]] = {}
    rows = Rollup.objects.filter(
        datastream__site__in=places,
        datastream__kind=Datastream.Kind.RAW,
        period=Rollup.Period.HOUR,
        start__gte=since,
        start__lt=until,
        mean__isnull=False,
    ).values_list(
        "datastream__site_id", "datastream__observed_property", "datastream__unit", "start", "mean", "coverage"
    )
    for site_id, code, unit, start, mean, coverage in rows.iterator(chunk_size=5_000):
        if site_id is None or mean is None:
            continue
        place, site = places[site_id]
        units[code] = unit
        measured = _Measured(site.owner_id or -site_id, site.alone_ok, mean, coverage)
        behind.setdefault((place, code, times.of(start) // HOUR_US), []).append(measured)
    return [
        _figure(place, code, units[code], hour, measured)
        for (place, code, hour), measured in sorted(behind.items())
        if may_leave(measured)
    ]


def _sites(campaign: Campaign) -> Iterable[Site]:
    """Sites in test mode are no part of the campaign yet, and those without a host have nobody who agreed."""
    hosted = Site.objects.filter(campaign=campaign, test_mode=False, owner__isnull=False)
    return hosted.select_related("exact_place", "segment", "campaign__project")


def place_of(site: Site) -> str:
    """Where a site counts: the stretch of street of a counter, else its square. From the exact place, kept nowhere."""
    lon, lat = placing.unseal(site.exact_place)
    if site.preset == "traffic-counter":
        stretch = segments.nearest(site.campaign.project.scene_slug, lon, lat)
        if stretch is not None:
            return f"segment/{stretch.key}"
    return "cell/{},{}".format(*placing.cell_centre(lon, lat, CELL_M))


def may_leave(measured: Iterable[_Measured]) -> bool:
    """At least three hosts, or all of them agreed to be published alone."""
    behind = list(measured)
    return len({each.host for each in behind}) >= FEWEST_HOSTS or all(each.alone_ok for each in behind)


def _figure(place: str, code: str, unit: str, hour: int, measured: list[_Measured]) -> Figure:
    by_host: dict[int, list[_Measured]] = {}
    for each in measured:
        by_host.setdefault(each.host, []).append(each)
    values = [float(np.mean([each.value for each in of])) for of in by_host.values()]
    coverage = [float(np.mean([each.coverage for each in of])) for of in by_host.values()]
    return Figure(
        place,
        times.moment(hour * HOUR_US),
        code,
        unit,
        float(np.median(values)),
        len(by_host),
        float(np.mean(coverage)),
    )
