"""Pages for what went wrong. Named in ``engagement.urls`` as handlers and in the settings as the CSRF failure view."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from engagement import problems


def _answer(request: HttpRequest, status: int, template: str, title: str) -> HttpResponse:
    if problems.wants_json(request):
        body = {"type": "about:blank", "title": title, "status": status}
        return JsonResponse(body, status=status, content_type=problems.CONTENT_TYPE)
    return render(request, template, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 400, "errors/400.html", _("The request could not be read."))


def denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 403, "errors/403.html", _("You may not do this."))


def absent(request: HttpRequest, exception: Exception) -> HttpResponse:
    return _answer(request, 404, "errors/404.html", _("There is nothing at this address."))


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form token is missing or old, mostly because cookies are off or the page lay open for weeks."""
    return _answer(request, 403, "errors/stale_form.html", _("This form is too old."))


def failed(request: HttpRequest) -> HttpResponse:
    """Needs neither database, session nor request context: any of these may be what failed."""
    if problems.wants_json(request):
        body = {"type": "about:blank", "title": _("Something broke on our side."), "status": 500}
        return JsonResponse(body, status=500, content_type=problems.CONTENT_TYPE)
    return HttpResponse(render_to_string("errors/500.html"), status=500)
