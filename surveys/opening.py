"""Opening a survey to residents, and closing it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement import audit
from engagement.models import Round, User
from engagement.problems import Refused
from privacy import foreseeing
from privacy.foreseeing import Outlook
from surveys import releases
from surveys.ir import Form
from surveys.models import Opening, Survey, SurveyVersion
from surveys.question_types.registry import type_of

KEY_KEPT = timedelta(days=180)
EXPECTED = 100


class CannotOpen(Refused):
    status = 409
    code = "cannot-open"
    title = gettext_lazy("This survey cannot open like this.")


@dataclass(frozen=True)
class Plan:
    """How a round is meant to run. ``destroy_key_on``: the day from which nobody can tell which answer was whose."""

    population: str
    opens_at: datetime
    closes_at: datetime
    expected_responses: int = EXPECTED
    mode: str = Round.Mode.OPEN
    destroy_key_on: date | None = None
    without_figures: bool = False
    """Open it although no question could be released with so few answers."""


@transaction.atomic
def open_round(officer: User | None, version: SurveyVersion, plan: Plan) -> Round:
    """Open one round of a survey with one version, which can never change after that.

    Raises:
        CannotOpen: another round is open at the time, dates that do not fit, a form that pages cannot ask, or so few
            answers expected that nothing could be released.
    """
    survey = Survey.objects.select_for_update().get(pk=version.survey_id)
    _check(survey, version.content, plan)
    round = Round.objects.create(
        project=survey.project,
        survey_slug=survey.slug,
        mode=plan.mode,
        population=plan.population,
        opens_at=plan.opens_at,
        closes_at=plan.closes_at,
        expected_responses=plan.expected_responses,
        destroy_key_on=plan.destroy_key_on or timezone.localtime(plan.closes_at).date() + KEY_KEPT,
    )
    Opening.objects.create(round=round, version=version)
    audit.record(officer, "round.opened", f"round:{round.pk}", {"survey": survey.slug, "version": version.number})
    return round


@transaction.atomic
def close_round(officer: User | None, round: Round) -> Round:
    """Close a round now; what was received stays. Repeating changes nothing."""
    locked = Round.objects.select_for_update().get(pk=round.pk)
    now = timezone.now()
    if locked.is_open(now):
        locked.closes_at = now
        locked.save(update_fields=["closes_at"])
        audit.record(officer, "round.closed", f"round:{locked.pk}", {"survey": locked.survey_slug})
    return locked


def _check(survey: Survey, form: Form, plan: Plan) -> None:
    if plan.closes_at <= plan.opens_at:
        raise CannotOpen(_("The last day must come after the first."))
    if not plan.population.strip():
        raise CannotOpen(_("Say who may answer."))
    if plan.destroy_key_on and plan.destroy_key_on < timezone.localtime(plan.closes_at).date():
        raise CannotOpen(_("Receipts must work at least until the survey closes."))
    others = _rounds(survey)
    if any(other.opens_at < plan.closes_at and plan.opens_at < other.closes_at for other in others):
        raise CannotOpen(_("Another round of this survey is open in these days. Close it first."))
    if not any(type_of(question).asks for question in form.questions.values()):
        raise CannotOpen(_("This form asks nothing."))
    ahead = forecast(survey, form, plan.population, plan.expected_responses)
    if ahead.is_hopeless and not plan.without_figures:
        raise CannotOpen(
            _(
                "With %(expected)d answers no question could be released: the noise would say more than the people. "
                "%(needed)d answers would do for at least one. Ask more people, or tick that you open it all the same."
            )
            % {"expected": ahead.expected, "needed": ahead.needed}
        )


def forecast(survey: Survey, form: Form, population: str, expected: int) -> Outlook:
    """What the expected number of answers could carry; nothing is opened and nothing is paid."""
    plan = releases.planned(form, survey.project, expected)
    return foreseeing.outlook(survey.project, population.strip(), plan, expected)


def _rounds(survey: Survey) -> list[Round]:
    return [opening.round for opening in Opening.objects.filter(version__survey=survey).select_related("round")]
