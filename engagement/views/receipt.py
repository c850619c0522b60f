"""The resident's receipt. The code comes by POST, typed or moved there from the URL fragment; no path, log or cache sees it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from engagement import appeals, receipts
from engagement.models import Receipt, Ruling
from engagement.problems import Refused
from engagement.receipts import BadReceipt, Gift
from engagement.views import language

# Not Referrer-Policy: no-referrer: browsers then post forms with "Origin: null", which the token check refuses. The
# address holds no code, and the site's policy sends no referrer to other sites.
HEADERS = {"Cache-Control": "private, no-store", "X-Robots-Tag": "noindex"}


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def receipt(request: HttpRequest) -> HttpResponse:
    """The form for a code; posted, what was given with it and what became of it."""
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES):
        translation.activate(chosen)
    response = _shown(request) if request.method == "POST" else _page(request, "receipt_form", {})
    if chosen in dict(settings.LANGUAGES):
        language.remember(response, chosen)
    return response


def _shown(request: HttpRequest, **more: Any) -> HttpResponse:
    try:
        code, found = _opened(request)
    except BadReceipt as refused:
        return _asked_again(request, refused)
    outcomes = receipts.outcomes(found)
    undecided = not any(outcome.kind == "decision" for outcome in outcomes)
    context = {"code": code, "receipt": found, "project": found.project, "outcomes": outcomes, **more}
    context["undecided"] = undecided and found.project.published
    return _page(request, "receipt", context | _rights(code, found))


def _opened(request: HttpRequest) -> tuple[str, Receipt]:
    code = receipts.normalise(request.POST.get("code", ""))
    return code, receipts.find(code)


def _rights(code: str, found: Receipt) -> dict[str, Any]:
    """The rights half, or the sentence that says why it has ended; the outcome half is shown all the same."""
    try:
        gifts = receipts.handler_for(found).gifts(code, found)
    except Refused as ended:
        return {"gifts": [], "ended": ended}
    handler = receipts.correctable(found)
    if handler is None:
        return {"gifts": gifts}
    return {"gifts": gifts, "correctable": True, "why_not_correct": handler.why_not_correct(code, found)}


def _asked_again(request: HttpRequest, refused: BadReceipt) -> HttpResponse:
    typed = request.POST.get("code", "")[:40]
    return _page(request, "receipt_form", {"refused": refused, "typed": typed}, status=refused.status)


@sensitive_post_parameters("code")
@require_POST
def download(request: HttpRequest) -> HttpResponse:
    """Everything that was given with the code (GDPR Art. 15 and 20): a JSON file, or a text to read."""
    code, found = _opened(request)
    handler, name = receipts.handler_for(found), f"loggia-{found.project.slug}"
    if request.POST.get("as") == "text":
        headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}.txt"'}
        text = receipts.as_text(handler.gifts(code, found))
        return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)
    headers = {**HEADERS, "Content-Disposition": f'attachment; filename="{name}.json"'}
    body = dict(handler.export(code, found))
    return JsonResponse(body, headers=headers, json_dumps_params={"indent": 2, "ensure_ascii": False})


@sensitive_post_parameters("code")
@require_POST
def correct(request: HttpRequest) -> HttpResponse:
    """``/r/correct/``: the answers go back into the form; sent again, they replace what was given."""
    code, found = _opened(request)
    handler = receipts.correctable(found)
    if handler is None:
        raise BadRequest
    try:
        onward = handler.begin_correction(code, found)
    except Refused as refused:
        return _shown(request, correction_refused=refused)
    response = redirect(onward.url)
    response.set_cookie(
        onward.cookie,
        onward.token,
        max_age=onward.seconds,
        path=onward.path,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@sensitive_post_parameters("code")
@require_POST
def withdraw(request: HttpRequest) -> HttpResponse:
    """Ask once whether it is meant; confirmed, delete what was given and say what stands."""
    code, found = _opened(request)
    context: dict[str, Any] = {"code": code, "receipt": found, "project": found.project}
    if request.POST.get("confirm") != "yes":
        return _page(request, "receipt_withdraw", context | _rights(code, found))
    report = receipts.handler_for(found).withdraw(code, found)
    return _page(request, "receipt_withdrawn", context | {"report": report})


@sensitive_post_parameters("code")
@require_POST
def appeal(request: HttpRequest) -> HttpResponse:
    """A second look at a ruling about something that was given with this code."""
    code, found = _opened(request)
    gifts = receipts.handler_for(found).gifts(code, found)
    wanted = request.POST.get("ruling", "")
    ruling = next((own for own in _rulings(gifts) if str(own.pk) == wanted), None)
    if ruling is None:
        raise BadRequest
    try:
        appeals.make(ruling, request.POST.get("text", ""))
    except appeals.AppealRefused as refused:
        return _shown(request, appeal_refused=refused)
    return _shown(request, appealed=True)


def _rulings(gifts: list[Gift]) -> list[Ruling]:
    found = [ruling for gift in gifts for ruling in (gift.ruling, *(item.ruling for item in gift.items))]
    return [ruling for ruling in found if ruling is not None]


def _page(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, f"engagement/{name}.html", context, status=status)
    for header, value in HEADERS.items():
        response[header] = value
    return response
