"""The page behind the code on a lamp post: one picture, one question, who asks and how long it takes."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from engagement.models import Poster, Project
from engagement.problems import Refused
from surveys import drafts, screens, turns
from surveys.asking import asked
from surveys.models import Survey
from surveys.question_types.registry import Unclean, type_of
from surveys.responding import open_opening
from surveys.views import page


@require_http_methods(["GET", "HEAD", "POST"])
def poster(request: HttpRequest, code: str) -> HttpResponse:
    """``/p/<code>``: posted, the first answer opens a draft and the survey goes on after it."""
    found, survey = _poster(request, code)
    try:
        opening = open_opening(survey)
    except Refused as refused:
        return page.refused(request, survey, refused)
    question = screens.first_question(opening.version.content)
    if question is None:
        raise Http404
    filling = page.filling_of(opening.version.content, {})
    slot = filling.slots[question.path]
    phone = {
        "slug": survey.slug,
        "version": opening.version.hash,
        "start": reverse("surveys:start", args=[survey.slug]),
    }
    context: dict[str, Any] = {"poster": found, "asked": asked(filling, slot), "phone": phone}
    if request.method != "POST":
        return page.shown(request, "poster", survey, context)
    try:
        answer = type_of(question).clean(type_of(question).posted(request.POST, slot.key), question, filling.form)
    except Unclean as unclean:
        context["asked"] = asked(filling, slot, given=page.typed(slot, request), error=str(unclean))
        return page.shown(request, "poster", survey, context, status=422)
    return _going_on(request, survey, context, question.path, {} if answer is None else {question.path: answer})


def _going_on(
    request: HttpRequest, survey: Survey, context: dict[str, Any], key: str, answers: dict[str, Any]
) -> HttpResponse:
    """Keep the first answer in a draft and show the question after it."""
    filling = page.filling_of(open_opening(survey).version.content, answers)
    if error := filling.error(filling.slots[key]):
        context["asked"] = asked(filling, filling.slots[key], error=error)
        return page.shown(request, "poster", survey, context, status=422)
    writing = drafts.begin(survey, turns.with_defaults(filling))
    onward = screens.after(filling, key)
    to = ("surveys:question", [survey.slug, onward.key]) if onward else ("surveys:review", [survey.slug])
    response = redirect(to[0], *to[1])
    page.set_cookie(response, survey, writing)
    return response


def _poster(request: HttpRequest, code: str) -> tuple[Poster, Survey]:
    projects = Project.objects.visible_to(request.user)
    found = Poster.objects.filter(code=code.lower(), project__in=projects).select_related("project").first()
    survey = Survey.objects.filter(slug=found.survey_slug, project=found.project).first() if found else None
    if found is None or survey is None:
        raise Http404
    return found, survey
