"""What residents will see, before anything opens."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from engagement import roles
from engagement.access import require_role
from engagement.roles import Role
from surveys.asking import asked
from surveys.filling import Filling
from surveys.models import SurveyVersion
from surveys.screens import is_shown


@require_safe
@require_role(Role.OFFICER)
def preview(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """``/desk/surveys/<slug>/v<n>/preview/``: every screen of a version one below the other; nothing can be sent."""
    mine = roles.projects_of(request.user, Role.OFFICER)
    version = SurveyVersion.objects.filter(survey__slug=slug, survey__project__in=mine, number=number).first()
    if version is None:
        raise Http404
    language = (get_language() or "en").split("-")[0]
    filling = Filling(version.content, {}, now=timezone.localtime(), language=language)
    questions = [asked(filling, slot) for slot in filling.slots.values() if is_shown(slot.item)]
    context = {"survey": version.survey, "version": version, "questions": questions}
    return render(request, "surveys/preview.html", context)
