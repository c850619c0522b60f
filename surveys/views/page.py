"""What the pages of a survey share: finding the survey and the draft, keeping an answer, saying who asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from engagement import participating
from engagement.languages import pick
from engagement.problems import Refused
from surveys import drafts, screens, turns
from surveys.asking import around
from surveys.drafts import COOKIE_SECONDS, Writing
from surveys.filling import Filling, Slot
from surveys.ir import Form, Question
from surveys.models import Opening, Survey
from surveys.question_types.registry import type_of
from surveys.responding import open_opening
from surveys.wording import in_words

COOKIE = "draft"
EASY = "easy"
KEPT_FILES = frozenset({"image"})


@dataclass
class Visit:
    """One request of somebody who is answering."""

    survey: Survey
    opening: Opening
    writing: Writing
    filling: Filling

    def url(self, name: str) -> str:
        return reverse(f"surveys:{name}", args=[self.survey.slug])

    def question_url(self, key: str) -> str:
        return reverse("surveys:question", args=[self.survey.slug, key])

    def refresh(self) -> None:
        """Work the answers through again after one of them changed."""
        self.filling = filling_of(self.opening.version.content, self.writing.answers)


def survey_for(request: HttpRequest, slug: str) -> Survey:
    """The survey if the person may see its project; otherwise it looks absent."""
    found = Survey.objects.visible_to(request.user).select_related("project").filter(slug=slug).first()
    if found is None:
        raise Http404
    return found


def visited(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Open the visitor's draft and the round before the view. Without a draft one starts at the beginning."""

    @wraps(view)
    def opened(request: HttpRequest, slug: str, **path: str) -> HttpResponseBase:
        survey = survey_for(request, slug)
        writing = writing_of(request, survey)
        if writing is None:
            return redirect("surveys:start", slug=slug)
        if writing.sent:
            return redirect("surveys:thanks", slug=slug)
        try:
            opening = open_opening(survey)
        except Refused as closed:
            return refused(request, survey, closed)
        form = opening.version.content
        writing.answers = {key: value for key, value in writing.answers.items() if key in form.items}
        return view(request, Visit(survey, opening, writing, filling_of(form, writing.answers)), **path)

    return opened


def writing_of(request: HttpRequest, survey: Survey) -> Writing | None:
    token = request.COOKIES.get(COOKIE, "")
    return drafts.load(survey, token) if token else None


def set_cookie(response: HttpResponse, survey: Survey, writing: Writing) -> None:
    """The one cookie of a resident: the key to the own draft, sent to this survey's pages alone, gone with its day."""
    response.set_cookie(
        COOKIE,
        writing.token,
        max_age=COOKIE_SECONDS,
        path=reverse("surveys:start", args=[survey.slug]),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def is_easy(request: HttpRequest) -> bool:
    """Whether the person chose easy words; kept in a cookie of this survey's pages."""
    return request.COOKIES.get(EASY) == "1"


def filling_of(form: Form, answers: Mapping[str, Any]) -> Filling:
    return Filling(form, answers, now=timezone.localtime(), language=(get_language() or "en").split("-")[0])


def typed(slot: Slot, request: HttpRequest) -> Any:
    """What the person typed or chose, to show it again. A file cannot be shown again; the stored one stays."""
    question = slot.item
    assert isinstance(question, Question)
    if question.kind in KEPT_FILES:
        return slot.typed
    several = question.kind == "select_multiple"
    return request.POST.getlist(slot.key) if several else request.POST.get(slot.key, "")


def take_answer(filling: Filling, slot: Slot, request: HttpRequest) -> None:
    """Clean the posted answer and put it among the others. Raises Unclean."""
    question = slot.item
    assert isinstance(question, Question)
    if question.kind in KEPT_FILES:
        given: object = request.FILES.get(slot.key, "")
        if not given and f"page:remove:{slot.key}" not in request.POST:
            return
    else:
        given = type_of(question).posted(request.POST, slot.key)
    put(slot, type_of(question).clean(given, question, filling.form))


def put(slot: Slot, clean: Any) -> None:
    """Put a clean answer, or ``None`` for none, where the filling keeps what was given."""
    local = slot.scope.below(slot.item.path)
    if clean is None:
        slot.scope.answers.pop(local, None)
    else:
        slot.scope.answers[local] = clean


def keep(visit: Visit, answers: dict[str, Any]) -> None:
    """Keep the draft and work the answers through again."""
    visit.writing.answers = answers
    drafts.save(visit.survey, visit.writing)
    visit.refresh()


def review_rows(visit: Visit, errors: Mapping[str, list[str]]) -> list[dict[str, Any]]:
    """Every question on the way with its answer in words, what is wrong with it, and where to change it."""
    filling = visit.filling
    return [
        {
            "label": label_of(filling, slot),
            "around": around(filling, slot),
            "answer": hub_words(filling, slot) if screens.is_hub(slot) else in_words(filling, slot),
            "errors": errors.get(slot.key, []),
            "url": visit.question_url(slot.key),
        }
        for slot in screens.screens(filling)
        if screens.asks(slot)
    ]


def label_of(filling: Filling, slot: Slot) -> str:
    if screens.is_hub(slot):
        return turns.title(filling, slot)
    return filling.text_of(pick(slot.item.label), slot) or slot.item.name


def hub_words(filling: Filling, slot: Slot) -> str:
    return str(len(turns.turns(filling, slot)))


def about(survey: Survey) -> dict[str, Any]:
    """What stands before question 1, and whether one can answer."""
    opening = survey.current_opening()
    form = opening.version.content if opening else None
    return {
        "has_easy": form is not None and any(question.easy for question in form.questions.values()),
        "survey": survey,
        "project": survey.project,
        "charter": participating.charter_of(survey.project),
        "round": opening.round if opening else None,
        "is_open": opening is not None and opening.round.is_open(),
        "question_count": screens.question_count(form) if form else 0,
        "minutes": screens.minutes(form) if form else 0,
    }


def shown(
    request: HttpRequest, name: str, survey: Survey, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    """A page of the survey. Personal: no cache keeps it but the browser's own offline copy of the first page."""
    response = render(
        request,
        f"surveys/{name}.html",
        {**about(survey), "receipt_url": request.build_absolute_uri("/r/"), **context},
        status=status,
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


def refused(request: HttpRequest, survey: Survey, problem: Refused) -> HttpResponse:
    """Why nothing was taken in, with the way back to what was written."""
    return shown(request, "refused", survey, {"problem": problem}, status=problem.status)
