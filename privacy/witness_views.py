"""The page behind an outsider's link: ranges and attack results, and one answer."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from engagement.problems import Refused
from privacy import presenting, witnessing
from privacy.judged import judged_tables


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def witness(request: HttpRequest, token: str) -> HttpResponse:
    """``/releases/witness/<token>/``: read the draft; posted, sign it or decline with a reason."""
    refused: Refused | None = None
    try:
        invitation = witnessing.opened(token)
        if request.method == "POST" and request.POST.get("step") == "sign":
            return redirect("privacy:release", release_id=witnessing.sign(token).pk)
        if request.method == "POST":
            witnessing.decline(token, request.POST.get("reason", ""))
            return render(request, "privacy/witness.html", {"declined": True})
    except witnessing.ReasonMissing as error:
        refused = error
    except Refused as error:
        return render(request, "privacy/witness.html", {"refused": error}, status=error.status)
    draft = invitation.draft
    context = {
        "invitation": invitation,
        "draft": draft,
        "project": draft.round.project,
        "tables": presenting.tables(draft.document),
        "judged": judged_tables(draft),
        "refused": refused,
    }
    return render(request, "privacy/witness.html", context, status=refused.status if refused else 200)
