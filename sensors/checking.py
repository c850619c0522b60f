"""The checks of :mod:`sensors.quality` on stored series: reads a window, renews its flags, changes nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import numpy as np
from django.db import connection, transaction
from django.db.models import Max, Min
from django.utils import timezone
from django.utils.translation import gettext as _

from engagement.jobs import Progress, enqueue, job
from engagement.models import Job
from sensors import quality, rollups, times
from sensors.models import Annotation, Datastream, Latest, Observation
from sensors.observation_table import read
from sensors.phenomena import HUMIDITY, PM2_5, PM10
from sensors.quality import Bits, Flag, Limits, Times

# A run of equal values is known after at most a day; what lies further back does not change what is seen here.
MARGIN_US = timedelta(days=3) // timedelta(microseconds=1)
RENEWED = quality.WINDOWED | int(Flag.NOTE)
DUST = frozenset({PM10.code, PM2_5.code})
PART = 500


EVERY = timedelta(hours=1)
KIND = "sensors.check"


@job(KIND)
def check_recent(progress: Progress, hours: str = "48") -> None:
    """Renew the flags of all series with readings of the last hours. Idempotent."""
    since = timezone.now() - timedelta(hours=int(hours))
    recent = Latest.objects.filter(phenomenon_time__gte=since).values_list("datastream_id", flat=True)
    since_us, now_us = times.of(since), times.of(timezone.now())
    for done, stream in enumerate(recent, start=1):
        check({stream: (since_us, now_us)})
        progress(done / len(recent), _("Checked %(done)d of %(all)d series") % {"done": done, "all": len(recent)})
    check_anew()


def check_anew() -> int:
    """Check whole series whose flags an older version of the rules set. Returns how many there were."""
    outdated = list(Datastream.objects.filter(checked_with__lt=quality.VERSION).values_list("pk", flat=True))
    for stream in outdated:
        ends = Observation.objects.filter(datastream=stream).aggregate(
            first=Min("phenomenon_time"), last=Max("phenomenon_time")
        )
        if ends["first"] is not None:
            check({stream: (times.of(ends["first"]), times.of(ends["last"]))})
        Datastream.objects.filter(pk=stream).update(checked_with=quality.VERSION)
    return len(outdated)


def ask_for_check() -> Job | None:
    """Let the worker check, if nobody asked within the last hour. Called by the writers; cheap."""
    if Job.objects.filter(kind=KIND, created_at__gt=timezone.now() - EVERY).exists():
        return None
    return enqueue(check_recent, ref="sensors", label=_("Checks of all sensors"))


def check(touched: Mapping[int, tuple[int, int]]) -> int:
    """Renew the window flags of series within the moments given (µs, both inclusive). Returns how many readings changed."""
    streams = Datastream.objects.filter(pk__in=touched).select_related("site")
    return sum(_check_stream(stream, *touched[stream.pk]) for stream in streams)


@transaction.atomic
def _check_stream(stream: Datastream, low_us: int, high_us: int) -> int:
    ids, moments, values, flags = read(stream.pk, low_us - MARGIN_US, high_us + MARGIN_US)
    if len(ids) == 0:
        return 0
    bits = quality.window_flags(moments, values, limits_of(stream))
    if stream.observed_property in DUST:
        bits[_humid(stream, moments)] |= Flag.HUMID
    bits |= _noted(stream, moments)
    # Near the ends of the window a run or a gap may be cut; those readings were or will be judged by another window.
    judged = (moments >= low_us - MARGIN_US // 2) & (moments <= high_us + MARGIN_US // 2)
    renewed = (flags & ~RENEWED) | bits
    changed = np.flatnonzero(judged & (renewed != flags))
    _save(ids[changed], renewed[changed])
    rollups.touch_moments(stream.pk, moments[changed].tolist())
    renew_latest(stream.pk)
    return len(changed)


def limits_of(stream: Datastream) -> Limits:
    measured = stream.measures
    low, high = measured.plausible
    return Limits(low, high, measured.step, measured.stuck_h, measured.resting)


def _humid(stream: Datastream, moments: Times) -> quality.Mask:
    humidity = Datastream.objects.filter(
        site=stream.site_id, observed_property=HUMIDITY.code, kind=Datastream.Kind.RAW
    ).first()
    if humidity is None:
        return np.zeros(len(moments), dtype=np.bool_)
    reach = quality.HUMID_WITHIN_US
    _ids, at, values, _flags = read(humidity.pk, int(moments[0]) - reach, int(moments[-1]) + reach)
    return quality.humid_mask(moments, at, values)


def _noted(stream: Datastream, moments: Times) -> Bits:
    """Readings within the host's notes."""
    bits = np.zeros(len(moments), dtype=np.int64)
    for note in Annotation.objects.filter(site=stream.site_id):
        until = times.of(note.until) if note.until else int(moments[-1])
        bits[(moments >= times.of(note.since)) & (moments <= until)] |= Flag.NOTE
    return bits


def _save(ids: Bits, flags: Bits) -> None:
    for value in np.unique(flags).tolist():
        same = ids[flags == value].tolist()
        for start in range(0, len(same), PART):
            Observation.objects.filter(pk__in=same[start : start + PART]).update(flags=value)


def renew_latest(stream: int) -> None:
    """The newest value carries the flags of its observation."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE sensors_latest SET flags = (SELECT o.flags FROM sensors_observation o"
            " WHERE o.datastream_id = sensors_latest.datastream_id"
            " AND o.phenomenon_time = sensors_latest.phenomenon_time) WHERE datastream_id = %s AND EXISTS"
            " (SELECT 1 FROM sensors_observation o WHERE o.datastream_id = sensors_latest.datastream_id"
            " AND o.phenomenon_time = sensors_latest.phenomenon_time)",
            [stream],
        )
