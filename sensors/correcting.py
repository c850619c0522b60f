"""From hours beside a reference to a corrected series beside the raw one, which nothing here ever writes to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from engagement import audit
from engagement.models import User
from engagement.problems import Refused
from sensors import calibration, gating, quality, rollups, times
from sensors.calibration import Line
from sensors.models import CoLocation, Correction, Datastream, Latest, Observation, Rollup
from sensors.observation_table import StreamRow, insert, read, upsert_latest
from sensors.phenomena import HUMIDITY, Summing
from sensors.quality import HOUR_US, HUMID_WITHIN_US, Bits, Flag, Times, Values
from sensors.rollups import Touch
from sensors.summarising import joined

PART = 2_000
# These say that the humidity is high; a correction for humidity is what answers that.
ANSWERED = int(Flag.HUMID)
# A cheap sensor stands at 99.9 % for days in fog. That is no use as humidity, but it still says "wet".
UNUSABLE_HUMIDITY = quality.OBJECTIONS & ~int(Flag.STUCK)


class CannotCorrect(Refused):
    status = 422
    code = "cannot-correct"
    title = _("No correction can be made from these hours.")


@dataclass(frozen=True)
class _Hours:
    begins_us: Times
    raw: Values
    humidity: Values
    reference: Values


@transaction.atomic
def fit(co_location: CoLocation, actor: User | None = None) -> Correction:
    """A new version of the correction for the box's device model.

    Raises:
        CannotCorrect: too few common hours, no humidity, or held-out hours come out worse than the raw ones.
    """
    series, site = co_location.series, co_location.series.site
    assert site is not None
    hours = _common_hours(co_location)
    try:
        fitted = calibration.fit(hours.raw, hours.humidity, hours.reference)
    except calibration.CannotFit as reason:
        raise CannotCorrect(_("No correction can be made: %(reason)s.") % {"reason": reason}) from None
    if not fitted.helps:
        raise CannotCorrect(
            _("On held-out hours the corrected values are further from the reference than the raw ones.")
        )
    others = Correction.objects.filter(
        campaign=co_location.campaign, preset=site.preset, observed_property=series.observed_property
    )
    newest = others.order_by("-version").values_list("version", flat=True).first() or 0
    made = Correction.objects.create(
        campaign=co_location.campaign,
        preset=site.preset,
        observed_property=series.observed_property,
        version=newest + 1,
        co_location=co_location,
        intercept=fitted.line.intercept,
        slope=fitted.line.slope,
        per_humidity=fitted.line.per_humidity,
        trained_since=times.moment(int(hours.begins_us[0])),
        trained_until=times.moment(int(hours.begins_us[fitted.trained_hours - 1]) + HOUR_US),
        report=fitted.report(),
    )
    audit.record(actor, "sensor.correction-made", f"correction {made.pk}", {"version": made.version})
    return made


def _common_hours(co_location: CoLocation) -> _Hours:
    """Hours in which the box, its humidity and the reference all have a mean."""
    humidity = humidity_of(co_location.series)
    if humidity is None:
        raise CannotCorrect(_("The box measures no humidity, which the correction needs."))
    means = [
        _means(co_location.series, co_location),
        _humidity_means(humidity, co_location),
        _means(co_location.reference, co_location),
    ]
    common = sorted(set.intersection(*(set(each) for each in means)))
    columns = [np.array([each[hour] for hour in common]) for each in means]
    return _Hours(np.array(common, dtype=np.int64) * HOUR_US, *columns)


def _means(stream: Datastream, co_location: CoLocation) -> dict[int, float]:
    rows = Rollup.objects.filter(
        datastream=stream,
        period=Rollup.Period.HOUR,
        start__gte=co_location.since,
        start__lt=co_location.until,
        mean__isnull=False,
    ).values_list("start", "mean")
    return {times.of(start) // HOUR_US: mean for start, mean in rows if mean is not None}


def _humidity_means(stream: Datastream, co_location: CoLocation) -> dict[int, float]:
    _ids, moments, percent, flags = read(stream.pk, times.of(co_location.since), times.of(co_location.until) - 1)
    usable = (flags & UNUSABLE_HUMIDITY) == 0
    hours, place = np.unique(moments[usable] // HOUR_US, return_inverse=True)
    means = joined(place.astype(np.intp), percent[usable], len(hours), Summing.MEAN)
    return dict(zip(hours.tolist(), means.tolist(), strict=True))


def humidity_of(series: Datastream) -> Datastream | None:
    return Datastream.objects.filter(
        site=series.site_id, observed_property=HUMIDITY.code, kind=Datastream.Kind.RAW
    ).first()


def apply(correction: Correction) -> int:
    """Make the corrected series of all boxes of this model in the campaign, whole. Returns how many there are."""
    series = Datastream.objects.filter(
        site__campaign=correction.campaign_id,
        site__preset=correction.preset,
        observed_property=correction.observed_property,
        kind=Datastream.Kind.RAW,
    )
    made = 0
    for raw in series:
        _ids, moments, _values, _flags = read(raw.pk, 0, times.of(timezone.now() + gating.NEWEST))
        made += _derive(raw, correction, np.unique(moments // HOUR_US).tolist())
    return made


def follow(touched: Iterable[Touch]) -> int:
    """Renew the corrected readings of hours whose raw ones changed. Returns how many series were followed."""
    hours: dict[int, list[int]] = {}
    for stream, hour in touched:
        hours.setdefault(stream, []).append(hour)
    followed = 0
    for raw in Datastream.objects.filter(pk__in=hours, kind=Datastream.Kind.RAW).select_related("site"):
        correction = newest_for(raw)
        if correction is not None:
            followed += _derive(raw, correction, sorted(hours[raw.pk]))
    return followed


def newest_for(raw: Datastream) -> Correction | None:
    """The correction in force for a series: the newest of its device model in its campaign."""
    if raw.site is None:
        return None
    return Correction.objects.filter(
        campaign=raw.site.campaign_id, preset=raw.site.preset, observed_property=raw.observed_property
    ).first()


@transaction.atomic
def _derive(raw: Datastream, correction: Correction, hours: list[int]) -> int:
    """Write the corrected readings of these hours anew. 0 where the box measures no humidity."""
    humidity = humidity_of(raw)
    if humidity is None or not hours:
        return 0
    corrected, _made = Datastream.objects.get_or_create(
        site=raw.site,
        observed_property=raw.observed_property,
        kind=Datastream.Kind.CORRECTED,
        defaults={"unit": raw.unit, "checked_with": quality.VERSION},
    )
    line = Line(correction.intercept, correction.slope, correction.per_humidity)
    begins, ends = hours[0] * HOUR_US, (hours[-1] + 1) * HOUR_US - 1
    rows = _corrected_rows(raw, humidity, corrected.pk, line, begins, ends)
    Observation.objects.filter(
        datastream=corrected, phenomenon_time__range=(times.moment(begins), times.moment(ends))
    ).delete()
    for start in range(0, len(rows), PART):
        insert(rows[start : start + PART])
    newest = max(rows, key=lambda row: row.time_us, default=None)
    if newest is not None:
        Latest.objects.filter(datastream=corrected, phenomenon_time__gte=times.moment(begins)).delete()
        upsert_latest([newest])
    rollups.touch(Touch(corrected.pk, hour) for hour in hours)
    return 1


def _corrected_rows(
    raw: Datastream, humidity: Datastream, into: int, line: Line, begins_us: int, ends_us: int
) -> list[StreamRow]:
    _ids, moments, values, flags = read(raw.pk, begins_us, ends_us)
    _ids, at, percent, wet = read(humidity.pk, begins_us - HUMID_WITHIN_US, ends_us + HUMID_WITHIN_US)
    usable = (wet & UNUSABLE_HUMIDITY) == 0
    near = _nearest(moments, at[usable], percent[usable])
    result, kept = line.correct(values, near), ~np.isnan(near)
    columns = (moments[kept].tolist(), result[kept].tolist(), (flags[kept] & ~ANSWERED).tolist())
    return [StreamRow(into, moment, value, flag) for moment, value, flag in zip(*columns, strict=True)]


def _nearest(moments: Times, at: Times, percent: Values) -> Values:
    """The humidity nearest in time, NaN where none is within half an hour."""
    if len(at) == 0:
        return np.full(len(moments), np.nan)
    after = np.searchsorted(at, moments).clip(max=len(at) - 1)
    before = (after - 1).clip(min=0)
    nearest: Bits = np.where(np.abs(at[after] - moments) < np.abs(at[before] - moments), after, before)
    return np.where(np.abs(at[nearest] - moments) <= HUMID_WITHIN_US, percent[nearest], np.nan)
