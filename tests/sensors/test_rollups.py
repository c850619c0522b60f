"""Figures of hours, days and months: kept up by touched hours, the same as made anew, whatever the order of arrival."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.utils import timezone

from sensors import backfilling, checking, keyring, rollups
from sensors.models import Annotation, Datastream, Observation, Rollup, TouchedHour
from sensors.registering import Registered

Period = Rollup.Period


def send(box: Registered, lines: Iterable[str], header: str = "time,pm2_5") -> None:
    backfilling.take(keyring.door_of(box.device), [header, *lines], backfilling.direct())


def figures() -> list[tuple[object, ...]]:
    """Every figure of every period, floats as they are."""
    names = ("datastream_id", "period", "start", "n", "left_out", "mean", "min", "max", "p10", "p50", "p90", "coverage")
    return list(Rollup.objects.order_by("datastream_id", "period", "start").values_list(*names))


def midnight(days_ago: int = 3) -> datetime:
    return (timezone.localtime() - timedelta(days=days_ago)).replace(hour=0, minute=0, second=0, microsecond=0)


def minute(at: datetime, count: int) -> str:
    return (at.astimezone(UTC) + timedelta(minutes=count)).isoformat()


def test_an_hour_has_its_figures_and_its_coverage(air_box: Registered) -> None:
    """A box that sends every 145 s gives 24 readings an hour; six of them cover a quarter."""
    begins = midnight()
    send(air_box, [f"{minute(begins, 5 * count)},{value}" for count, value in enumerate((4, 6, 8, 10, 12, 14))])
    rollups.renew()
    hour = Rollup.objects.get(period=Period.HOUR)
    assert (hour.start, hour.n, hour.left_out) == (begins, 6, 0)
    assert (hour.mean, hour.min, hour.p10, hour.p50, hour.p90, hour.max) == (9.0, 4.0, 5.0, 9.0, 13.0, 14.0)
    assert hour.coverage == 0.25


def test_a_day_is_made_of_its_hours_each_counting_the_same(counter: Registered) -> None:
    begins = midnight()
    lines = [f"{minute(begins, 60 * hour)},{cars},0.9" for hour, cars in enumerate((10, 20, 60))]
    send(counter, lines, "time,cars,uptime")
    rollups.renew()
    day = Rollup.objects.get(period=Period.DAY, datastream__observed_property="cars")
    assert (day.start, day.n, day.mean, day.min, day.max) == (begins, 3, 30.0, 10.0, 60.0)
    assert day.coverage == 3 / 24


def test_hours_that_were_counted_for_less_than_half_leave_the_daily_figures(counter: Registered) -> None:
    begins = midnight()
    lines = [f"{minute(begins, 60 * hour)},{100 if hour % 2 else 2},{0.9 if hour % 2 else 0.3}" for hour in range(24)]
    send(counter, lines, "time,cars,uptime")
    rollups.renew()
    cars = Rollup.objects.filter(datastream__observed_property="cars")
    day = cars.get(period=Period.DAY)
    assert (day.n, day.left_out, day.mean, day.coverage) == (12, 12, 100.0, 0.5)
    empty = cars.filter(period=Period.HOUR, n=0)
    assert empty.count() == 12
    assert set(empty.values_list("mean", "coverage")) == {(None, 0.0)}


def test_only_touched_hours_are_made_anew(air_box: Registered) -> None:
    begins = midnight()
    send(air_box, [f"{minute(begins, 10 * count)},{count}" for count in range(60)])
    assert len(rollups.renew()) == 10
    assert rollups.renew() == []
    before = dict(Rollup.objects.filter(period=Period.HOUR).values_list("start", "pk"))

    send(air_box, [f"{minute(begins, 125)},500"])
    assert [each.hour for each in rollups.renew()] == [int(begins.timestamp()) // 3600 + 2]
    after = dict(Rollup.objects.filter(period=Period.HOUR).values_list("start", "pk"))
    assert after == before
    assert not TouchedHour.objects.exists()


def test_late_shuffled_and_repeated_readings_leave_the_same_figures_as_making_all_anew(air_box: Registered) -> None:
    rng = np.random.default_rng(11)
    begins = midnight(days_ago=395)
    lines = [
        f"{minute(begins, 7 * count)},{rng.uniform(1, 90):.3f},{rng.uniform(30, 80):.2f}" for count in range(2_000)
    ]
    order = rng.permutation(len(lines))
    for part in np.array_split(order, 5):
        send(air_box, [lines[index] for index in part], "time,pm2_5,noise")
        rollups.renew()
    send(air_box, lines, "time,pm2_5,noise")
    rollups.renew()
    kept_up = figures()
    for stream in Datastream.objects.all():
        rollups.make_all(stream)
    assert figures() == kept_up
    assert Rollup.objects.filter(period=Period.DAY).count() == 2 * 10


def test_a_flag_that_is_set_later_takes_its_readings_out_of_the_figures(air_box: Registered) -> None:
    begins = midnight()
    send(air_box, [f"{minute(begins, 10 * count)},{10 if count < 6 else 50 + count}" for count in range(12)])
    rollups.renew()
    since = begins + timedelta(hours=1)
    Annotation.objects.create(site=air_box.site, since=since, until=since + timedelta(hours=1), text="A barbecue")
    (stream,) = Datastream.objects.values_list("pk", flat=True)
    reach = int(begins.timestamp() * 1e6), int((begins + timedelta(hours=2)).timestamp() * 1e6)
    checking.check({stream: reach})
    rollups.renew()
    day = Rollup.objects.get(period=Period.DAY)
    assert (day.n, day.left_out, day.mean) == (6, 6, 10.0)


def test_an_hour_without_readings_has_no_figures(air_box: Registered) -> None:
    begins = midnight()
    send(air_box, [f"{minute(begins, 5)},7"])
    rollups.renew()
    Observation.objects.all().delete()
    stream = Datastream.objects.get()
    rollups.touch_moments(stream.pk, [int(begins.timestamp() * 1e6)])
    rollups.renew()
    assert not Rollup.objects.exists()


def test_a_killed_renewal_leaves_the_notes_and_the_old_figures(air_box: Registered) -> None:
    begins = midnight()
    send(air_box, [f"{minute(begins, 5)},7"])
    rollups.renew()
    send(air_box, [f"{minute(begins, 6)},9"])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rollups, "make", _killed)
        with pytest.raises(KeyboardInterrupt):
            rollups.renew()
    assert TouchedHour.objects.count() == 1
    rollups.renew()
    assert Rollup.objects.get(period=Period.HOUR).mean == 8.0


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 23), ("2025-10-26", 25), ("2026-02-01", 24)])
def test_the_days_on_which_clocks_change_have_23_or_25_hours(counter: Registered, day: str, hours: int) -> None:
    begins = datetime.fromisoformat(day).replace(tzinfo=timezone.get_default_timezone())
    lines = [f"{minute(begins, 60 * hour)},{5 + hour},1" for hour in range(hours)]
    door = keyring.door_of(counter.device)
    backfilling.take(door, ["time,cars,uptime", *lines], backfilling.direct(), any_age=True)
    rollups.renew()
    one = Rollup.objects.get(period=Period.DAY, datastream__observed_property="cars")
    assert (one.n, one.coverage) == (hours, 1.0)
