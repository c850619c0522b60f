"""How long surveys keep what they hold: drafts for a day, answers until half a year after the decision."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from engagement import participating
from engagement.models import Round
from privacy import erasure, retention
from privacy.retention import Rule
from surveys import removing
from surveys.models import Draft, OpenToCorrection, Response

ANSWERS = "answers"
ANSWERS_DAYS = 183
UNDECIDED_DAYS = 730
BATCH = 200


def last_day(round: Round, days: int) -> date:
    """The day after which the answers of a round go: counted from the decision, without one from the close."""
    decided = [outcome.when for outcome in participating.outcomes(round.project) if outcome.kind == "decision"]
    closed = timezone.localdate(round.closes_at)
    return max(closed, decided[-1] + timedelta(days=days)) if decided else closed + timedelta(days=UNDECIDED_DAYS)


def are_over(round: Round) -> bool:
    """Whether the answers of the round were deleted because their time was over."""
    days = next(rule.days for rule in retention.rules() if rule.name == ANSWERS)
    return last_day(round, days) < timezone.localdate()


def delete_answers(days: int) -> int:
    """Delete the answers of rounds whose time is over, texts, photos and places with them. Returns how many responses."""
    today, deleted = timezone.localdate(), 0
    for round in Round.objects.filter(responses__isnull=False).distinct().select_related("project"):
        if last_day(round, days) < today:
            erasure.empty_snapshots(round)
            deleted += _delete_all(round)
    return deleted


def _delete_all(round: Round) -> int:
    """In batches, so that the site goes on writing meanwhile and a cut costs one batch."""
    deleted = 0
    while batch := list(Response.objects.filter(round=round).select_related("round__project")[:BATCH]):
        with transaction.atomic():
            for response in batch:
                removing.remove(response, "retention")
        deleted += len(batch)
    return deleted


def delete_drafts(_days: int) -> int:
    """Each draft knows its own hour."""
    OpenToCorrection.objects.filter(expires_at__lte=timezone.now()).delete()
    return Draft.objects.filter(expires_at__lte=timezone.now()).delete()[0]


RULES = (
    Rule("drafts", _("Answers that were begun and not sent"), 1, _("after they were begun"), delete_drafts),
    Rule(
        ANSWERS,
        _("Answers with their texts, photos and places"),
        ANSWERS_DAYS,
        _("after the decision; without a decision 2 years after the close"),
        delete_answers,
    ),
)


def register() -> None:
    for rule in RULES:
        retention.register(rule)
