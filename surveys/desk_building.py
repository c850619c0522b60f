"""The officer's builder: forms in the making. Plain forms; a small script saves while one types and renews the preview."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language_info, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engagement import roles
from engagement.access import officer_project, require_role, signed_in
from engagement.languages import RIGHT_TO_LEFT
from engagement.problems import Refused
from engagement.roles import Role
from surveys.asking import asked
from surveys.building import linting, shaping, sketching
from surveys.building.conditions import OPERATORS, condition
from surveys.building.editing import MOST_PARTS, PII, Faulty, edited
from surveys.building.shaping import NoSuchItem
from surveys.desk_views import LARGEST_FORM, XLSX
from surveys.filling import Filling
from surveys.ir import Form, Group, Question
from surveys.pictograms import SHAPES
from surveys.screens import is_shown, minutes, question_count
from surveys.sketch_models import Sketch
from surveys.xlsform.reading import read
from surveys.xlsform.writing import write

SPARE_CHOICES = 3
AUTOSAVE = "X-Autosave"


class NewForm(forms.Form):
    """A form to begin with: empty, or from an XLSForm."""

    project = forms.SlugField(widget=forms.Select)
    title = forms.CharField(label=gettext_lazy("What is it about?"), max_length=120)
    languages = forms.CharField(
        label=gettext_lazy("Languages, the first one is the default"),
        initial="en fi sv",
        help_text=gettext_lazy("Codes with spaces between, such as: fi sv en ar"),
    )
    file = forms.FileField(label=gettext_lazy("Begin with an XLSForm"), required=False)

    def __init__(self, *args: Any, user: object, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = roles.projects_of(user, Role.OFFICER)
        self.fields["project"].label = _("Project")
        self.fields["project"].widget.choices = [(project.slug, str(project)) for project in mine]

    def clean_languages(self) -> list[str]:
        codes = str(self.cleaned_data["languages"]).replace(",", " ").lower().split()
        for code in codes:
            try:
                get_language_info(code)
            except KeyError:
                raise forms.ValidationError(_("“%(code)s” is no language code.") % {"code": code}) from None
        return codes

    def form(self) -> Form:
        """Raises FormRefused for an XLSForm that cannot be used."""
        file = self.cleaned_data.get("file")
        if file and file.size <= LARGEST_FORM:
            return read(file.read()).form
        codes = self.cleaned_data["languages"]
        title = self.cleaned_data["title"]
        return shaping.blank(title, {codes[0]: title}, tuple(codes))


@require_http_methods(["GET", "HEAD", "POST"])
@require_role(Role.OFFICER)
def sketches(request: HttpRequest) -> HttpResponse:
    """``/desk/forms/``: forms in the making, and a new one."""
    form = NewForm(request.POST or None, request.FILES or None, user=request.user, initial=request.GET.dict())
    refused: Refused | None = None
    if form.is_valid():
        project = officer_project(request.user, form.cleaned_data["project"])
        try:
            sketch = sketching.begin(signed_in(request), project, form.form(), slug=form.cleaned_data["title"])
        except Refused as error:
            refused = error
        else:
            return redirect("surveys:desk_sketch", slug=sketch.slug)
    mine = Sketch.objects.filter(project__in=roles.projects_of(request.user, Role.OFFICER)).select_related("project")
    context = {"form": form, "sketches": mine, "refused": refused, "faults": getattr(refused, "faults", ())}
    return render(request, "surveys/desk_sketches.html", context, status=422 if refused or form.errors else 200)


@require_safe
@require_role(Role.OFFICER)
def sketch(request: HttpRequest, slug: str) -> HttpResponse:
    """``/desk/forms/<slug>/``: the form as a list, what could be better, the next steps."""
    return _outline(request, _mine(request, slug))


def _outline(request: HttpRequest, sketch: Sketch, refused: Refused | None = None) -> HttpResponse:
    form = sketch.content
    remarks = linting.lint(form)
    rows = [
        {"item": item, "depth": item.path.count("/"), "is_group": isinstance(item, Group),
         "remarks": [remark for remark in remarks if remark.path == path]}
        for path, item in form.items.items()
    ]  # fmt: skip
    context = {
        "sketch": sketch, "form": form, "rows": rows, "remarks": [one for one in remarks if not one.path],
        "levels": linting.levels(form), "kinds": shaping.kinds(), "groups": [g for g in form.items.values() if isinstance(g, Group)],
        "minutes": minutes(form), "questions": question_count(form), "refused": refused,
        "codes": " ".join(language.code for language in form.languages),
    }  # fmt: skip
    return render(request, "surveys/desk_sketch.html", context, status=refused.status if refused else 200)


@require_POST
@require_role(Role.OFFICER)
def step(request: HttpRequest, slug: str) -> HttpResponse:
    """Add, move, remove, undo, languages: one button each."""
    found = _mine(request, slug)
    deed, path = request.POST.get("deed", ""), request.POST.get("path", "")
    added: list[str] = []

    def add(form: Form) -> Form:
        grown, new = shaping.add(form, request.POST.get("kind", ""), into=request.POST.get("into", ""))
        added.append(new)
        return grown

    steps: dict[str, Callable[[Form], Form]] = {
        "add": add,
        "up": lambda form: shaping.move(form, path, -1),
        "down": lambda form: shaping.move(form, path, 1),
        "remove": lambda form: shaping.remove(form, path),
        "languages": lambda form: shaping.set_languages(form, request.POST.get("languages", "").lower().split()[:12] or ["en"]),
    }  # fmt: skip
    try:
        if deed == "undo":
            sketching.undo(found, _revision(request), signed_in(request))
        elif deed in steps:
            sketching.change(found, _revision(request), signed_in(request), steps[deed])
    except NoSuchItem:
        messages.warning(request, _("This question is not there any more."))
    except Refused as refused:
        return _outline(request, _mine(request, slug), refused)
    if deed == "remove":
        messages.success(request, _("Removed. “Take the last step back” brings it back."))
    if added:
        return redirect("surveys:desk_sketch_item", slug=slug, path=added[0])
    return redirect("surveys:desk_sketch", slug=slug)


@require_http_methods(["GET", "HEAD", "POST"])
@require_role(Role.OFFICER)
def item(request: HttpRequest, slug: str, path: str) -> HttpResponseBase:
    """``/desk/forms/<slug>/items/<path>/``: one question, its languages side by side, beside what a phone shows."""
    found = _mine(request, slug)
    if path not in found.content.items:
        raise Http404
    if request.method != "POST":
        return _item(request, found, path)
    new_path = [path]

    def change(form: Form) -> Form:
        changed, new_path[0] = edited(form, path, request.POST)
        return changed

    try:
        saved = sketching.change(found, _revision(request), signed_in(request), change)
    except NoSuchItem:
        raise Http404 from None
    except Faulty as faulty:
        return _item(request, found, path, faults=faulty.faults)
    except Refused as refused:
        return _item(request, _mine(request, slug), path, refused=refused)
    if request.headers.get(AUTOSAVE):
        return JsonResponse(_autosaved(request, saved, new_path[0]))
    if request.POST.get("go") == "stay":
        return redirect("surveys:desk_sketch_item", slug=slug, path=new_path[0])
    return redirect("surveys:desk_sketch", slug=slug)


def _autosaved(request: HttpRequest, sketch: Sketch, path: str) -> dict[str, Any]:
    preview = _preview(sketch.content, path, request.GET.get("language", ""))
    remarks = [remark.text for remark in linting.lint(sketch.content) if remark.path == path]
    url = reverse("surveys:desk_sketch_item", args=[sketch.slug, path])
    return {"revision": sketch.revision, "url": url, "preview": render_to_string("surveys/desk_preview_question.html", preview, request),
            "remarks": remarks, "saved": _("Saved at %(time)s") % {"time": f"{timezone.localtime():%H:%M:%S}"}}  # fmt: skip


def _item(
    request: HttpRequest,
    sketch: Sketch,
    path: str,
    *,
    faults: dict[str, str] | None = None,
    refused: Refused | None = None,
) -> HttpResponse:
    """The page of one question; after a refusal with what was typed, and what is stored beside it."""
    if path not in sketch.content.items:
        raise Http404
    status = 422 if faults else refused.status if refused else 200
    if status != 200 and request.headers.get(AUTOSAVE):
        told = " ".join(faults.values()) if faults else str(refused.detail) if refused else ""
        return JsonResponse({"problem": told, "faults": faults or {}}, status=status)
    typed = request.POST if status != 200 else None
    form, stored = sketch.content, sketch.content
    if typed is not None and refused is not None:
        try:
            form = edited(form, path, typed)[0]
        except (Faulty, NoSuchItem):
            form = stored
    context = {"sketch": sketch, "faults": faults or {}, "refused": refused, "typed": typed, **_fields(form, path)}
    context["remarks"] = [remark for remark in linting.lint(stored) if remark.path == path]
    context |= _preview(stored, path, request.GET.get("language", ""))
    return render(request, "surveys/desk_sketch_item.html", context, status=status)


def _fields(form: Form, path: str) -> dict[str, Any]:
    """What the page of a question shows and lets one change. A path that was renamed is found under its name."""
    found = form.items.get(path) or next(iter(form.items.values()))
    simple = condition(found.relevant)
    earlier = [item for item in _before(form, found.path) if isinstance(item, Question)]
    parts = list(simple.parts if simple else ())
    choices = list(form.choices_of(found)) if isinstance(found, Question) else []
    return {
        "form": form, "item": found, "is_question": isinstance(found, Question), "languages": form.languages,
        "rows": [*parts, *([None] * (MOST_PARTS - len(parts)))], "simple": simple, "earlier": earlier, "operators": OPERATORS,
        "choices": choices, "spare": range(len(choices), len(choices) + SPARE_CHOICES), "choice_count": len(choices) + SPARE_CHOICES,
        "has_choices": isinstance(found, Question) and found.kind in shaping.WITH_CHOICES,
        "pii_classes": PII, "pictograms": sorted(SHAPES), "right_to_left": RIGHT_TO_LEFT,
    }  # fmt: skip


def _before(form: Form, path: str) -> list[Any]:
    order = list(form.items.values())
    return order[: next((at for at, item in enumerate(order) if item.path == path), 0)]


def _preview(form: Form, path: str, language: str) -> dict[str, Any]:
    """One question as a phone shows it, in one of the form's languages."""
    codes = [one.code for one in form.languages]
    spoken = language if language in codes else codes[0]
    with override(spoken if spoken != "und" else "en"):
        filling = Filling(form, {}, now=timezone.localtime(), language=spoken)
        slot = next((slot for slot in filling.slots.values() if slot.item.path == path and is_shown(slot.item)), None)
        shown = asked(filling, slot) if slot else None
    return {"preview": shown, "preview_language": spoken, "right_to_left": RIGHT_TO_LEFT}


