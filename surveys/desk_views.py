"""The officer's pages: surveys of a project, a form uploaded as its next version, rounds opened and closed."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engagement import roles
from engagement.access import officer_project, require_role, signed_in
from engagement.models import Round
from engagement.problems import Refused
from engagement.roles import Role
from surveys import opening, versions
from surveys.models import Survey, SurveyVersion
from surveys.xlsform.writing import write

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LARGEST_FORM = 4 * 1024 * 1024


class UploadForm(forms.Form):
    """An XLSForm for a project."""

    project = forms.SlugField(widget=forms.Select)
    file = forms.FileField(
        label=gettext_lazy("XLSForm (.xlsx or .xls)"),
        help_text=gettext_lazy("Made in Excel, LibreOffice or KoboToolbox. What we cannot ask is named with its row."),
    )

    def __init__(self, *args: Any, user: object, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = roles.projects_of(user, Role.OFFICER)
        self.fields["project"].label = _("Project")
        self.fields["project"].widget.choices = [(project.slug, str(project)) for project in mine]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FORM:
            raise forms.ValidationError(_("This file is larger than 4 MB. Forms are small; is it the right one?"))
        return file


class RoundForm(forms.Form):
    """How a round is meant to run."""

    population = forms.CharField(
        label=gettext_lazy("Who may answer?"),
        max_length=120,
        help_text=gettext_lazy("In words that residents understand. The privacy budget is kept for these people."),
    )
    opens_on = forms.DateField(label=gettext_lazy("First day"), widget=forms.DateInput({"type": "date"}))
    closes_on = forms.DateField(label=gettext_lazy("Last day"), widget=forms.DateInput({"type": "date"}))
    expected_responses = forms.IntegerField(
        label=gettext_lazy("How many answers do you expect?"),
        min_value=1,
        max_value=1_000_000,
        initial=opening.EXPECTED,
        help_text=gettext_lazy("Decides which questions a release can carry."),
    )
    without_figures = forms.BooleanField(
        label=gettext_lazy("Open it all the same, although no figure could be released"), required=False
    )

    def plan(self) -> opening.Plan:
        given = self.cleaned_data
        first, last = given["opens_on"], given["closes_on"]
        return opening.Plan(
            population=given["population"],
            opens_at=timezone.make_aware(datetime.combine(first, time.min)),
            closes_at=timezone.make_aware(datetime.combine(last + timedelta(days=1), time.min)),
            expected_responses=given["expected_responses"],
            without_figures=given["without_figures"],
        )

    def typed(self, name: str) -> Any:
        """What stands in a field now, checked; what it starts with when nothing valid was typed."""
        return getattr(self, "cleaned_data", {}).get(name) or self.get_initial_for_field(self.fields[name], name)


@require_safe
@require_role(Role.OFFICER)
def desk(request: HttpRequest) -> HttpResponse:
    """``/desk/surveys/``: every survey of the officer's projects, its versions and rounds."""
    mine = roles.projects_of(request.user, Role.OFFICER)
    surveys = Survey.objects.filter(project__in=mine).select_related("project").prefetch_related("versions__openings")
    rounds = Round.objects.filter(project__in=mine).order_by("-opens_at")
    entries = [
        {"survey": survey, "rounds": [one for one in rounds if one.survey_slug == survey.slug]} for survey in surveys
    ]
    return render(request, "surveys/desk.html", {"entries": entries})


@require_http_methods(["GET", "HEAD", "POST"])
@require_role(Role.OFFICER)
def upload(request: HttpRequest) -> HttpResponse:
    """``/desk/surveys/new/``: take an XLSForm in; a refusal names sheet, row, column and reason."""
    form = UploadForm(request.POST or None, request.FILES or None, user=request.user, initial=request.GET.dict())
    refused: Refused | None = None
    if form.is_valid():
        project = officer_project(request.user, form.cleaned_data["project"])
        try:
            taken = versions.upload(signed_in(request), project, form.cleaned_data["file"].read())
        except Refused as error:
            refused = error
        else:
            for notice in taken.notices:
                messages.warning(request, notice)
            said = _("Version %(number)d is ready. Look at it, then open a round.")
            messages.success(request, said % {"number": taken.version.number})
            return redirect("surveys:desk_survey", slug=taken.version.survey.slug)
    faults = getattr(refused, "faults", ())
    context = {"form": form, "refused": refused, "faults": faults}
    return render(request, "surveys/desk_upload.html", context, status=422 if refused or form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@require_role(Role.OFFICER)
def survey(request: HttpRequest, slug: str) -> HttpResponse:
    """``/desk/surveys/<slug>/``: its questions and rounds; posted, a round of its newest version opens."""
    found = survey_for(request, slug)
    version = found.latest
    today = timezone.localdate()
    form = RoundForm(request.POST or None, initial={"opens_on": today, "closes_on": today + timedelta(days=21)})
    refused: Refused | None = None
    if form.is_valid() and version is not None and request.POST.get("step") != "forecast":
        try:
            opening.open_round(signed_in(request), version, form.plan())
        except Refused as error:
            refused = error
        else:
            messages.success(request, _("The round is planned. Residents can answer from its first day on."))
            return redirect("surveys:desk_survey", slug=slug)
    rounds = Round.objects.filter(project=found.project, survey_slug=slug)
    context: dict[str, Any] = {"survey": found, "version": version, "rounds": rounds, "form": form, "refused": refused}
    if version is not None:
        context["outlook"] = opening.forecast(
            found, version.content, form.typed("population") or "", form.typed("expected_responses")
        )
    return render(request, "surveys/desk_survey.html", context, status=422 if refused or form.errors else 200)


@require_POST
@require_role(Role.OFFICER)
def close(request: HttpRequest, slug: str) -> HttpResponse:
    """Close the open round of a survey now."""
    found = survey_for(request, slug)
    for round in Round.objects.filter(project=found.project, survey_slug=slug):
        opening.close_round(signed_in(request), round)
    messages.success(request, _("The round is closed. What was received stays."))
    return redirect("surveys:desk_survey", slug=slug)


@require_safe
@require_role(Role.OFFICER)
def download(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """A version as XLSForm again."""
    found = survey_for(request, slug)
    version = SurveyVersion.objects.filter(survey=found, number=number).first()
    if version is None:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="{slug}-v{number}.xlsx"'}
    return HttpResponse(write(version.content), content_type=XLSX, headers=headers)


def survey_for(request: HttpRequest, slug: str) -> Survey:
    """A survey of a project in which the person is an officer; otherwise it looks absent."""
    mine = roles.projects_of(request.user, Role.OFFICER)
    found = Survey.objects.filter(project__in=mine, slug=slug).select_related("project").first()
    if found is None:
        raise Http404
    return found
