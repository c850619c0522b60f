"""Officers' pages: campaigns, and sheets of codes to print."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from engagement import access, roles
from engagement.models import Project, User
from engagement.problems import Refused
from engagement.roles import Role
from sensors import campaigning, presets, settings_for_boxes
from sensors.models import Campaign


class CampaignForm(forms.ModelForm[Campaign]):
    title = forms.CharField(label=_("Title"), max_length=120)

    class Meta:
        model = Campaign
        fields = ("project", "slug", "licence", "opens_on", "closes_on")
        widgets = {name: forms.DateInput(attrs={"type": "date"}) for name in ("opens_on", "closes_on")}

    def __init__(self, data: object = None, *, user: User) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        project = self.fields["project"]
        assert isinstance(project, forms.ModelChoiceField)
        project.queryset = roles.projects_of(user, Role.OFFICER)

    def campaign(self) -> Campaign:
        """Only after the form was found valid."""
        made: Campaign = self.save(commit=False)
        language = (made.project.languages or ["en"])[0]
        made.title = {language: self.cleaned_data["title"]}
        return made


class CodesForm(forms.Form):
    preset = forms.ChoiceField(label=_("Kind of box"))
    count = forms.IntegerField(label=_("How many"), min_value=1, max_value=campaigning.MOST_CODES, initial=12)

    def __init__(self, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        preset = self.fields["preset"]
        assert isinstance(preset, forms.ChoiceField)
        preset.choices = [(known.name, known.label) for known in presets.PRESETS.values()]


def _officer(request: HttpRequest) -> User:
    if not isinstance(request.user, User) or not access.works_as(request.user, Role.OFFICER):
        raise PermissionDenied
    return request.user


def _projects(officer: User) -> list[int]:
    return list(Project.objects.filter(pk__in=roles.projects_of(officer, Role.OFFICER)).values_list("pk", flat=True))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def campaigns(request: HttpRequest) -> HttpResponse:
    """``/desk/campaigns/``: the officer's campaigns, and a form to begin one."""
    officer = _officer(request)
    form = CampaignForm(request.POST if request.method == "POST" else None, user=officer)
    if form.is_bound and form.is_valid():
        campaign = campaigning.begin(officer, form.campaign())
        messages.success(request, _("The campaign is begun. Print codes for its boxes below."))
        return redirect("sensors:campaign", campaign_id=campaign.pk)
    listed = Campaign.objects.filter(project__in=_projects(officer)).select_related("project")
    context = {"form": form, "campaigns": listed}
    return render(request, "sensors/desk_campaigns.html", context, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def campaign(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """``/desk/campaigns/<id>/``: codes that wait to be claimed; make more."""
    officer = _officer(request)
    found = get_object_or_404(Campaign, pk=campaign_id, project__in=_projects(officer))
    form = CodesForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            campaigning.print_codes(officer, found, form.cleaned_data["preset"], form.cleaned_data["count"])
        except Refused as refused:
            form.add_error("count", str(refused))
        else:
            return redirect("sensors:sheet", campaign_id=found.pk)
    context = {"campaign": found, "form": form, "waiting": campaigning.unclaimed(found)}
    return render(request, "sensors/desk_campaign.html", context, status=422 if form.is_bound else 200)


@require_safe
@login_required
def sheet(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """``/desk/campaigns/<id>/sheet/``: the waiting codes as QR codes, to print and to cut."""
    officer = _officer(request)
    found = get_object_or_404(Campaign, pk=campaign_id, project__in=_projects(officer))
    base = settings.LOGGIA_BASE_URL.rstrip("/")
    labels = [
        (
            device.code,
            presets.get(device.preset).label,
            settings_for_boxes.qr(f"{base}/sensors/new/?code={device.code}"),
        )
        for device in campaigning.unclaimed(found)
    ]
    return render(request, "sensors/desk_sheet.html", {"campaign": found, "labels": labels, "base": base})