@require_POST
@require_role(Role.OFFICER)
def keep(request: HttpRequest, slug: str) -> HttpResponse:
    """Make the form a version that can open."""
    found = _mine(request, slug)
    try:
        version = sketching.keep(signed_in(request), found)
    except Refused as refused:
        return _outline(request, found, refused)
    messages.success(
        request, _("Version %(number)d is ready. Look at it, then open a round.") % {"number": version.number}
    )
    return redirect("surveys:desk_survey", slug=version.survey.slug)


@require_POST
@require_role(Role.OFFICER)
def discard(request: HttpRequest, slug: str) -> HttpResponse:
    sketching.discard(signed_in(request), _mine(request, slug))
    messages.success(request, _("The form in the making is gone. Versions that were kept stay."))
    return redirect("surveys:desk_sketches")


@require_safe
@require_role(Role.OFFICER)
def download(request: HttpRequest, slug: str) -> HttpResponse:
    """The form in the making as XLSForm."""
    headers = {"Content-Disposition": f'attachment; filename="{slug}.xlsx"'}
    return HttpResponse(write(_mine(request, slug).content), content_type=XLSX, headers=headers)


def _revision(request: HttpRequest) -> int:
    written = request.POST.get("revision", "")
    return int(written) if written.isdecimal() else 0


def _mine(request: HttpRequest, slug: str) -> Sketch:
    mine = roles.projects_of(request.user, Role.OFFICER)
    found = Sketch.objects.filter(project__in=mine, slug=slug).select_related("project", "edited_by").first()
    if found is None:
        raise Http404
    return found
