"""Who has an item of the queue open: for a few minutes nobody else can rule on it."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from engagement.models import QueueItem, User
from engagement.problems import Refused

HELD = timedelta(minutes=5)


class Claimed(Refused):
    status = 409
    code = "claimed"


def claim(item: QueueItem, officer: User) -> bool:
    """Take the item, or hold on to it; False while a colleague has it. One statement, so that only one can win."""
    now = timezone.now()
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lt=now) | Q(claimed_by=officer)
    mine = QueueItem.objects.filter(free, pk=item.pk)
    return bool(mine.update(claimed_by=officer, claimed_until=now + HELD))


def release(item: QueueItem) -> None:
    """Let go. The item in hand is changed; the caller saves it."""
    item.claimed_by, item.claimed_until = None, None


def holder(item: QueueItem, officer: User) -> User | None:
    """The colleague who has the item open, if it is not this officer."""
    held = item.claimed_until is not None and item.claimed_until > timezone.now()
    return item.claimed_by if held and item.claimed_by_id != officer.pk else None


def check(item: QueueItem, officer: User) -> None:
    """Raises Claimed, with a name and an hour, while a colleague has the item open."""
    colleague = holder(item, officer)
    if colleague is not None and item.claimed_until is not None:
        until = timezone.localtime(item.claimed_until)
        said = _("%(name)s has this item open until %(until)s. Take another one.")
        raise Claimed(said % {"name": colleague, "until": f"{until:%H:%M}"})
