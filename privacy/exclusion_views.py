"""The page of duplicates: hints without content, proposals, and the second officer's answer."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from engagement import roles
from engagement.access import require_role, signed_in
from engagement.models import Round
from engagement.problems import Refused
from engagement.roles import Role
from privacy import excluding
from privacy.models import Exclusion


@require_http_methods(["GET", "HEAD", "POST"])
@require_role(Role.OFFICER)
def duplicates(request: HttpRequest, round_id: UUID) -> HttpResponse:
    """``/desk/releases/rounds/<id>/duplicates/``: what looks alike (GET); propose, agree or drop (POST)."""
    mine = Round.objects.filter(project__in=roles.projects_of(request.user, Role.OFFICER))
    round = mine.filter(pk=round_id).select_related("project").first()
    if round is None:
        raise Http404
    refused: Refused | None = None
    if request.method == "POST":
        try:
            _step(request, round)
            return redirect("privacy:duplicates", round_id=round.pk)
        except Refused as error:
            refused = error
    context = {
        "round": round,
        "project": round.project,
        "found": excluding.duplicates(round),
        "exclusions": Exclusion.objects.filter(round=round).select_related("proposed_by", "agreed_by"),
        "left_out": excluding.left_out(round),
        "typed": request.POST,
        "refused": refused,
    }
    return render(request, "privacy/desk_duplicates.html", context, status=refused.status if refused else 200)


def _step(request: HttpRequest, round: Round) -> None:
    """What the pressed button means. Raises Refused."""
    officer, step = signed_in(request), request.POST.get("step", "")
    if step == "propose":
        excluding.propose(round, request.POST.get("doubt", ""), request.POST.get("reason", ""), officer)
        return
    proposed = {str(exclusion.pk): exclusion for exclusion in Exclusion.objects.filter(round=round)}
    exclusion = proposed.get(request.POST.get("exclusion", ""))
    if exclusion is None:
        raise excluding.ExclusionRefused(_("This proposal is not there any more. Reload the page."))
    (excluding.agree if step == "agree" else excluding.drop)(exclusion, officer)
