"""The demo's sensors: believable, seeded, in by the file door; the stuck box and the outage show as such."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
from django.utils import timezone

from engagement.models import Project, QueueItem, User
from sensors import current, demonstrating, simulation
from sensors.models import Latest, Observation, Site
from sensors.quality import Flag

NOON = datetime(2026, 11, 20, 12, 34, tzinfo=UTC)


def values(csv: str, column: str) -> list[tuple[datetime, float]]:
    lines = [line.split(",") for line in csv.splitlines()]
    at = lines[0].index(column)
    return [(datetime.fromisoformat(line[0]), float(line[at])) for line in lines[1:]]


def test_the_same_seed_and_end_give_the_same_text() -> None:
    assert simulation.sites(7, NOON) == simulation.sites(7, NOON)
    assert simulation.sites(7, NOON) != simulation.sites(8, NOON)


def test_twelve_sensors_have_three_weeks_of_hours_up_to_the_last_full_one() -> None:
    found = simulation.sites(7, NOON)
    assert [site.preset for site in found] == ["traffic-counter"] * 6 + ["air-box"] * 6
    rows = [len(site.csv.splitlines()) - 1 for site in found]
    assert rows == [504, 504, 504, 504 - 16, 504, 504 - 100, *[504] * 6]
    assert values(found[0].csv, "cars")[-1][0] == datetime(2026, 11, 20, 11, tzinfo=UTC)


def test_cars_have_rush_hours_on_working_days_and_late_mornings_at_weekends() -> None:
    cars = values(simulation.sites(7, NOON)[0].csv, "cars")
    local = [(moment.astimezone(simulation.ZONE), count) for moment, count in cars]
    workday = {hour: np.mean([c for m, c in local if m.weekday() < 5 and m.hour == hour]) for hour in range(24)}
    weekend = {hour: np.mean([c for m, c in local if m.weekday() >= 5 and m.hour == hour]) for hour in range(24)}
    assert max(workday, key=lambda hour: workday[hour]) in (8, 16)
    assert workday[8] > 5 * workday[4]
    assert 12 <= max(weekend, key=lambda hour: weekend[hour]) <= 15


def test_the_demo_goes_in_by_the_file_door_and_a_second_time_adds_nothing(
    project: Project, volunteer: User, officer: User
) -> None:
    loaded = demonstrating.load(project, volunteer, officer, now=timezone.now())
    hours_of_counters, hours_of_boxes = 6 * 504 - 16 - 100, 6 * 504
    expected = 6 * hours_of_counters + 5 * hours_of_boxes
    assert (loaded.sites, loaded.report.created, loaded.report.rejected) == (12, expected, 0)
    assert Observation.objects.count() == expected == 32568

    again = demonstrating.load(project, volunteer, officer, now=timezone.now() + timedelta(hours=3))
    assert (again.sites, again.report.created) == (12, 0)
    assert Site.objects.count() == 12
    assert Site.objects.exclude(approved_name="").count() == 10
    assert QueueItem.objects.filter(kind="sensor.name", state="waiting").count() == 2


def test_the_stuck_box_the_outage_and_the_gap_are_found(project: Project, volunteer: User, officer: User) -> None:
    loaded = demonstrating.load(project, volunteer, officer, now=timezone.now())
    stuck = Latest.objects.filter(flags=Flag.STUCK).values_list("datastream__site__name", flat=True)
    assert set(stuck) == {"Yrjönkatu"}

    now = current.clock(Site.objects.filter(campaign=loaded.campaign)[0])
    silent = {}
    for site in Site.objects.all():
        last = max(latest.phenomenon_time for latest in current.newest([site.pk]))
        silent[site.name] = current.silent_since(site, last, now)
    since = {name: moment for name, moment in silent.items() if moment is not None}
    assert list(since) == ["Kaisaniemenranta"]
    assert now - since["Kaisaniemenranta"] == timedelta(hours=simulation.OUTAGE_HOURS)

    after_gap = Observation.objects.filter(
        datastream__site__name="Liisankatu", datastream__observed_property="cars", flags=Flag.GAP
    )
    assert after_gap.count() == 1


def test_few_healthy_readings_are_objected_to(project: Project, volunteer: User, officer: User) -> None:
    demonstrating.load(project, volunteer, officer, now=timezone.now())
    healthy = Observation.objects.exclude(datastream__site__name="Yrjönkatu")
    objected = sum(
        1
        for flags in healthy.values_list("flags", flat=True)
        if flags & Flag.STEP or flags & Flag.SPIKE or flags & Flag.STUCK
    )
    assert objected / healthy.count() < 0.005


def test_an_old_demo_does_not_look_offline(project: Project, volunteer: User, officer: User) -> None:
    long_ago = timezone.now() - timedelta(days=9)
    loaded = demonstrating.load(project, volunteer, officer, now=long_ago)
    assert timezone.now() - current.clock(Site.objects.filter(campaign=loaded.campaign)[0]) > timedelta(days=8)
