"""The desk: what waits for the person who signed in, and where to do it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from engagement import access, appeals, desk, roles
from engagement.access import require_role, signed_in
from engagement.desk import DeskEntry
from engagement.models import QueueItem
from engagement.problems import Refused
from engagement.roles import Role

EVERYBODY = (Role.OFFICER, Role.PLANNER, Role.VOLUNTEER, Role.TRAINER, Role.OPERATOR, Role.ADMINISTRATOR)


def waiting_items(user: object) -> int:
    mine = roles.projects_of(user, Role.OFFICER)
    return QueueItem.objects.filter(project__in=mine, state=QueueItem.State.WAITING).count()


def register_entries() -> None:
    """The core's own pages of the desk; rooms add theirs when they start."""
    officers = (Role.OFFICER,)
    desk.register(DeskEntry("queue", _("Queue"), "engagement:queue", officers, waiting_items, order=10))
    desk.register(DeskEntry("appeals", _("Second looks"), "engagement:appeals", officers, _appeals_count, order=11))
    desk.register(DeskEntry("projects", _("Projects"), "engagement:desk_projects", officers, order=20))


def _appeals_count(user: object) -> int:
    return appeals.waiting_for(user).count()


@require_safe
@require_role(*EVERYBODY)
def home(request: HttpRequest) -> HttpResponse:
    """``/desk/``: every page that the person may open, with how much waits there."""
    entries = [
        {
            "label": entry.label,
            "url": reverse(entry.url_name),
            "count": entry.count(request.user) if entry.count else None,
        }
        for entry in desk.entries_for(request.user)
    ]
    context = {"entries": entries, "projects": roles.projects_of(request.user, Role.OFFICER, Role.PLANNER)}
    return render(request, "engagement/desk.html", context)


@require_safe
@require_role(Role.OFFICER)
def appeal_list(request: HttpRequest) -> HttpResponse:
    """``/desk/appeals/``: requests for a second look at other people's rulings."""
    return render(request, "engagement/appeals.html", {"appeals": appeals.waiting_for(request.user)})


@require_POST
@require_role(Role.OFFICER)
def answer_appeal(request: HttpRequest, appeal_id: int) -> HttpResponse:
    appeal = access.appeal_for(request.user, appeal_id)
    try:
        appeals.answer(
            appeal, signed_in(request), upheld=request.POST.get("upheld") == "yes", text=request.POST.get("text", "")
        )
    except Refused as refused:
        context = {"appeals": appeals.waiting_for(request.user), "refused": refused, "typed": request.POST}
        return render(request, "engagement/appeals.html", context, status=refused.status)
    return redirect("engagement:appeals")
