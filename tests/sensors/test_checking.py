"""The checks on stored series: flags change, values never; asked for once an hour."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from engagement.jobs import Progress
from engagement.models import Job
from sensors import checking, keyring, times
from sensors.gating import Row
from sensors.models import Annotation, Datastream, Latest, Observation
from sensors.quality import HOUR_US, Flag
from sensors.registering import Registered
from sensors.storing import Push, store


def fill(box: Registered, code: str, values: list[float]) -> Datastream:
    """Hourly values that end now."""
    now = times.of(timezone.now())
    rows = [Row(code, now - (len(values) - 1 - index) * HOUR_US, value) for index, value in enumerate(values)]
    store([Push(keyring.door_of(box.device), now, rows)])
    return Datastream.objects.get(site=box.site, observed_property=code)


def flags(stream: Datastream) -> list[int]:
    return list(
        Observation.objects.filter(datastream=stream).order_by("phenomenon_time").values_list("flags", flat=True)
    )


def whole(stream: Datastream) -> dict[int, tuple[int, int]]:
    now = times.of(timezone.now())
    return {stream.pk: (now - 60 * 24 * HOUR_US, now)}


def test_flags_are_set_values_stay_and_the_newest_value_carries_its_flags(air_box: Registered) -> None:
    stream = fill(air_box, "pm2_5", [7.0, 8.0, 9.0, *[32.0] * 10])
    checking.check(whole(stream))
    assert flags(stream) == [0, 0, 0, *[Flag.STUCK] * 10]
    assert Latest.objects.get().flags == Flag.STUCK
    assert list(Observation.objects.order_by("phenomenon_time").values_list("result", flat=True)) == [
        7,
        8,
        9,
        *[32] * 10,
    ]


def test_checking_again_changes_nothing_and_takes_back_what_no_longer_holds(air_box: Registered) -> None:
    stream = fill(air_box, "pm2_5", [7.0, 8.0, 9.0, *[32.0] * 10])
    assert checking.check(whole(stream)) == 10
    assert checking.check(whole(stream)) == 0
    middle = Observation.objects.filter(datastream=stream).order_by("phenomenon_time")[8]
    Observation.objects.filter(pk=middle.pk).update(result=12.0)  # as if the run had never been one
    assert checking.check(whole(stream)) == 10


def test_flags_that_were_set_on_arrival_stay(air_box: Registered) -> None:
    stream = fill(air_box, "pm2_5", [7.0, 8.0, 9.0])
    Observation.objects.filter(datastream=stream).update(flags=Flag.RANGE | Flag.CLOCK)
    checking.check(whole(stream))
    assert flags(stream) == [Flag.RANGE | Flag.CLOCK] * 3


def test_dust_in_very_humid_air_is_marked_by_the_humidity_of_the_same_site(
    air_box: Registered, counter: Registered
) -> None:
    fill(air_box, "humidity", [60.0, 92.0, 93.0])
    dust = fill(air_box, "pm10", [7.0, 8.0, 9.0])
    elsewhere = fill(counter, "pm10", [7.0, 8.0, 9.0])
    checking.check(whole(dust) | whole(elsewhere))
    assert flags(dust) == [0, Flag.HUMID, Flag.HUMID]
    assert flags(elsewhere) == [0, 0, 0]


def test_a_note_of_the_host_marks_its_interval_and_no_more(air_box: Registered) -> None:
    stream = fill(air_box, "pm10", [7.0, 8.0, 9.0, 8.0])
    now = timezone.now()
    note = Annotation.objects.create(
        site=air_box.site,
        since=now - timedelta(hours=2, minutes=10),
        until=now - timedelta(minutes=50),
        text="Barbecue",
    )
    checking.check(whole(stream))
    assert flags(stream) == [0, Flag.NOTE, Flag.NOTE, 0]
    note.delete()
    checking.check(whole(stream))
    assert flags(stream) == [0, 0, 0, 0]


def test_the_job_checks_what_was_heard_lately(air_box: Registered) -> None:
    stream = fill(air_box, "pm2_5", [32.0] * 12)
    job = checking.ask_for_check()
    assert job is not None
    Job.objects.filter(pk=job.pk).update(state=Job.State.RUNNING)
    checking.check_recent(Progress(job))
    assert flags(stream) == [Flag.STUCK] * 12


def test_checks_are_asked_for_once_an_hour(air_box: Registered) -> None:
    first = checking.ask_for_check()
    assert first is not None
    assert checking.ask_for_check() is None
    Job.objects.update(created_at=timezone.now() - timedelta(minutes=61), state=Job.State.DONE)
    assert checking.ask_for_check() is not None
