"""The service clock of a project: it runs while the office is open and stands still at night and on holidays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from engagement.problems import Refused

PROMISED = timedelta(hours=8)  # one working day of an ordinary office
DEFAULT: Mapping[str, Any] = {"days": [0, 1, 2, 3, 4], "opens": "08:00", "closes": "16:00", "holidays": []}
LONGEST_LOOK = timedelta(days=366)


class BadOfficeHours(Refused):
    status = 422
    code = "bad-office-hours"


@dataclass(frozen=True, slots=True)
class OfficeHours:
    """When somebody is there, in the site's time zone. ``days``: 0 is Monday."""

    days: frozenset[int]
    opens: time
    closes: time
    holidays: frozenset[date]

    def is_working_day(self, day: date) -> bool:
        return day.weekday() in self.days and day not in self.holidays

    def worked(self, since: datetime, until: datetime) -> timedelta:
        """Office time between two moments. More than a year ago counts as a year."""
        since = max(since, until - LONGEST_LOOK)
        zone = timezone.get_current_timezone()
        start, end = since.astimezone(zone), until.astimezone(zone)
        total = timedelta()
        for ahead in range((end.date() - start.date()).days + 1):
            day = start.date() + timedelta(days=ahead)
            if self.is_working_day(day):
                opens = max(start, datetime.combine(day, self.opens, zone))
                closes = min(end, datetime.combine(day, self.closes, zone))
                total += max(closes - opens, timedelta())
        return total


def office_hours(stored: Mapping[str, Any]) -> OfficeHours:
    """The hours as a project stores them; what is missing comes from the ordinary week.

    Raises:
        BadOfficeHours: an hour or a day cannot be read, or the office would close before it opens.
    """
    given = {**DEFAULT, **stored}
    return _parsed(tuple(given["days"]), given["opens"], given["closes"], tuple(given["holidays"]))


@lru_cache(maxsize=256)
def _parsed(days: tuple[int, ...], opens: str, closes: str, holidays: tuple[str, ...]) -> OfficeHours:
    try:
        hours = OfficeHours(
            frozenset(days), time.fromisoformat(opens), time.fromisoformat(closes),
            frozenset(date.fromisoformat(day) for day in holidays),
        )  # fmt: skip
    except ValueError:
        raise BadOfficeHours(_("Write hours like 08:00 and days like 2026-12-24.")) from None
    if not days or hours.closes <= hours.opens:
        raise BadOfficeHours(_("Choose at least one day, and a closing hour after the opening hour."))
    return hours
