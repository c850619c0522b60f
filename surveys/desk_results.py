"""The officer's page about results: a live count while a round is open, charts after it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from engagement.access import require_role
from engagement.models import Round
from engagement.roles import Role
from surveys import results
from surveys.desk_views import survey_for


@require_safe
@require_role(Role.OFFICER)
def shown(request: HttpRequest, slug: str) -> HttpResponse:
    """``/desk/surveys/<slug>/results/``: every round of the survey, newest first."""
    found = survey_for(request, slug)
    rounds = Round.objects.filter(project=found.project, survey_slug=slug, survey_opening__isnull=False)
    entries = [
        {"round": each, "received": results.received(each), "charts": [] if each.is_open() else results.charts(each)}
        for each in rounds
    ]
    return render(request, "surveys/desk_results.html", {"survey": found, "entries": entries})
