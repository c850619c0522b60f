"""What ends and what stands: the key and the frozen answers of a round end on the announced day, releases stand.

A withdrawal before that day deletes raw rows at once (``snapshot.remove_unit``). Releases made before are kept: they
were anonymous when they were made, and their certificates say by which measure.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from engagement import audit
from engagement.models import Round, User
from privacy import identity, models, tombstones


def end_rights(round: Round, *, actor: User | None = None) -> int:
    """Destroy the round's key and empty its frozen answers; returns how many snapshots were emptied. Repeatable.

    The key goes first: should we stop in between, the frozen rows belong to nobody any more, and the next call empties
    them.
    """
    identity.destroy_key(round, actor=actor)
    return empty_snapshots(round, actor=actor)


@transaction.atomic
def empty_snapshots(round: Round, *, actor: User | None = None) -> int:
    """Delete the frozen answers of a round, keeping their hash; returns of how many snapshots."""
    emptied = models.Snapshot.objects.filter(round=round, content__isnull=False).update(content=None)
    if emptied:
        audit.record(actor, "snapshots.emptied", f"round:{round.pk}", {"snapshots": emptied})
    return emptied


def end_due_rights(today: date | None = None) -> list[Round]:
    """Every round whose announced day has come and where something is left to end."""
    due = identity.due_rounds(today or timezone.localdate())
    for round in due:
        end_rights(round)
    return due


def erase_again() -> dict[str, int]:
    """What came back with a restored backup or an old copy of the keys goes again; leaves proof when anything did."""
    found = {**tombstones.replay(), "keys": identity.bury_again()}
    counts = {what: count for what, count in found.items() if count}
    if counts:
        audit.record(None, "erased.again", "privacy", dict(counts))
    return counts


def what_stands(round: Round) -> list[str]:
    """One sentence per release of the round and one about what comes, for the report after a withdrawal."""
    rows = models.Release.objects.filter(round=round).order_by("published_at")
    if not rows:
        return [_("Nothing was released before. The next totals are made without you.")]
    return [
        _("The release of %(day)s stands. It holds totals with noise, in which nobody can find your answer.")
        % {"day": date_format(timezone.localdate(row.published_at))}
        for row in rows
    ]
