"""The officer's page about raw answers: ask for a copy with a purpose, fetch it, see who holds which and what must go."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engagement.access import require_role, signed_in
from engagement.models import Round
from engagement.roles import Role
from surveys.copy_models import RawCopy
from surveys.desk_views import survey_for
from surveys.exporting import copying
from surveys.models import Survey


class CopyForm(forms.Form):
    """Which answers, as what, and what for."""

    round = forms.ModelChoiceField(Round.objects.none(), label=gettext_lazy("Round"), empty_label=None)
    format = forms.ChoiceField(label=gettext_lazy("File"), choices=RawCopy.Format.choices)
    purpose = forms.CharField(
        label=gettext_lazy("What do you need the raw answers for?"),
        min_length=copying.SHORTEST_PURPOSE,
        max_length=300,
        widget=forms.Textarea({"rows": 2}),
        help_text=gettext_lazy("Kept with your name in the log. For planning use a release: it needs no raw answers."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@require_role(Role.OFFICER)
def copies(request: HttpRequest, slug: str) -> HttpResponse:
    """``/desk/surveys/<slug>/copies/``: every copy with its holder; posted, a new one is made by the worker."""
    found = survey_for(request, slug)
    form = CopyForm(request.POST or None)
    rounds = Round.objects.filter(project=found.project, survey_slug=slug, survey_opening__isnull=False)
    form.fields["round"].queryset = rounds  # type: ignore[attr-defined]
    if form.is_valid():
        given = form.cleaned_data
        copying.request_copy(signed_in(request), given["round"], given["format"], given["purpose"])
        messages.success(request, _("The file is being written. It stays here for a day."))
        return redirect("surveys:desk_copies", slug=slug)
    listed = [
        {
            "copy": copy,
            "job": copying.job_of(copy),
            "is_here": copying.file_of(copy).is_file(),
            "mine": copy.holder_id == request.user.pk,
            "erasures": list(copy.open_erasures),
        }
        for copy in _copies(found)
    ]
    context = {"survey": found, "form": form, "rounds": rounds, "copies": listed}
    return render(request, "surveys/desk_copies.html", context, status=422 if form.errors else 200)


@require_safe
@require_role(Role.OFFICER)
def download(request: HttpRequest, slug: str, number: int) -> HttpResponseBase:
    """The file, for the officer who gave the purpose and nobody else."""
    copy = _held_by(request, slug, number)
    file = copying.opened(copy)
    return FileResponse(file.open("rb"), as_attachment=True, filename=file.name)


@require_POST
@require_role(Role.OFFICER)
def erased(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The holder says that the withdrawn rows are gone from the copy."""
    copying.confirm_erased(_held_by(request, slug, number), signed_in(request))
    messages.success(request, _("Thank you. It is written down that these rows are deleted from your copy."))
    return redirect("surveys:desk_copies", slug=slug)


def _copies(survey: Survey) -> list[RawCopy]:
    mine = RawCopy.objects.filter(round__project=survey.project, round__survey_slug=survey.slug)
    return list(mine.select_related("round", "holder"))


def _held_by(request: HttpRequest, slug: str, number: int) -> RawCopy:
    found = next((copy for copy in _copies(survey_for(request, slug)) if copy.pk == number), None)
    if found is None:
        raise Http404
    if found.holder_id != request.user.pk:
        raise PermissionDenied
    return found
