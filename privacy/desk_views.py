"""The release desk: choose a round, tick questions, see what they would be worth, propose, sign, sign again."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from engagement import roles
from engagement.access import require_role, signed_in
from engagement.models import Round
from engagement.problems import Refused
from engagement.roles import Role
from privacy import ledger, models, presenting, proposing, publishing, wishes, witnessing
from privacy.judged import judged_tables

State = models.Draft.State


@require_safe
@require_role(Role.OFFICER)
def desk(request: HttpRequest) -> HttpResponse:
    """``/desk/releases/``: drafts that wait, rounds to release from, and what was refused."""
    projects = roles.projects_of(request.user, Role.OFFICER)
    drafts = models.Draft.objects.filter(round__project__in=projects).select_related("round__project", "signed_by")
    rounds = Round.objects.filter(project__in=projects).select_related("project", "privacy_policy__budget")
    context = {
        "waiting": drafts.filter(state__in=[State.PROPOSED, State.SIGNED, State.PREPARING]),
        "stopped": drafts.filter(state__in=[State.HELD, State.REFUSED])[:20],
        "rounds": [{"round": found, "left": _left(found)} for found in rounds],
    }
    return render(request, "privacy/desk.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_role(Role.OFFICER)
def choose(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """``/desk/releases/rounds/<id>/``: tick questions and see the forecast (GET); propose (POST)."""
    round = _round_for(request, round_id)
    typed = request.POST if request.method == "POST" else request.GET
    form = wishes.form_for(round, typed)
    refused: Refused | None = None
    if request.method == "POST":
        try:
            draft = proposing.request(round, wishes.specs_of(typed), signed_in(request), fraction=form.fraction)
            return redirect("privacy:draft", draft_id=draft.pk)
        except Refused as found:
            refused = found
    context = {"round": round, "project": round.project, "form": form, "left": _left(round), "refused": refused}
    return render(request, "privacy/choose.html", context, status=refused.status if refused else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@require_role(Role.OFFICER)
def draft(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """``/desk/releases/drafts/<id>/``: ranges and checks; posted, a signature or another step."""
    found = _draft_for(request, draft_id)
    refused: Refused | None = None
    if request.method == "POST":
        try:
            return _step(request, found)
        except Refused as error:
            refused = error
            found.refresh_from_db()
    return render(request, "privacy/draft.html", _draft_context(request, found, refused), status=_status(refused))


def _step(request: HttpRequest, found: models.Draft) -> HttpResponse:
    """What the pressed button means. Raises Refused."""
    officer = signed_in(request)
    match request.POST.get("step"):
        case "sign":
            publishing.sign(found, officer)
        case "countersign":
            release = publishing.countersign(found, officer)
            return redirect("privacy:release", release_id=release.pk)
        case "announce":
            publishing.announce(found, officer)
        case "invite":
            token = witnessing.invite(found, officer, request.POST.get("role", ""))
            link = request.build_absolute_uri(reverse("privacy:witness", args=[token]))
            return render(request, "privacy/draft.html", _draft_context(request, found, None) | {"link": link})
        case "drop":
            publishing.drop(found, officer)
            return redirect("privacy:desk")
        case "merge" | "again" as step:
            specs = wishes.merged(found) if step == "merge" else wishes.all_of(found)
            found = proposing.request(found.round, specs, officer, fraction=found.fraction)
        case _:
            raise publishing.WrongState(_("This button is not known. Reload the page."))
    return redirect("privacy:draft", draft_id=found.pk)


def _draft_context(request: HttpRequest, found: models.Draft, refused: Refused | None) -> dict[str, Any]:
    judged = judged_tables(found)
    return {
        "draft": found,
        "job": proposing.job_of(found) if found.state == State.PREPARING else None,
        "project": found.round.project,
        "tables": presenting.tables(found.document),
        "judged": judged,
        "can_merge": any(table["can_merge"] for table in judged),
        "left": _left(found.round),
        "cost": found.document.get("certificate", {}).get("privacy_loss", {}).get("epsilon"),
        "is_first_signer": found.signed_by == request.user,
        "others": publishing.other_officers(found) if found.state == State.SIGNED else [],
        "declined": found.invitations.filter(answer=models.Invitation.Answer.DECLINED),
        "refused": refused,
        "release": models.Release.objects.filter(pk=found.pk).first(),
    }


def _left(round: Round) -> dict[str, float]:
    budget = round.privacy_policy.budget
    left = ledger.fraction_left(budget)
    return {"epsilon": left * budget.epsilon_total, "total": budget.epsilon_total, "percent": 100 * left}


def _round_for(request: HttpRequest, round_id: UUID) -> Round:
    mine = Round.objects.filter(project__in=roles.projects_of(request.user, Role.OFFICER))
    found = mine.filter(pk=round_id).select_related("project", "privacy_policy__budget").first()
    if found is None:
        raise Http404
    return found


def _draft_for(request: HttpRequest, draft_id: UUID) -> models.Draft:
    mine = models.Draft.objects.filter(round__project__in=roles.projects_of(request.user, Role.OFFICER))
    related = ("round__project", "round__privacy_policy__budget", "snapshot", "signed_by", "proposed_by")
    found = mine.filter(pk=draft_id).select_related(*related).first()
    if found is None:
        raise Http404
    return found


def _status(refused: Refused | None) -> int:
    return refused.status if refused else 200
