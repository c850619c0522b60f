"""The service clock counts hours in which somebody is there."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from engagement import queueing
from engagement.clock import BadOfficeHours, office_hours
from engagement.models import Project, QueueItem, User
from tests.conftest import person

HELSINKI = ZoneInfo("Europe/Helsinki")


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of December 2026; the 4th is a Friday, the 24th a Thursday."""
    return datetime(2026, 12, day, hour, minute, tzinfo=HELSINKI)


def test_within_a_day_office_time_is_time() -> None:
    assert office_hours({}).worked(at(4, 9), at(4, 11, 30)) == timedelta(hours=2, minutes=30)


def test_it_stands_still_at_night_and_on_the_weekend() -> None:
    assert office_hours({}).worked(at(4, 15), at(7, 9)) == timedelta(hours=2)


def test_it_stands_still_on_holidays() -> None:
    christmas = {"holidays": ["2026-12-24", "2026-12-25"]}
    assert office_hours(christmas).worked(at(23, 15), at(28, 9)) == timedelta(hours=2)
    assert office_hours({}).worked(at(23, 15), at(28, 9)) == timedelta(hours=18)


def test_a_town_with_hours_of_its_own_is_asked_by_them() -> None:
    hours = {"days": [1], "opens": "12:00", "closes": "13:00"}
    assert office_hours(hours).worked(at(1, 0), at(31, 0)) == timedelta(hours=5)


def test_summer_time_shifts_no_hour() -> None:
    start, end = datetime(2026, 3, 27, 8, tzinfo=HELSINKI), datetime(2026, 3, 30, 8, tzinfo=HELSINKI)
    assert office_hours({}).worked(start, end) == timedelta(hours=8)


@pytest.mark.parametrize("hours", [{"days": []}, {"opens": "eight"}, {"opens": "17:00"}, {"holidays": ["Christmas"]}])
def test_hours_that_make_no_sense_are_refused(hours: dict[str, object]) -> None:
    with pytest.raises(BadOfficeHours):
        office_hours(hours)


@pytest.mark.django_db
def test_the_queue_is_ordered_by_harm_times_office_hours(project: Project, officer: User) -> None:
    def waits(ref: str, harm: int, since: datetime) -> None:
        QueueItem.objects.create(project=project, kind="test.remark", ref=ref, harm=harm, waiting_since=since)

    waits("grave and new", 3, at(4, 13))  # 3 × (1 + 1)
    waits("ordinary and old", 1, at(3, 13))  # 1 × (1 + 9)
    waits("ordinary and new", 1, at(4, 13))  # 1 × (1 + 1)
    found = queueing.waiting(officer, at(4, 14))
    assert [one.item.ref for one in found] == ["ordinary and old", "grave and new", "ordinary and new"]
    assert [(one.hours, one.is_late) for one in found] == [(9, True), (1, False), (1, False)]
    assert queueing.waiting(person("outsider@elsewhere.example"), at(4, 14)) == []
