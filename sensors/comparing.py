"""What a box measures beside what its neighbours measure, hour by hour. Sets and clears one mark, never a value."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from django.db import transaction
from django.db.models import F

from engagement.geo import distance_m
from sensors import quality, times
from sensors.checking import renew_latest
from sensors.models import Datastream, Observation, Rollup, Site
from sensors.phenomena import ObservedProperty
from sensors.quality import HOUR_US, Flag, Values
from sensors.rollups import Touch

PART = 500
REACH_M = 5_000.0  # between the places that are shown: hidden sites are compared with nobody


def compare(touched: Iterable[Touch]) -> int:
    """Renew the marks of all boxes around those whose figures changed. Returns how many readings changed."""
    hours: dict[int, set[int]] = {}
    for stream, hour in touched:
        hours.setdefault(stream, set()).add(hour)
    groups: dict[tuple[int, str], set[int]] = {}
    for series in Datastream.objects.filter(pk__in=hours, kind=Datastream.Kind.RAW).select_related("site"):
        if series.site is not None and series.measures.neighbour_ratio is not None:
            groups.setdefault((series.site.campaign_id, series.observed_property), set()).update(hours[series.pk])
    return sum(_compare_group(*group, sorted(of)) for group, of in groups.items())


def _compare_group(campaign: int, code: str, hours: list[int]) -> int:
    everyone = Datastream.objects.filter(
        site__campaign=campaign, observed_property=code, kind=Datastream.Kind.RAW, site__public_point__isnull=False
    )
    series = list(everyone.select_related("site").order_by("pk"))
    if len(series) <= quality.FEWEST_NEIGHBOURS:
        return 0
    medians = _medians(series, hours)
    measured = series[0].measures
    return sum(
        _mark(stream, hours, _far(medians, index, _near(series, index), measured))
        for index, stream in enumerate(series)
    )


def _medians(series: list[Datastream], hours: list[int]) -> Values:
    """The median of each hour and series, shape ``(hours, series)``; NaN where there is none."""
    row = {hour: index for index, hour in enumerate(hours)}
    column = {stream.pk: index for index, stream in enumerate(series)}
    medians = np.full((len(hours), len(series)), np.nan)
    known = Rollup.objects.filter(
        datastream__in=column,
        period=Rollup.Period.HOUR,
        start__range=(times.moment(hours[0] * HOUR_US), times.moment(hours[-1] * HOUR_US)),
        p50__isnull=False,
    ).values_list("datastream_id", "start", "p50")
    for stream, start, median in known.iterator(chunk_size=5_000):
        if (at := row.get(times.of(start) // HOUR_US)) is not None:
            medians[at, column[stream]] = median
    return medians


def _near(series: list[Datastream], index: int) -> list[int]:
    own = _site(series[index]).public_point
    assert own is not None
    places = [_site(stream).public_point for stream in series]
    return [
        other
        for other, place in enumerate(places)
        if other != index and place is not None and distance_m(own.x, own.y, place) <= REACH_M
    ]


def _site(stream: Datastream) -> Site:
    assert stream.site is not None
    return stream.site


def _far(medians: Values, index: int, near: list[int], measured: ObservedProperty) -> quality.Mask:
    ratio, least = measured.neighbour_ratio or np.inf, measured.neighbour_least
    return quality.neighbour_mask(medians[:, index], medians[:, near], ratio=ratio, least=least)


@transaction.atomic
def _mark(stream: Datastream, hours: list[int], far: quality.Mask) -> int:
    """Set the mark in the hours that are far off, take it back in the others."""
    bit, wanted = int(Flag.NEIGHBOUR), {hour for hour, is_far in zip(hours, far.tolist(), strict=True) if is_far}
    first, last = times.moment(hours[0] * HOUR_US), times.moment((hours[-1] + 1) * HOUR_US)
    within = Observation.objects.filter(datastream=stream, phenomenon_time__gte=first, phenomenon_time__lt=last)
    rows = within.annotate(mark=F("flags").bitand(bit)).values_list("pk", "phenomenon_time", "mark")
    rows = rows if wanted else rows.filter(mark=bit)
    looked_at = set(hours)
    wrong = [
        (pk, bool(mark))
        for pk, moment, mark in rows.iterator(chunk_size=5_000)
        if (hour := times.of(moment) // HOUR_US) in looked_at and bool(mark) != (hour in wanted)
    ]
    for start in range(0, len(wrong), PART):
        for is_marked, change in ((True, F("flags") - bit), (False, F("flags") + bit)):
            same = [pk for pk, mark in wrong[start : start + PART] if mark is is_marked]
            Observation.objects.filter(pk__in=same).update(flags=change)
    if wrong:
        renew_latest(stream.pk)
    return len(wrong)
