"""The append-only log: every entry carries the digest of the one before."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import UTC, date
from typing import Any

from django.db import transaction
from django.utils import timezone

from engagement.models import LogEntry, User

FIRST = "0" * 64


@dataclass(frozen=True, slots=True)
class Head:
    """The digest of a day's last entry (UTC): whoever noted it can tell later whether the log up to then was changed."""

    day: date
    digest: str
    entries: int


def digest(previous: str, at: str, actor: int | None, verb: str, subject: str, details: dict[str, Any]) -> str:
    body = json.dumps([previous, at, actor, verb, subject, details], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(body.encode()).hexdigest()


@transaction.atomic
def record(actor: User | None, verb: str, subject: str, details: dict[str, Any] | None = None) -> LogEntry:
    """Add one act. ``details`` holds ids and codes, never a text that a resident wrote."""
    # The lock on the newest entry makes writers queue on PostGIS; on SQLite the transaction already does.
    last = LogEntry.objects.select_for_update().order_by("-id").first()
    previous = last.digest if last else FIRST
    at = timezone.now()
    facts = details or {}
    stamp = digest(previous, at.isoformat(), actor.pk if actor else None, verb, subject, facts)
    return LogEntry.objects.create(
        at=at, actor=actor, verb=verb, subject=subject, details=facts, previous=previous, digest=stamp
    )


def first_broken() -> LogEntry | None:
    """The first entry whose content or order was changed; None when the chain holds."""
    previous = FIRST
    for entry in LogEntry.objects.order_by("id").iterator():
        expected = digest(previous, entry.at.isoformat(), entry.actor_id, entry.verb, entry.subject, entry.details)
        if entry.previous != previous or entry.digest != expected:
            return entry
        previous = entry.digest
    return None


def heads() -> list[Head]:
    """One head per finished or running day with entries, newest first."""
    found: dict[date, Head] = {}
    for at, stamp in LogEntry.objects.order_by("id").values_list("at", "digest").iterator():
        day = at.astimezone(UTC).date()
        found[day] = Head(day, stamp, found[day].entries + 1 if day in found else 1)
    return sorted(found.values(), key=lambda head: head.day, reverse=True)
