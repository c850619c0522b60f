"""The officer's desk of decisions: write, look, publish."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engagement import roles
from engagement.access import officer_project, require_role, signed_in
from engagement.models import Project
from engagement.problems import Refused
from engagement.roles import Role
from privacy.firewall import planning_only
from scenarios import decisions
from scenarios.access import own_decision
from scenarios.forms import DecisionForm
from scenarios.models import Decision


@require_safe
@require_role(Role.OFFICER)
@planning_only()
def desk(request: HttpRequest) -> HttpResponse:
    """``/desk/decisions/``: what is written and what is published, per project."""
    mine = roles.projects_of(request.user, Role.OFFICER)
    entries = [(project, Decision.objects.filter(project=project)) for project in mine]
    return render(request, "scenarios/desk_decisions.html", {"entries": entries})


@require_http_methods(["GET", "HEAD", "POST"])
@require_role(Role.OFFICER)
@planning_only()
def new(request: HttpRequest, slug: str) -> HttpResponse:
    """``/desk/decisions/new/<project>/``"""
    return _form(request, officer_project(request.user, slug), None)


@require_http_methods(["GET", "HEAD", "POST"])
@require_role(Role.OFFICER)
@planning_only()
def edit(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """``/desk/decisions/<id>/``"""
    decision = own_decision(request.user, decision_id)
    return _form(request, decision.project, decision)


@require_POST
@require_role(Role.OFFICER)
@planning_only()
def publish(request: HttpRequest, decision_id: UUID) -> HttpResponse:
    """Publish a decision: everyone who answered reads it on the receipt."""
    decision = decisions.publish(signed_in(request), own_decision(request.user, decision_id))
    messages.success(request, _("Published. Everyone who answered reads it on the receipt."))
    return redirect("scenarios:decision", decision_id=decision.pk)


def _form(request: HttpRequest, project: Project, decision: Decision | None) -> HttpResponse:
    initial = {} if decision else {"decided_on": timezone.localdate()}
    form = DecisionForm(request.POST or None, project=project, decision=decision, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            kept = _kept(request, project, decision, form)
        except Refused as refused:
            form.add_error(None, str(refused.detail or refused.title))
        else:
            messages.success(request, _("Kept. Nobody outside the desk sees it yet."))
            return redirect("scenarios:edit_decision", decision_id=kept.pk)
    context = {"project": project, "decision": decision, "form": form}
    return render(request, "scenarios/edit_decision.html", context, status=422 if form.errors else 200)


def _kept(request: HttpRequest, project: Project, decision: Decision | None, form: DecisionForm) -> Decision:
    given = form.cleaned_data
    return decisions.draft(
        signed_in(request),
        project,
        title=form.map_of("title"),
        plain_text=form.map_of("plain_text"),
        not_followed=form.map_of("not_followed"),
        outcome=given["outcome"],
        reason=given["reason"],
        decided_on=given["decided_on"],
        runs=list(given["runs"]),
        releases=[release.pk for release in given["releases"]],
        decision=decision,
    )
