"""Choosing the language of the site: a link, so that it works without JavaScript and without a form token."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.http import require_GET


@require_GET
def choose(request: HttpRequest) -> HttpResponse:
    """``/language/?to=fi&next=/projects/x/``: remember the language in a cookie and go back to the page."""
    code, back = request.GET.get("to", ""), request.GET.get("next", "/")
    if not url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    if code in dict(settings.LANGUAGES) and check_for_language(code):
        remember(response, code)
    return response


def remember(response: HttpResponse, code: str) -> None:
    """A cookie that holds two letters and nothing else; kept for a year."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME, code, max_age=31_536_000, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )
