"""The demo's surveys: uploaded, opened and answered through the doors that officers and residents use."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.utils import timezone

from engagement import moderation
from engagement.management.demo import answers
from engagement.models import Project, QueueItem, Round, Ruling, User
from surveys import opening, responding, versions
from surveys.demo import sheets
from surveys.models import Survey, SurveyVersion
from surveys.refusals import DifferentContent

Say = Callable[[str], None]
LEFT_WAITING = 12


def load(project: Project, officer: User, *, count: int, seed: int, population: str, is_over: bool, say: Say) -> Round:
    """Upload the form, open a round, let ``count`` residents answer, and close it where the plan says so.

    Safe to repeat after a crash: what was stored stays, the rest is added.
    """
    version = versions.upload(officer, project, sheets.xlsx(project.slug), slug=project.slug).version
    round = Round.objects.filter(project=project, survey_slug=version.survey.slug).first()
    if round is None:
        round = _open(version, officer, population, count)
    if round.is_open():
        stored = _answer(version.survey, project.slug, count, seed)
        say(f"{stored} simulated responses to {project.slug}, {_approve(project, officer)} places and texts approved")
        if is_over:
            opening.close_round(officer, round)
    return round


def _open(version: SurveyVersion, officer: User, population: str, expected: int) -> Round:
    now = timezone.now()
    plan = opening.Plan(
        population=population,
        opens_at=now - timedelta(days=8),
        closes_at=now + timedelta(days=21),
        expected_responses=expected,
    )
    return opening.open_round(officer, version, plan)


def _approve(project: Project, officer: User) -> int:
    """Approve what waits, oldest first, and leave some for the visitor to try the queue with."""
    waiting = QueueItem.objects.filter(project=project, state=QueueItem.State.WAITING)
    items = list(waiting.order_by("waiting_since", "ref"))[: max(0, waiting.count() - LEFT_WAITING)]
    for item in items:
        moderation.rule(item, officer, Ruling.Outcome.APPROVED)
    return len(items)


def _answer(survey: Survey, form: str, count: int, seed: int) -> int:
    stored = 0
    for response_id, code, language, given in answers.make(form, count, seed):
        sent = responding.Sent(id=response_id, answers=given, code=code, language=language)
        try:
            stored += responding.accept(survey, sent).created
        except DifferentContent:
            continue  # stored by an earlier run, under the receipt code of that run
    return stored
