"""Decisions: what the city decided, published once, and told to everybody who answered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from engagement import audit, live
from engagement.languages import pick
from engagement.models import Project, Receipt, User
from engagement.problems import Refused
from engagement.receipts import Outcome
from privacy import models as privacy_models
from privacy.firewall import planning_only
from scenarios.models import Decision, Run, Scenario


class CannotDecide(Refused):
    status = 422
    code = "cannot-decide"
    title = gettext_lazy("This decision cannot be published yet.")


class AlreadyPublished(Refused):
    status = 409
    code = "decision-published"
    title = gettext_lazy("This decision was published. Publish another one that says what changed.")


@transaction.atomic
def draft(
    officer: User,
    project: Project,
    *,
    title: Mapping[str, str],
    outcome: str,
    reason: str,
    plain_text: Mapping[str, str],
    decided_on: date,
    not_followed: Mapping[str, str] | None = None,
    runs: Sequence[Run] = (),
    releases: Sequence[UUID] = (),
    decision: Decision | None = None,
) -> Decision:
    """Keep a decision that nobody outside the desk sees yet, or change one.

    Raises:
        AlreadyPublished; CannotDecide: a run or a release belongs to another project.
    """
    if decision is not None and decision.published_at is not None:
        raise AlreadyPublished
    _check_evidence(project, runs, releases)
    kept = decision or Decision(project=project)
    kept.title, kept.plain_text, kept.not_followed = dict(title), dict(plain_text), dict(not_followed or {})
    kept.outcome, kept.reason, kept.decided_on = outcome, reason, decided_on
    kept.releases = [str(release) for release in releases]
    kept.save()
    kept.runs.set(runs)
    audit.record(officer, "decision.drafted", f"decision:{kept.pk}")
    return kept


def _check_evidence(project: Project, runs: Sequence[Run], releases: Sequence[UUID]) -> None:
    with planning_only():
        if any(run.scenario.project_id != project.pk or not run.is_finished for run in runs):
            raise CannotDecide(_("Only finished runs of this project can be named."))
        known = set(privacy_models.Release.objects.filter(project=project).values_list("pk", flat=True))
        if not set(releases) <= known:
            raise CannotDecide(_("Only published releases of this project can be named."))


@transaction.atomic
def publish(officer: User, decision: Decision) -> Decision:
    """Publish a decision and tell every subscriber and receipt of the project. Publishing it again changes nothing.

    Raises:
        CannotDecide: it says nothing in plain words, or lies in the future.
    """
    # Only the decision is locked: behind the wall of planning, projects may be read and not more.
    kept = Decision.objects.select_for_update(of=("self",)).select_related("project").get(pk=decision.pk)
    if kept.published_at is not None:
        return kept
    if not pick(kept.title).strip() or not pick(kept.plain_text).strip():
        raise CannotDecide(_("Say in plain words what was decided and why; everyone who answered will read it."))
    if kept.decided_on > timezone.localdate():
        raise CannotDecide(_("The day of the decision lies in the future."))
    kept.published_by, kept.published_at = officer, timezone.now()
    kept.save(update_fields=["published_by", "published_at"])
    runs = list(kept.runs.values_list("pk", flat=True))
    # Whoever reads a decision can read what it rests on.
    Scenario.objects.filter(runs__in=runs).update(published=True)
    audit.record(officer, "decision.published", f"decision:{kept.pk}", {"runs": runs, "releases": kept.releases})
    news = {"decision": str(kept.pk), "title": kept.title, "outcome": kept.outcome, "url": url_of(kept)}
    live.publish(f"project.{kept.project.slug}", "decision.published", news)
    return kept


def url_of(decision: Decision) -> str:
    return f"/decisions/{decision.pk}/"


def outcomes_of(receipt: Receipt) -> list[Outcome]:
    """What planning made of a project, for everybody who answered in it: published calculations and decisions."""
    with planning_only():
        scenarios = Scenario.objects.filter(project=receipt.project_id, published=True).prefetch_related("runs")
        found = [_run_outcome(scenario, run) for scenario in scenarios if (run := scenario.latest_run)]
        decided = Decision.objects.filter(project=receipt.project_id, published_at__isnull=False)
        return found + [_decision_outcome(decision) for decision in decided.prefetch_related("runs")]


def _run_outcome(scenario: Scenario, run: Run) -> Outcome:
    return Outcome(
        when=timezone.localdate(run.finished_at),
        kind="run",
        title=_("It was calculated: %(title)s") % {"title": pick(scenario.title)},
        text=_("What would change on the streets, before and after, with ranges."),
        url=f"/scenarios/{scenario.pk}/",
    )


def _decision_outcome(decision: Decision) -> Outcome:
    return Outcome(
        when=decision.decided_on,
        kind="decision",
        title=pick(decision.title),
        text=f"{pick(decision.plain_text)}\n{evidence_sentence(decision)}",
        url=url_of(decision),
    )


def evidence_sentence(decision: Decision) -> str:
    """“It rests on 1 release of your answers and 2 calculations.”"""
    releases, runs = len(decision.releases), len(decision.runs.all())
    if not releases and not runs:
        return _("It names no release of answers and no calculation.")
    parts: dict[str, Any] = {
        "releases": ngettext("%(n)d release of answers", "%(n)d releases of answers", releases) % {"n": releases},
        "runs": ngettext("%(n)d calculation", "%(n)d calculations", runs) % {"n": runs},
    }
    return _("It rests on %(releases)s and %(runs)s.") % parts
