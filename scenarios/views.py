"""Public pages: the result of a what-if, a decision, the brief for the council."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from engagement import participating
from privacy.firewall import planning_only
from scenarios import access, comparing, decisions, limits, maps, presenting, twin
from scenarios.models import Run, Scenario


def shown(scenario: Scenario, run: Run) -> dict[str, Any]:
    """Everything that a page says about a finished run."""
    found = comparing.compared(scenario, run)
    weighed = {"comparison": None, "not_weighed": found} if isinstance(found, str) else {"comparison": found}
    return {"scenario": scenario, "run": run, "map": maps.of_run(run), **presenting.result(run), **weighed}


@require_safe
@planning_only()
def scenario(request: HttpRequest, scenario_id: int) -> HttpResponse:
    """``/scenarios/<id>/``: one question, what would change, how it was calculated; ``?run=`` an earlier run."""
    found = access.scenario_for(request.user, scenario_id)
    run = access.finished_run(found, request.GET.get("run", ""))
    return render(request, "scenarios/result.html", {"project": found.project, **shown(found, run)})


@require_safe
def models(request: HttpRequest) -> HttpResponse:
    """``/scenarios/models/``: every model with its limits, units and source; figures link to their own."""
    context = {"pages": twin.pages(), "limits": limits.SENTENCES.values()}
    return render(request, "scenarios/models.html", context)


@require_safe
@planning_only()
def decision(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """``/decisions/<id>/``: what was decided and why, what was not followed, what it rests on."""
    found = access.decision_for(request.user, decision_id)
    context = {
        "project": found.project,
        "decision": found,
        "evidence": decisions.evidence_sentence(found),
        "charter": participating.charter_of(found.project),
    }
    return render(request, "scenarios/decision.html", context)


@require_safe
@planning_only()
def brief(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """``/decisions/<id>/brief``: the same on two printable pages, with figures and ranges."""
    found = access.decision_for(request.user, decision_id)
    runs = [run for run in found.runs.all() if run.is_finished]
    context = {
        "project": found.project,
        "decision": found,
        "charter": participating.charter_of(found.project),
        "parts": [shown(run.scenario, run) for run in runs],
    }
    return render(request, "scenarios/brief.html", context)
