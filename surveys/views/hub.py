"""The screen after the turns of a repeated group: what there is, another one, change, remove, put back."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect

from engagement.problems import Refused
from surveys import screens, turns
from surveys.filling import Filling
from surveys.views import page
from surveys.views.page import Visit


def hub(request: HttpRequest, visit: Visit, place: screens.Place, *, error: str = "") -> HttpResponseBase:
    """Shown, or posted with what to do: add, remove a turn, put it back, go on, back."""
    if request.method != "POST" or error:
        return _shown(request, visit, place, error)
    if number := request.POST.get("page:remove"):
        return _remove(visit, place, number)
    go = request.POST.get("page:go")
    if go == "add":
        return _add(request, visit, place)
    if go == "undo":
        return _put_back(visit, place)
    onward = place.back if go == "back" else place.onward
    end = "start" if go == "back" else "review"
    return redirect(visit.question_url(onward.key) if onward else visit.url(end))


def _shown(request: HttpRequest, visit: Visit, place: screens.Place, error: str) -> HttpResponse:
    context = {
        "place": place,
        "title": turns.title(visit.filling, place.slot),
        "turns": [(turn, visit.question_url(turn.key)) for turn in turns.turns(visit.filling, place.slot)],
        "removed": visit.writing.removed.get("key") == place.slot.key,
        "error": error,
    }
    return page.shown(request, "turns", visit.survey, context, status=422 if error else 200)


def _add(request: HttpRequest, visit: Visit, place: screens.Place) -> HttpResponseBase:
    before = {slot.key for slot in screens.screens(visit.filling)}
    try:
        answers = turns.add(visit.filling, place.slot)
    except Refused as refused:
        return hub(request, visit, place, error=str(refused.detail))
    visit.writing.removed = {}
    page.keep(visit, answers)
    return redirect(visit.question_url(_first_new(visit.filling, before) or place.slot.key))


def _first_new(filling: Filling, before: set[str]) -> str:
    return next((slot.key for slot in screens.screens(filling) if slot.key not in before), "")


def _remove(visit: Visit, place: screens.Place, number: str) -> HttpResponse:
    try:
        answers, turn = turns.remove(visit.filling, place.slot, int(number))
    except (LookupError, ValueError):  # removed already, in another tab
        return redirect(visit.question_url(place.slot.key))
    visit.writing.removed = {"key": place.slot.key, "number": int(number), "turn": turn}
    page.keep(visit, answers)
    return redirect(visit.question_url(place.slot.key))


def _put_back(visit: Visit, place: screens.Place) -> HttpResponse:
    removed = visit.writing.removed
    if removed.get("key") == place.slot.key:
        visit.writing.removed = {}
        page.keep(visit, turns.put_back(visit.filling, place.slot, removed["number"], removed["turn"]))
    return redirect(visit.question_url(place.slot.key))
