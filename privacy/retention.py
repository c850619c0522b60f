"""How long what is kept: one table of numbers, carried out once a day, with proof.

A city may shorten every number (``LOGGIA_KEEP_DAYS="answers=90,jobs=7"``) and lengthen none. Rooms register what they hold;
``purge`` gets the number of days, deletes what is older, and returns how much went. It may be cut off and run again.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_tasks_db.models import DBTaskResult

from engagement import audit, live
from engagement.contacts.models import Consent
from engagement.models import Job
from privacy import erasure

Purge = Callable[[int], int]


@dataclass(frozen=True)
class Rule:
    """One line of the table. ``longest_days`` counts from ``since``; ``what`` and ``since`` are words for people."""

    name: str
    what: str | Promise
    longest_days: int
    since: str | Promise
    purge: Purge

    @property
    def days(self) -> int:
        """The number that holds here."""
        return shortened().get(self.name, self.longest_days)


_rules: dict[str, Rule] = {}


def register(rule: Rule) -> None:
    """Add a line. Raises ImproperlyConfigured where the city's settings would keep it longer."""
    if not 0 <= rule.days <= rule.longest_days:
        raise ImproperlyConfigured(
            f"LOGGIA_KEEP_DAYS says {rule.name}={rule.days}. It may be shorter than {rule.longest_days} days, not longer."
        )
    _rules[rule.name] = rule


def rules() -> list[Rule]:
    return sorted(_rules.values(), key=lambda rule: (rule.longest_days, rule.name))


def shortened() -> dict[str, int]:
    """Name → days, as the city wrote it. Raises ImproperlyConfigured with the word that is not understood."""
    found = {}
    for word in settings.LOGGIA_KEEP_DAYS:
        name, _equals, number = word.partition("=")
        if not number.isdecimal():
            raise ImproperlyConfigured(f"LOGGIA_KEEP_DAYS has “{word}”. Write name=days, such as answers=90.")
        found[name] = int(number)
    return found


def run() -> dict[str, int]:
    """Carry the table out; returns how much of each kind went. The entry in the log is the proof, with counts alone."""
    check_names()
    counts = {"rights ended": len(erasure.end_due_rights())}
    counts |= {rule.name: rule.purge(rule.days) for rule in rules()}
    audit.record(None, "retention.ran", "privacy", dict(counts))
    return counts


def check_names() -> None:
    """Raises ImproperlyConfigured when the city shortened something that does not exist."""
    if unknown := set(shortened()) - set(_rules):
        known = ", ".join(sorted(_rules))
        raise ImproperlyConfigured(f"LOGGIA_KEEP_DAYS knows no {', '.join(sorted(unknown))}. It knows: {known}.")


def _before(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)


def _finished_jobs(days: int) -> int:
    DBTaskResult.objects.filter(finished_at__lt=_before(days)).delete()
    return Job.objects.filter(state__in=Job.FINAL, heard_at__lt=_before(days)).delete()[0]


def _sessions(_days: int) -> int:
    from django.contrib.sessions.models import Session

    return Session.objects.filter(expire_date__lt=timezone.now()).delete()[0]


def _consents(days: int) -> int:
    return Consent.objects.filter(ended_on__lt=_before(days).date()).delete()[0]


def _live_outbox(_days: int) -> int:
    return live.prune()


def _files(folder: str) -> Purge:
    def purge(days: int) -> int:
        return _delete_older(Path(settings.DATA_DIR, folder).glob("*"), _before(days).timestamp())

    return purge


def _delete_older(entries: Iterable[Path], before: float) -> int:
    old = [entry for entry in entries if entry.lstat().st_mtime < before]
    for entry in old:
        shutil.rmtree(entry) if entry.is_dir() and not entry.is_symlink() else entry.unlink(missing_ok=True)
    return len(old)


CORE = (
    Rule("live", _("News on their way to open pages"), 1, _("after they were sent"), _live_outbox),
    Rule(
        "letters",
        _("Copies of messages where no mail server is set up"),
        1,
        _("after they were written"),
        _files("mail"),
    ),
    Rule("jobs", _("Finished work of the machine, without answers"), 14, _("after it ended"), _finished_jobs),
    Rule("log", _("Log of page calls, without addresses and answers"), 14, _("after the call"), _files("logs")),
    Rule("sessions", _("Sign-ins of officers, planners and volunteers"), 14, _("after the sign-in"), _sessions),
    Rule(
        "consents",
        _("Proof of what was agreed to, without the address"),
        183,
        _("after the agreement ended"),
        _consents,
    ),
)


def register_core() -> None:
    for rule in CORE:
        register(rule)
