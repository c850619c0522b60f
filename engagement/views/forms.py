"""The guided form of a project and its charter: one question after the other, texts in as many languages as are filled in."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.dates import WEEKDAYS
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from engagement import clock, geo, participating, places
from engagement.models import Charter, Phase, Project, User
from engagement.participating import CHARTER_TEXTS, PROJECT_TEXTS

LABELS = {
    "title": (_("The question that people are asked"), 160, 1),
    "summary": (_("One or two sentences: what it is about and how long it takes"), 400, 3),
    "place_name": (_("The place, as people there call it"), 80, 1),
    "problem": (_("Which problem is to be solved?"), 1000, 4),
    "use_of_answers": (_("What may the answers change, and what not?"), 1000, 4),
    "data_at_hand": (_("What is known already?"), 1000, 4),
}
RADIUS_M = (150, 3000)
RESERVED = "new"  # /desk/projects/new/ is the empty form


class ProjectForm(forms.Form):
    """Makes or changes a project. Text fields are named ``<text>_<language>``, phase dates ``<kind>_opens`` and ``_closes``."""

    required_css_class: ClassVar[str] = "required"

    slug = forms.SlugField(
        label=_("Short name in the address"), max_length=50, required=False,
        help_text=_("Small letters and dashes. Left empty, it is made from the question."),
    )  # fmt: skip
    decider = forms.CharField(
        label=_("Who decides?"),
        max_length=160,
        help_text=_("The body or person by name, such as the city's transport board."),
    )
    decide_by = forms.DateField(
        label=_("By when?"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=_("Everyone who answers is told this day. A project without it cannot open."),
    )  # fmt: skip
    dimension = forms.ChoiceField(
        label=_("How is the place shown?"), choices=Charter.Dimension, initial=Charter.Dimension.SPATIAL
    )
    scene_slug = forms.SlugField(
        label=_("Scene of the twin"), required=False, help_text=_("Short name of the imported scene; empty for none.")
    )
    middle = forms.CharField(
        label=_("Middle of the area"),
        max_length=100,
        required=False,
        help_text=_("A street and number, or a place in the map."),
    )
    radius_m = forms.IntegerField(
        label=_("How far around it, in metres"),
        min_value=RADIUS_M[0],
        max_value=RADIUS_M[1],
        initial=400,
        required=False,
    )
    office_days = forms.MultipleChoiceField(
        label=_("On which days does somebody moderate?"), choices=[(str(day), name) for day, name in WEEKDAYS.items()],
        widget=forms.CheckboxSelectMultiple, required=False,
    )  # fmt: skip
    office_opens = forms.TimeField(
        label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), required=False
    )
    office_closes = forms.TimeField(
        label=_("To"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), required=False
    )
    holidays = forms.CharField(
        label=_("Days on which nobody is there"), required=False, max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}), help_text=_("Like 2026-12-24, one after the other."),
    )  # fmt: skip
    simulated = forms.BooleanField(
        label=_("The data of this project are made by a generator"), required=False,
        help_text=_("Every page says so."),
    )  # fmt: skip

    def __init__(self, *args: Any, project: Project | None = None, **kwargs: Any) -> None:
        self.project = project or Project()
        self.charter = participating.charter_of(self.project) or Charter()
        kwargs.setdefault("initial", {}).update(self._stored())
        super().__init__(*args, **kwargs)
        for code, _name in settings.LANGUAGES:
            for text, (label, length, rows) in LABELS.items():
                widget = forms.Textarea(attrs={"rows": rows}) if rows > 1 else forms.TextInput()
                widget.attrs |= {"lang": code, "dir": "auto"}
                self.fields[f"{text}_{code}"] = forms.CharField(
                    label=label, max_length=length, required=False, widget=widget
                )
        for kind in Phase.Kind:
            for end, label in (("opens", _("from")), ("closes", _("to"))):
                day = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
                self.fields[f"{kind.value}_{end}"] = forms.DateField(label=label, required=False, widget=day)
        if self.project.pk:
            self.fields["slug"].disabled = True  # its address is printed on posters

    def _stored(self) -> dict[str, Any]:
        hours = {**clock.DEFAULT, **self.project.office_hours}
        office = {
            "office_days": [str(day) for day in hours["days"]],
            "office_opens": hours["opens"],
            "office_closes": hours["closes"],
            "holidays": " ".join(hours["holidays"]),
        }
        if not self.project.pk:
            return office
        known: dict[str, Any] = {name: getattr(self.project, name) for name in ("slug", "scene_slug", "simulated")}
        known |= {name: getattr(self.charter, name) for name in ("decider", "decide_by", "dimension")}
        for text in LABELS:
            stored = getattr(self.project if text in PROJECT_TEXTS else self.charter, text)
            known |= {f"{text}_{code}": words for code, words in stored.items()}
        for phase in self.project.phases.all():
            known |= {f"{phase.kind}_opens": phase.opens_on, f"{phase.kind}_closes": phase.closes_on}
        return known | office

    def languages(self) -> list[dict[str, Any]]:
        """The text fields grouped by language, for the template; languages with texts are open."""
        return [
            {
                "code": code,
                "name": name,
                "fields": [self[f"{text}_{code}"] for text in LABELS],
                "open": code == "en" or any(self[f"{text}_{code}"].value() for text in LABELS),
            }
            for code, name in settings.LANGUAGES
        ]

    def phases(self) -> list[dict[str, Any]]:
        return [
            {"label": kind.label, "opens": self[f"{kind.value}_opens"], "closes": self[f"{kind.value}_closes"]}
            for kind in Phase.Kind
        ]

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"] or slugify(self.data.get("title_en", ""))[:50].strip("-")
        if not slug or slug == RESERVED:
            raise forms.ValidationError(_("Write a short name, or the question in English to make one from."))
        if Project.objects.filter(slug=slug).exclude(pk=self.project.pk).exists():
            raise forms.ValidationError(_("Another project has this short name already. Choose another one."))
        return slug

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self._texts("title"):
            self.add_error("title_en", _("Write the question in at least one language."))
        for kind in Phase.Kind:
            opens, closes = cleaned.get(f"{kind.value}_opens"), cleaned.get(f"{kind.value}_closes")
            if (opens is None) != (closes is None):
                self.add_error(f"{kind.value}_opens", _("Give both days of this phase, or none."))
            elif opens and closes and closes < opens:
                self.add_error(f"{kind.value}_closes", _("This phase would end before it begins."))
        try:
            cleaned["office_hours"] = self._office_hours(cleaned)
        except clock.BadOfficeHours as refused:
            self.add_error("office_days", str(refused))
        if cleaned.get("middle") and not places.search(cleaned["middle"], limit=1):
            self.add_error("middle", _("No street or place of this name is in the map. Try a part of the name."))
        return cleaned

    @staticmethod
    def _office_hours(cleaned: dict[str, Any]) -> dict[str, Any]:
        """As :mod:`engagement.clock` reads them; hours that are left out are those of the ordinary week."""
        opens, closes = cleaned.get("office_opens"), cleaned.get("office_closes")
        hours = {
            "days": [int(day) for day in cleaned.get("office_days", [])] or clock.DEFAULT["days"],
            "opens": f"{opens:%H:%M}" if opens else clock.DEFAULT["opens"],
            "closes": f"{closes:%H:%M}" if closes else clock.DEFAULT["closes"],
            "holidays": cleaned.get("holidays", "").replace(",", " ").split(),
        }
        clock.office_hours(hours)
        return hours

    def _texts(self, text: str) -> dict[str, str]:
        given = {code: self.cleaned_data.get(f"{text}_{code}", "").strip() for code, _name in settings.LANGUAGES}
        return {code: words for code, words in given.items() if words}

    def _phases(self) -> dict[str, tuple[date, date]]:
        days = {
            kind.value: (self.cleaned_data[f"{kind.value}_opens"], self.cleaned_data[f"{kind.value}_closes"])
            for kind in Phase.Kind
        }
        return {kind: (opens, closes) for kind, (opens, closes) in days.items() if opens and closes}

    def save(self, officer: User) -> Project:
        project, charter, cleaned = self.project, self.charter, self.cleaned_data
        for text in PROJECT_TEXTS:
            setattr(project, text, self._texts(text))
        for text in CHARTER_TEXTS:
            setattr(charter, text, self._texts(text))
        project.languages = list(project.title)
        project.office_hours = cleaned["office_hours"]
        project.slug, project.scene_slug, project.simulated = (
            cleaned["slug"],
            cleaned["scene_slug"],
            cleaned["simulated"],
        )
        charter.decider, charter.decide_by = cleaned["decider"], cleaned["decide_by"]
        charter.dimension = cleaned["dimension"]
        if cleaned["middle"]:
            middle = places.search(cleaned["middle"], limit=1)[0].point
            project.area = geo.square(middle.x, middle.y, cleaned["radius_m"] or 400)
        return participating.save_project(officer, project, charter, self._phases())
