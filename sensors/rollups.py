"""Figures of hours, days and months, kept up with the readings: only what was touched is made anew.

Writers note the hours that they write to (:func:`touch`) in the transaction that stores the readings; :func:`renew` makes
the figures of these hours and of the days and months around them, and strikes the notes out in the same transaction. A
killed process leaves the notes, never a wrong figure. Making everything anew (:func:`make_all`) gives the same rows.

A day and a month are made of their hours, each hour counting the same: an hour that is left out (a counter that ran for
less than half of it) leaves the daily figures, and ``coverage`` says so.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np
from django.db import connection, transaction
from django.utils import timezone

from sensors import presets, times
from sensors.models import Datastream, Observation, Rollup, TouchedHour
from sensors.observation_table import read
from sensors.phenomena import Summing
from sensors.presets import FILE_ONLY
from sensors.quality import HOUR_US, OBJECTIONS
from sensors.summarising import summarise

PART = 2_000  # hours of one transaction: a writer waits no longer than these take
MARKS = 300
HOUR_S = 3600
Period = Rollup.Period
Figures = tuple[float, ...]


class Touch(NamedTuple):
    stream: int
    hour: int


def touch(touched: Iterable[Touch]) -> None:
    """Note hours whose readings changed. Must run in the transaction that changes them."""
    ordered = sorted(set(touched))  # one order for all writers: no deadlocks
    with connection.cursor() as cursor:
        for start in range(0, len(ordered), MARKS):
            part = ordered[start : start + MARKS]
            # Counting up takes the row's lock, so a note can never be struck out by a renewal that saw older readings.
            cursor.execute(
                "INSERT INTO sensors_touchedhour (datastream_id, hour, times) VALUES "  # noqa: S608 (only marks)
                + ", ".join(["(%s, %s, 1)"] * len(part))
                + " ON CONFLICT (datastream_id, hour) DO UPDATE SET times = sensors_touchedhour.times + 1",
                [field for each in part for field in each],
            )


def touch_moments(stream: int, moments_us: Iterable[int]) -> None:
    touch(Touch(stream, us // HOUR_US) for us in moments_us)


def renew() -> list[Touch]:
    """Bring all figures up to date; returns the hours that were made anew."""
    renewed: list[Touch] = []
    while part := _renew_part():
        renewed += part
    return renewed


@transaction.atomic
def _renew_part() -> list[Touch]:
    rows = TouchedHour.objects.order_by("datastream_id", "hour").select_for_update(skip_locked=_can_skip())[:PART]
    taken = [(row.pk, Touch(row.datastream_id, row.hour)) for row in rows]
    by_stream: dict[int, list[int]] = {}
    for _pk, each in taken:
        by_stream.setdefault(each.stream, []).append(each.hour)
    for start in range(0, len(taken), MARKS):
        TouchedHour.objects.filter(pk__in=[pk for pk, _each in taken[start : start + MARKS]]).delete()
    for stream in Datastream.objects.filter(pk__in=by_stream).select_related("site"):
        make(stream, by_stream[stream.pk])
    return [each for _pk, each in taken]


def _can_skip() -> bool:
    return connection.features.has_select_for_update_skip_locked


def make_all(stream: Datastream) -> None:
    """Make every figure of a series anew from its readings alone."""
    with transaction.atomic():
        Rollup.objects.filter(datastream=stream).delete()
        TouchedHour.objects.filter(datastream=stream).delete()
        moments = Observation.objects.filter(datastream=stream).values_list("phenomenon_time", flat=True)
        hours = {times.of(moment) // HOUR_US for moment in moments.iterator(chunk_size=5_000)}
        make(stream, sorted(hours))


def make(stream: Datastream, hours: Sequence[int]) -> None:
    """The figures of these hours (since 1970, ascending) and of the days and months that hold them."""
    for run in _runs(hours):
        _make_hours(stream, run)
    days = sorted({_midnight(times.moment(hour * HOUR_US)) for hour in hours})
    for day in days:
        _make_longer(stream, Period.DAY, day, _next_midnight(day))
    for month in sorted({day.replace(day=1) for day in days}):
        _make_longer(stream, Period.MONTH, month, _next_month(month))


def _runs(hours: Sequence[int]) -> Iterator[list[int]]:
    """Hours that are read together: at most two weeks, without long holes."""
    run: list[int] = []
    for hour in hours:
        if run and (hour - run[-1] > 24 or hour - run[0] > 24 * 14):
            yield run
            run = []
        run.append(hour)
    if run:
        yield run


def _make_hours(stream: Datastream, hours: Sequence[int]) -> None:
    wanted = np.array(hours, dtype=np.int64)
    _ids, moments, values, flags = read(stream.pk, int(wanted[0]) * HOUR_US, (int(wanted[-1]) + 1) * HOUR_US - 1)
    place = np.searchsorted(wanted, moments // HOUR_US).clip(max=len(wanted) - 1)
    asked = wanted[place] == moments // HOUR_US
    figures = summarise(
        place[asked].astype(np.intp),
        values[asked],
        (flags[asked] & OBJECTIONS) == 0,
        len(hours),
        stream.measures.summing,
    ).rows()
    starts = [times.moment(hour * HOUR_US) for hour in hours]
    expected = expected_per_hour(stream)
    _keep(stream, Period.HOUR, starts, [(*row, _coverage(row, expected)) for row in figures])


def expected_per_hour(stream: Datastream) -> float | None:
    """How many readings a whole hour has; None where only the file knows, and each hour is taken as it is."""
    preset = presets.get(stream.site.preset) if stream.site else FILE_ONLY
    if preset is FILE_ONLY or (stream.site and stream.site.simulated):
        return None
    return max(HOUR_S // preset.every_s, 1)


def _coverage(row: Figures, expected: float | None) -> float:
    n, left_out = row[0], row[1]
    return min(n / (expected or max(n + left_out, 1)), 1.0)


def _make_longer(stream: Datastream, period: str, start: datetime, end: datetime) -> None:
    """A day or a month from the figures of its hours."""
    hours = list(
        Rollup.objects.filter(datastream=stream, period=Period.HOUR, start__gte=start, start__lt=end)
        .order_by("start")
        .values_list("n", "left_out", "mean", "min", "max", "coverage")
    )
    n, left_out = sum(row[0] for row in hours), sum(row[1] for row in hours)
    counted = [row for row in hours if row[2] is not None]
    means = np.array([row[2] for row in counted], dtype=np.float64)
    summing = stream.measures.summing
    figures = summarise(
        np.zeros(len(means), dtype=np.intp), means, np.ones(len(means), dtype=np.bool_), 1, summing
    ).rows()[0]
    _n, _left_out, mean, low, high, p10, p50, p90 = figures
    if counted and summing is not Summing.CIRCULAR:  # the extremes are those of the readings
        low, high = min(row[3] or 0.0 for row in counted), max(row[4] or 0.0 for row in counted)
    # In UTC: the days on which clocks change have 23 or 25 hours.
    coverage = sum(row[5] for row in hours) / ((end.astimezone(UTC) - start.astimezone(UTC)) / timedelta(hours=1))
    _keep(stream, period, [start], [(n, left_out, mean, low, high, p10, p50, p90, min(coverage, 1.0))])


def _keep(stream: Datastream, period: str, starts: Sequence[datetime], figures: Sequence[Figures]) -> None:
    """Store rows; a period without any reading has none."""
    rows, empty = [], []
    for start, (n, left_out, mean, low, high, p10, p50, p90, coverage) in zip(starts, figures, strict=True):
        if not n and not left_out:
            empty.append(start)
            continue
        numbers = (None if math.isnan(number) else number for number in (mean, low, high, p10, p50, p90))
        fields = dict(zip(FIGURES, (int(n), int(left_out), *numbers, coverage), strict=True))
        rows.append(Rollup(datastream=stream, period=period, start=start, **fields))
    if empty:
        Rollup.objects.filter(datastream=stream, period=period, start__in=empty).delete()
    Rollup.objects.bulk_create(
        rows,
        batch_size=MARKS // 4,
        update_conflicts=True,
        unique_fields=["datastream", "period", "start"],
        update_fields=FIGURES,
    )


FIGURES = ["n", "left_out", "mean", "min", "max", "p10", "p50", "p90", "coverage"]


def _midnight(moment: datetime) -> datetime:
    """When the day of this moment began where the site is; not where the reader of a page is."""
    local = timezone.localtime(moment, timezone.get_default_timezone())
    return local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


def _next_midnight(midnight: datetime) -> datetime:
    return _midnight(midnight + timedelta(hours=36))


def _next_month(first: datetime) -> datetime:
    return _midnight(first + timedelta(days=32)).replace(day=1)
