"""The public page of a project: the question, the way to a decision, and what has come of it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from engagement import access, participating, roles
from engagement.roles import Role


@require_safe
def project(request: HttpRequest, slug: str) -> HttpResponse:
    """``/projects/<slug>/``: absent to outsiders while it is not published."""
    shown = access.project_for(request.user, slug)
    outcomes = participating.outcomes(shown)
    context = {
        "project": shown,
        "charter": participating.charter_of(shown),
        "steps": participating.timeline(shown),
        "rounds": participating.open_rounds(shown),
        "answers": participating.answers_received(shown),
        "decisions": [outcome for outcome in outcomes if outcome.kind == "decision"],
        "results": [outcome for outcome in outcomes if outcome.kind != "decision"],
        "overdue": participating.is_overdue(shown),
        "may_edit": roles.has_role(request.user, shown, Role.OFFICER),
    }
    return render(request, "engagement/project.html", context)
