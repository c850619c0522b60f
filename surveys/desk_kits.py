"""Starter kits at the desk: choose one, fill in what only the town knows, and the survey is open."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from engagement import places
from engagement.access import require_role, signed_in
from engagement.models import Poster, Project
from engagement.problems import Refused
from engagement.roles import Role
from surveys.building import kits as starting
from surveys.building.kits import LANGUAGES, TO_DECIDE, Kit, Local, NoSuchKit
from surveys.screens import minutes, question_count

DAY = {"type": "date"}


class LocalForm(forms.Form):
    """Ten fields between a kit and an open survey."""

    place_name = forms.CharField(
        label=gettext_lazy("Name of the place"),
        max_length=80,
        help_text=gettext_lazy("As residents call it, such as: the Long Bridge."),
    )
    middle = forms.CharField(
        label=gettext_lazy("A street and number in the middle of it"),
        required=False,
        help_text=gettext_lazy("For the picture and the map; left empty, there is none."),
    )
    scene_slug = forms.SlugField(label=gettext_lazy("Scene of the twin"), required=False)
    slug = forms.SlugField(
        label=gettext_lazy("Short name in the address"),
        max_length=24,
        help_text=gettext_lazy("Small letters and dashes; it stands on the poster: /p/short-name"),
    )
    decider = forms.CharField(label=gettext_lazy("Who decides?"), max_length=160)
    decide_by = forms.DateField(label=gettext_lazy("By when?"), widget=forms.DateInput(DAY))
    population = forms.CharField(label=gettext_lazy("Who may answer?"), max_length=120)
    opens_on = forms.DateField(label=gettext_lazy("First day"), widget=forms.DateInput(DAY))
    closes_on = forms.DateField(label=gettext_lazy("Last day"), widget=forms.DateInput(DAY))
    expected = forms.IntegerField(
        label=gettext_lazy("How many answers do you expect?"), min_value=1, max_value=1_000_000
    )
    languages = forms.MultipleChoiceField(
        label=gettext_lazy("Languages"), choices=settings.LANGUAGES, widget=forms.CheckboxSelectMultiple
    )

    def clean_slug(self) -> str:
        slug: str = slugify(self.cleaned_data["slug"])
        taken = Project.objects.filter(slug=slug).exists() or Poster.objects.filter(code=slug).exists()
        if taken or slug in {"new", "kits"}:
            raise forms.ValidationError(_("Another project has this short name already. Choose another one."))
        return slug

    def clean_middle(self) -> str:
        middle: str = self.cleaned_data["middle"]
        if middle and not places.search(middle, limit=1):
            raise forms.ValidationError(_("No street or place of this name is in the map. Try a part of the name."))
        return middle

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        closes, decide_by = cleaned.get("closes_on"), cleaned.get("decide_by")
        if closes and decide_by and decide_by <= closes:
            self.add_error("decide_by", _("It is decided after the last day on which people can answer."))
        return cleaned


@require_safe
@require_role(Role.OFFICER)
def kits(request: HttpRequest) -> HttpResponse:
    """``/desk/forms/kits/``: what there is to begin with."""
    found = [starting.kit(name) for name in starting.names()]
    entries = [(kit, question_count(kit.form), minutes(kit.form)) for kit in found]
    return render(request, "surveys/desk_kits.html", {"entries": entries})


@require_http_methods(["GET", "HEAD", "POST"])
@require_role(Role.OFFICER)
def kit(request: HttpRequest, name: str) -> HttpResponse:
    """``/desk/forms/kits/<name>/``: its texts and questions, and the fields; posted, the survey opens."""
    try:
        chosen = starting.kit(name)
    except NoSuchKit:
        raise Http404 from None
    form = LocalForm(request.POST or None, initial=_advice(chosen))
    refused: Refused | None = None
    if form.is_valid():
        try:
            begun = starting.begin(signed_in(request), chosen, Local(**form.cleaned_data))
        except Refused as error:
            refused = error
        else:
            messages.success(
                request, _("It is open. The poster leads to it: %(url)s") % {"url": f"/p/{begun.poster.code}"}
            )
            return redirect("surveys:desk_survey", slug=begun.version.survey.slug)
    context = {"kit": chosen, "form": form, "refused": refused}
    return render(request, "surveys/desk_kit.html", context, status=422 if refused or form.errors else 200)


def _advice(chosen: Kit) -> dict[str, Any]:
    today = timezone.localdate()
    last = today + timedelta(days=chosen.days)
    return {"opens_on": today, "closes_on": last, "decide_by": last + TO_DECIDE, "expected": chosen.expected, "languages": LANGUAGES}  # fmt: skip
