"""The questionnaire page by page: what it is about, one question a screen, a last look, the receipt. No script needed."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engagement.problems import Refused
from surveys import drafts, screens, turns
from surveys.asking import PLACES, asked
from surveys.embedding import embedded
from surveys.locating import POINTING, found_places, named_places, points_after
from surveys.question_types.registry import Unclean
from surveys.refusals import AnswersRefused
from surveys.responding import Sent, accept, open_opening
from surveys.views import page
from surveys.views.hub import hub
from surveys.views.page import Visit


@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest, slug: str) -> HttpResponse:
    """Before question 1: who asks, who may answer, what becomes of it, how long it takes. Posted, a draft begins."""
    survey = page.survey_for(request, slug)
    if request.method != "POST":
        easy = page.is_easy(request)
        return page.shown(request, "start", survey, embedded(request, survey, easy=easy) | {"easy": easy})
    try:
        opening = open_opening(survey)
    except Refused as refused:
        return page.refused(request, survey, refused)
    answers = turns.with_defaults(page.filling_of(opening.version.content, {}))
    whole = request.POST.get("page:go") == "all"
    writing = drafts.begin(survey, answers, whole=whole)
    first = screens.screens(page.filling_of(opening.version.content, answers))[0]
    response = redirect("surveys:whole", slug=slug) if whole else redirect("surveys:question", slug=slug, key=first.key)
    page.set_cookie(response, survey, writing)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@page.visited
def question(request: HttpRequest, visit: Visit, key: str) -> HttpResponseBase:
    """One question. Posted: keep the answer, then go on, back, or look a place up."""
    place = screens.place(visit.filling, key)
    if place is None:
        return redirect(visit.url("review"))
    if screens.is_hub(place.slot):
        return hub(request, visit, place)
    if request.method != "POST":
        return _asked(request, visit, place)
    return _answered(request, visit, place)


def _answered(request: HttpRequest, visit: Visit, place: screens.Place) -> HttpResponse:
    """Keep what was posted and go on, or stay: to look a place up, or because it is no answer."""
    go, key = request.POST.get("page:go"), place.slot.key
    if go in POINTING:
        given = page.typed(place.slot, request) if go == "search" else points_after(request.POST, key)
        return _asked(request, visit, place, given=given, searched=request.POST.get("page:search", ""))
    try:
        if go == "decline":
            page.put(place.slot, None)
        else:
            page.take_answer(visit.filling, place.slot, request)
    except Unclean as unclean:
        if go != "back":  # back always works
            return _asked(request, visit, place, given=page.typed(place.slot, request), error=str(unclean))
    page.keep(visit, visit.filling.given)
    return _onward(request, visit, key)


def _onward(request: HttpRequest, visit: Visit, key: str) -> HttpResponse:
    """Back to the question before, or on if this one is answered as it should be."""
    place = screens.place(visit.filling, key)
    if request.POST.get("page:go") == "back":
        back = place.back if place else None
        return redirect(visit.question_url(back.key) if back else visit.url("start"))
    if place is not None and (error := visit.filling.error(place.slot)):
        return _asked(request, visit, place, error=error)
    if visit.writing.whole:
        return redirect(f"{visit.url('whole')}#q-{key.replace('/', '-')}-box")
    onward = screens.after(visit.filling, key)
    return redirect(visit.question_url(onward.key) if onward else visit.url("review"))


def _asked(
    request: HttpRequest, visit: Visit, place: screens.Place, *, given: Any = None, error: str = "", searched: str = ""
) -> HttpResponse:
    shown = asked(visit.filling, place.slot, given=given, error=error, easy=page.is_easy(request))
    if shown.kind in PLACES:
        shown.searched = searched
        shown.found = found_places(searched)
    context = {"asked": shown, "place": place, "named_places": named_places(visit.survey.project)}
    return page.shown(request, "question", visit.survey, context, status=422 if error else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@page.visited
def review(request: HttpRequest, visit: Visit) -> HttpResponse:
    """All answers once more before they are sent; posted, the response is handed in."""
    if request.method != "POST":
        return _reviewed(request, visit, visit.filling.errors())
    writing = visit.writing
    sent = Sent(writing.id, writing.answers, writing.code, language=(get_language() or "en").split("-")[0])
    try:
        accept(visit.survey, sent)
    except AnswersRefused as refused:
        return _reviewed(request, visit, refused.errors, status=422)
    except Refused as refused:
        return page.refused(request, visit.survey, refused)
    drafts.finish(visit.survey, writing)
    return redirect(visit.url("thanks"))


def _reviewed(request: HttpRequest, visit: Visit, errors: Any, status: int = 200) -> HttpResponse:
    rows = page.review_rows(visit, errors)
    return page.shown(request, "review", visit.survey, {"rows": rows, "errors": errors}, status=status)


@require_safe
def thanks(request: HttpRequest, slug: str) -> HttpResponse:
    """The receipt code, as long as the draft's day lasts."""
    survey = page.survey_for(request, slug)
    writing = page.writing_of(request, survey)
    if writing is None or not writing.sent:
        return redirect("surveys:start", slug=slug)
    return page.shown(request, "thanks", survey, {"code": writing.code})


@require_POST
def forget(request: HttpRequest, slug: str) -> HttpResponse:
    """Clear what this browser holds of the survey, and what is kept here for it."""
    survey = page.survey_for(request, slug)
    if token := request.COOKIES.get(page.COOKIE):
        drafts.forget(token)
    response = render(request, "surveys/forgotten.html", {"survey": survey, "project": survey.project})
    response.delete_cookie(page.COOKIE, path=reverse("surveys:start", args=[slug]))
    return response
