"""An address to hear what was decided: left here, confirmed and stopped from the letter's link. Apart from every answer."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from engagement import access
from engagement.contacts import hearing
from engagement.models import Project
from engagement.problems import Refused

HEADERS = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}


@sensitive_post_parameters("address")
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, slug: str) -> HttpResponse:
    """``/projects/<slug>/hear/``: leave an address. The page after it never tells whether the address was known."""
    project = access.project_for(request.user, slug)
    if request.method != "POST":
        return _page(request, "hear", {"project": project})
    address = request.POST.get("address", "")
    try:
        hearing.ask(address, project, (get_language() or "en").split("-")[0])
    except Refused as refused:
        context = {"project": project, "refused": refused, "typed": address[:254]}
        return _page(request, "hear", context, status=refused.status)
    return _page(request, "hear_asked", {"project": project})


@csrf_exempt  # mail programs stop a subscription by a bare POST (RFC 8058); whoever has the link may do so
@require_http_methods(["GET", "HEAD", "POST"])
def link(request: HttpRequest, token: str) -> HttpResponse:
    """``/hear/<token>/``: the letter's link. Nothing happens on opening it: mail filters open links, too."""
    if request.method == "POST" and request.POST.get("do") != "confirm":
        hearing.stop(token)
        return _page(request, "hear_stopped", {})
    wanted = hearing.confirm(token) if request.method == "POST" else hearing.find(token)
    context = {"project": Project.objects.filter(pk=int(wanted.ref)).first(), "wanted": wanted}
    return _page(request, "hear_link", context)


def _page(request: HttpRequest, name: str, context: Mapping[str, object], status: int = 200) -> HttpResponse:
    response = render(request, f"engagement/{name}.html", dict(context), status=status)
    for header, value in HEADERS.items():
        response[header] = value
    return response
