"""What the page about people's data says, from the settings and days that hold here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from engagement import participating
from engagement.models import Project, Round
from privacy.record_models import ProcessingRecord


@dataclass(frozen=True)
class Dates:
    """The days that matter to somebody who answered in one round, and who answers for it."""

    project: Project
    round: Round
    correct_until: date
    decide_by: date | None
    rights_until: date
    record: ProcessingRecord | None


def dates(user: object) -> list[Dates]:
    """Rounds of projects that the person may see and whose receipts still work, the one that closes next first."""
    projects = Project.objects.visible_to(user)
    rounds = Round.objects.filter(project__in=projects, opens_at__lte=timezone.now(), key_destroyed_on__isnull=True)
    found = rounds.select_related("project__processing_record").order_by("closes_at")
    return [_dates(round) for round in found]


def _dates(round: Round) -> Dates:
    charter = participating.charter_of(round.project)
    record: ProcessingRecord | None = getattr(round.project, "processing_record", None)
    return Dates(
        round.project,
        round,
        timezone.localdate(round.closes_at),
        charter.decide_by if charter else None,
        round.destroy_key_on,
        record,
    )
