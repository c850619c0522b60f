"""What waits for a moderator, in the order of harm and of office hours waited; several items ruled on at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from engagement import clock, moderation, roles
from engagement.models import QueueItem, User
from engagement.problems import Refused
from engagement.roles import Role

MOST_LISTED = 1000
MOST_AT_ONCE = 100
CANDIDATES = 9  # one key each


@dataclass(frozen=True, slots=True)
class Waiting:
    """One item and how long it has waited by the project's service clock."""

    item: QueueItem
    worked: timedelta

    @property
    def hours(self) -> int:
        return int(self.worked.total_seconds() // 3600)

    @property
    def is_late(self) -> bool:
        return self.worked > clock.PROMISED

    @property
    def urgency(self) -> float:
        """Harm times age, so that an ordinary item that waits long overtakes a graver one of this hour."""
        return self.item.harm * (1 + self.worked.total_seconds() / 3600)


@dataclass(frozen=True, slots=True)
class RuledAtOnce:
    """What came of a decision on several items: how many, and the reason of each that was left out."""

    ruled: int
    left_out: list[str]


def of(user: object) -> QuerySet[QueueItem]:
    """Every item of the projects in which the person is an officer."""
    return QueueItem.objects.filter(project__in=roles.projects_of(user, Role.OFFICER))


def waiting(user: object, now: datetime | None = None) -> list[Waiting]:
    """What waits for this officer, most urgent first; of equal urgency the older first."""
    now = now or timezone.now()
    items = of(user).filter(state=QueueItem.State.WAITING).select_related("project", "claimed_by")[:MOST_LISTED]
    worked: dict[tuple[int, datetime], timedelta] = {}
    for item in items:
        key = (item.project_id, item.waiting_since)
        if key not in worked:
            worked[key] = clock.office_hours(item.project.office_hours).worked(item.waiting_since, now)
    found = [Waiting(item, worked[item.project_id, item.waiting_since]) for item in items]
    return sorted(found, key=lambda one: (-one.urgency, one.item.waiting_since, one.item.pk))


def candidates(item: QueueItem) -> list[QueueItem]:
    """Items of the same kind and project that this one may be merged with: what is shown first, then what waits."""
    others = QueueItem.objects.filter(project=item.project_id, kind=item.kind).exclude(pk=item.pk)
    return list(others.exclude(state=QueueItem.State.REJECTED).order_by("state", "-waiting_since")[:CANDIDATES])


def rule_many(
    user: object, moderator: User, ids: Iterable[UUID], outcome: str, *, ground: str = "", reason: str = ""
) -> RuledAtOnce:
    """The same decision on several items, each stored by itself: one that a colleague has is left out and named.

    Raises:
        MissingReasons: a rejection without ground or reason, before anything is stored.
    """
    items = list(of(user).filter(pk__in=list(ids)[:MOST_AT_ONCE]).select_related("project"))
    ruled, left_out = 0, []
    for item in items:
        try:
            moderation.rule(item, moderator, outcome, ground=ground, reason=reason)
        except moderation.MissingReasons:
            raise
        except Refused as refused:
            left_out.append(str(refused))
        else:
            ruled += 1
    return RuledAtOnce(ruled, left_out)
