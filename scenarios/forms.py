"""Forms of the planner's and the decider's desk: texts per language of the project, streets by name, ring link by ring link."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from engagement.languages import pick
from engagement.models import Project
from privacy import models as privacy_models
from privacy.release import Question
from scenarios.models import Decision, Run, Scenario
from scenarios.presenting import LABELS


class TextsForm(forms.Form):
    """A form with text fields ``<text>_<language>`` for every language of a project."""

    texts: dict[str, tuple[Any, int, int]] = {}
    """Label, greatest length and rows by text."""

    def __init__(
        self, *args: Any, project: Project, stored: dict[str, dict[str, str]] | None = None, **kwargs: Any
    ) -> None:
        self.project = project
        super().__init__(*args, **kwargs)
        for code in self.codes:
            for text, (label, length, rows) in self.texts.items():
                widget = forms.Textarea(attrs={"rows": rows}) if rows > 1 else forms.TextInput()
                widget.attrs |= {"lang": code, "dir": "auto"}
                initial = (stored or {}).get(text, {}).get(code, "")
                self.fields[f"{text}_{code}"] = forms.CharField(
                    label=label, max_length=length, required=False, widget=widget, initial=initial
                )

    @property
    def codes(self) -> list[str]:
        return list(self.project.languages) or ["en"]

    def languages(self) -> list[dict[str, Any]]:
        """The text fields grouped by language, for the template."""
        names = dict(settings.LANGUAGES)
        return [
            {
                "code": code,
                "name": names.get(code, code),
                "fields": [self[f"{text}_{code}"] for text in self.texts],
                "open": position == 0 or any(self[f"{text}_{code}"].value() for text in self.texts),
            }
            for position, code in enumerate(self.codes)
        ]

    def map_of(self, text: str) -> dict[str, str]:
        """What was typed, as a language map without empty texts."""
        typed = {code: self.cleaned_data[f"{text}_{code}"].strip() for code in self.codes}
        return {code: words for code, words in typed.items() if words}


class ScenarioForm(TextsForm):
    """Asks a new what-if."""

    texts = {"title": (_("The question, such as “What if the bridge closed for two years?”"), 160, 1)}
    action = forms.ChoiceField(
        label=_("What would be done?"),
        choices=[
            ("close", _("Close streets")),
            ("nights", _("Close streets at night only, from 22 to 6")),
            ("one_way", _("Leave one direction open")),
            ("speed", _("Change the speed")),
            ("capacity", _("Change the capacity")),
            ("demand", _("More or fewer car trips everywhere")),
        ],
        required=False,
    )
    streets = forms.CharField(
        label=_("Streets"),
        widget=forms.Textarea(attrs={"rows": 4}),
        required=False,
        help_text=_("One per line: a street by its name on the map, or one stretch as way/123."),
    )
    number = forms.FloatField(
        label=_("Number"),
        required=False,
        help_text=_("Speed in km/h; capacity or trips as a multiple of today, such as 0.5 for half."),
    )
    towards = forms.ChoiceField(
        label=_("Direction that stays open"),
        choices=[("north", _("north")), ("east", _("east")), ("south", _("south")), ("west", _("west"))],
        required=False,
    )
    begins = forms.DateField(
        label=_("First day of the works"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    ends = forms.DateField(label=_("Last day"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    closed_for = forms.ChoiceField(
        label=_("For whom?"),
        choices=[("all", _("for all traffic")), ("cars", _("for cars only"))],
        required=False,
        help_text=_("Only cars are modelled, so both give the same figures."),
    )

    def measures(self, ways: list[int]) -> list[dict[str, Any]]:
        """What was asked for, as ``measuring.checked`` reads it."""
        given = self.cleaned_data
        number, whom = given["number"], given["closed_for"] or "all"
        days = {name: str(given[name] or "") for name in ("begins", "ends")}
        kinds: dict[str, dict[str, Any]] = {
            "close": {"kind": "close_links", "ways": ways, "for": whom},
            "nights": {"kind": "road_works", "ways": ways, "for": whom, "hours": [22, 6], **days},
            "one_way": {"kind": "one_way", "ways": ways, "towards": given["towards"]},
            "speed": {"kind": "set_speed", "ways": ways, "kmh": number},
            "capacity": {"kind": "set_capacity", "ways": ways, "factor": number},
            "demand": {"kind": "scale_demand", "factor": number},
        }
        return [kinds[given["action"] or "close"]]


class RingLinkForm(forms.Form):
    """One stretch of the ring, both directions."""

    length_m = forms.FloatField(label=_("Length, metres"), min_value=1, max_value=200_000)
    speed_kmh = forms.FloatField(label=_("Speed, km/h"), min_value=1, max_value=130)
    capacity_vph = forms.FloatField(label=_("Capacity, cars per hour"), min_value=1, max_value=20_000)


RingForms = forms.formset_factory(RingLinkForm, extra=0)


class WeightingForm(forms.Form):
    """Which answer to one question speaks for which indicator."""

    def __init__(self, *args: Any, question: Question, stored: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", pgettext_lazy("indicator", "nothing that is computed")), *LABELS.items()]
        for position, (option, label) in enumerate(question.labels.items()):
            self.fields[f"option_{position}"] = forms.ChoiceField(
                label=pick(dict(label)) or option, choices=choices, required=False, initial=stored.get(option, "")
            )
        self.options = list(question.labels)

    def indicators(self) -> dict[str, str]:
        return {option: self.cleaned_data[f"option_{position}"] for position, option in enumerate(self.options)}


class DecisionForm(TextsForm):
    """Writes what was decided, why, and what it rests on."""

    texts = {
        "title": (_("What was decided, in one sentence"), 160, 1),
        "plain_text": (_("What happens now, and why? In plain words"), 2000, 5),
        "not_followed": (_("What did people ask for that is not done, and why?"), 2000, 4),
    }
    outcome = forms.ChoiceField(label=_("Outcome"), choices=Decision.Outcome)
    reason = forms.ChoiceField(label=_("Main reason"), choices=Decision.Reason)
    decided_on = forms.DateField(
        label=_("Decided on"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    runs = forms.ModelMultipleChoiceField(
        label=_("Calculations that it used"),
        queryset=Run.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    releases = forms.ModelMultipleChoiceField(
        label=_("Releases of answers that it used"),
        queryset=privacy_models.Release.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, project: Project, decision: Decision | None = None, **kwargs: Any) -> None:
        stored = None
        if decision is not None:
            stored = {text: getattr(decision, text) for text in self.texts}
            initial = {name: getattr(decision, name) for name in ("outcome", "reason", "decided_on", "releases")}
            kwargs["initial"] = initial | {"runs": decision.runs.all()} | kwargs.get("initial", {})
        super().__init__(*args, project=project, stored=stored, **kwargs)
        finished = Run.objects.filter(scenario__project=project, finished_at__isnull=False)
        self._choices("runs", finished.select_related("scenario"), _run_label)
        self._choices("releases", privacy_models.Release.objects.filter(project=project), _release_label)

    def _choices(self, name: str, queryset: Any, label: Any) -> None:
        field = self.fields[name]
        field.queryset = queryset  # type: ignore[attr-defined]
        field.label_from_instance = label  # type: ignore[attr-defined]


def _run_label(run: Run) -> str:
    scenario: Scenario = run.scenario
    return f"{pick(scenario.title)} · {run.finished_at:%Y-%m-%d} · {run.pk[:12]}"


def _release_label(release: privacy_models.Release) -> str:
    return f"{release.published_at:%Y-%m-%d} · {release.sha256[:12]}"
