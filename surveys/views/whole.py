"""All questions on one page, for those who would rather see them together. No script needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from surveys import screens, turns
from surveys.asking import PLACES, Asked, asked
from surveys.drafts import COOKIE_SECONDS
from surveys.filling import Slot
from surveys.locating import named_places
from surveys.question_types.registry import Unclean
from surveys.views import page
from surveys.views.page import Visit


@require_http_methods(["GET", "HEAD", "POST"])
@page.visited
def whole(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """``/surveys/<slug>/all/``. Posted: every answer is kept; questions that follow from them appear."""
    if request.method != "POST":
        return _shown(request, visit, {}, {})
    visit.writing.whole = request.POST.get("page:go") != "single"
    given, errors = _take(request, visit)
    page.keep(visit, visit.filling.given)
    if not visit.writing.whole:
        return redirect(visit.question_url(screens.screens(visit.filling)[0].key))
    if request.POST.get("page:go") == "next":
        errors = {**{key: told[0] for key, told in visit.filling.errors().items()}, **errors}
        if not errors and not _appeared(request, visit):
            return redirect(visit.url("review"))
    return _shown(request, visit, given, errors)


@require_POST
def manner(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose easy words, or the usual ones again; remembered by this browser for this survey alone."""
    page.survey_for(request, slug)
    start = reverse("surveys:start", args=[slug])
    response = redirect(start)
    if request.POST.get("easy") == "1":
        response.set_cookie(page.EASY, "1", max_age=COOKIE_SECONDS, path=start, httponly=True, samesite="Lax")
    else:
        response.delete_cookie(page.EASY, path=start)
    return response


def _take(request: HttpRequest, visit: Visit) -> tuple[dict[str, Any], dict[str, str]]:
    """Put every posted answer among the others; what is none is given back with its sentence."""
    given: dict[str, Any] = {}
    errors: dict[str, str] = {}
    shown = request.POST.getlist("page:shown")
    for slot in screens.screens(visit.filling):
        apart = screens.is_hub(slot) or slot.item.kind in PLACES  # type: ignore[union-attr]
        if apart or not screens.asks(slot) or slot.key not in shown:
            continue
        try:
            page.take_answer(visit.filling, slot, request)
        except Unclean as unclean:
            given[slot.key], errors[slot.key] = page.typed(slot, request), str(unclean)
    return given, errors


def _appeared(request: HttpRequest, visit: Visit) -> bool:
    """Whether the answers have led to questions that the person has not seen yet."""
    shown = request.POST.getlist("page:shown")
    return any(slot.key not in shown for slot in screens.screens(visit.filling))


def _shown(request: HttpRequest, visit: Visit, given: Mapping[str, Any], errors: Mapping[str, str]) -> HttpResponse:
    filling, easy = visit.filling, page.is_easy(request)

    def entry(slot: Slot) -> dict[str, Any]:
        if screens.is_hub(slot):
            listed = [(turn, visit.question_url(turn.key)) for turn in turns.turns(filling, slot)]
            return {"key": slot.key, "title": turns.title(filling, slot), "turns": listed,
                    "url": visit.question_url(slot.key)}  # fmt: skip
        told = errors.get(slot.key, "")
        shown: Asked = asked(filling, slot, given=given.get(slot.key), error=told, easy=easy)
        return {"key": slot.key, "asked": shown, "url": visit.question_url(slot.key)}

    entries = [entry(slot) for slot in screens.screens(filling)]
    context = {"entries": entries, "errors": errors, "named_places": named_places(visit.survey.project)}
    return page.shown(request, "whole", visit.survey, context, status=422 if errors else 200)
