"""What the templates of questions need: texts made safe, options with their pictograms, what was given so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from engagement.languages import pick, picked_language
from engagement.places import describe
from surveys.expressions.values import number_text
from surveys.filling import Filling, Slot
from surveys.ir import Choice, Form, Group, Question, Texts
from surveys.markup import bare, formatted
from surveys.pictograms import pictogram
from surveys.question_types.geopoint import latitude_first
from surveys.question_types.range import steps
from surveys.question_types.registry import type_of
from surveys.wording import in_words

LONGEST_SCALE = 11  # points that fit side by side, as on a scale from 0 to 10
PLACES = frozenset({"geopoint", "geotrace", "geoshape"})
MINIMAL = frozenset({"minimal", "autocomplete", "search"})
COLUMNS = ("columns", "horizontal", "no-buttons", "compact")


@dataclass(frozen=True)
class Option:
    """One option on the page."""

    value: str
    label: SafeString
    pictogram: SafeString
    chosen: bool
    place: str = ""


@dataclass
class Asked:
    """One question on a page. ``given`` is what the person typed or chose, as the page sends it."""

    question: Question
    key: str
    label: SafeString
    hint: SafeString
    easy: SafeString
    language: str
    given: Any
    options: list[Option] = field(default_factory=list)
    error: str = ""
    required: bool = False
    read_only: bool = False
    is_scale: bool = False
    place_words: str = ""
    points: list[str] = field(default_factory=list)
    found: list[Any] = field(default_factory=list)
    searched: str = ""
    around: str = ""

    @property
    def template(self) -> str:
        return type_of(self.question).template

    @property
    def field(self) -> str:
        """The name of its field on the page."""
        return self.key

    @property
    def id(self) -> str:
        """The id of its element on the page; those of its parts begin with it."""
        return "q-" + self.key.replace("/", "-")

    @property
    def is_place(self) -> bool:
        return self.kind in PLACES

    @property
    def points_words(self) -> str:
        return " → ".join(self.points)

    @property
    def personal(self) -> bool:
        """Whether it asks about the person, so that not saying is an answer, too."""
        return self.question.pii != "none" and type_of(self.question).asks

    @property
    def layout(self) -> str:
        """How options stand, after XLSForm's appearances: minimal, likert, columns, or one below the other."""
        words = set(self.question.appearance.split())
        if words & MINIMAL and self.kind == "select_one":
            return "minimal"
        if "likert" in words:
            return "likert"
        return "columns" if any(word.startswith(COLUMNS) for word in words) else ""

    @property
    def kind(self) -> str:
        return self.question.kind

    @property
    def rows(self) -> str:
        return self.question.parameters.get("rows", "4")

    @property
    def is_grouped(self) -> bool:
        """Several inputs that belong together need a fieldset, one input needs a label."""
        return self.kind in {"select_one", "select_multiple", "rank", "range", "acknowledge", "note", *PLACES}


def asked(filling: Filling, slot: Slot, *, given: Any = None, error: str = "", easy: bool = False) -> Asked:
    """A question for the page, with what is stored or (after an error) what was typed; ``easy``: in easy words."""
    question = slot.item
    assert isinstance(question, Question)
    shown = _stored(slot) if given is None else given
    return Asked(
        question=question,
        key=slot.key,
        **_texts(question, lambda name: filling.text_of(f"${{{name}}}", slot), easy=easy),
        given=shown,
        options=_options(question, filling.choices(slot.key), shown),
        error=error,
        required=filling.is_required(slot),
        read_only=filling.is_read_only(slot),
        is_scale=_is_scale(question),
        place_words=in_words(filling, slot) if question.kind == "geopoint" and slot.value else "",
        points=_points(question, shown),
        around=around(filling, slot),
    )


def blank(form: Form, question: Question, *, easy: bool = False) -> Asked:
    """A question for the phone to fill in: every option, and a slot for each answer that its texts name."""
    return Asked(
        question=question,
        key=question.path,
        **_texts(question, lambda name: format_html('<output data-answer="{}"></output>', name), easy=easy),
        given="",
        options=_options(question, form.choices_of(question), ""),
        is_scale=_is_scale(question),
    )


def around(filling: Filling, slot: Slot) -> str:
    """Which turn of a repeated group a question belongs to, such as “Your places, 2”; empty outside of such groups."""
    holder = slot.parent
    while holder is not None and not (isinstance(holder.item, Group) and holder.item.repeats):
        holder = holder.parent
    if holder is None:
        return ""
    assert isinstance(holder.item, Group)
    name = bare(filling.text_of(pick(holder.item.label), holder)) or holder.item.name
    return _("%(name)s, number %(number)s") % {"name": name, "number": holder.key.rpartition("/")[2]}


def _texts(question: Question, answer: Callable[[str], str | SafeString], *, easy: bool) -> dict[str, Any]:
    def shown(texts: Texts) -> SafeString:
        return formatted(pick(texts), answer)

    label = question.easy if easy and pick(question.easy) else question.label
    return {
        "label": shown(label) or SafeString(question.name),
        "hint": shown(question.hint),
        "easy": shown({} if easy else question.easy),
        "language": picked_language(label),
    }


def _points(question: Question, given: Any) -> list[str]:
    """The points of a line or an area so far, in words."""
    if question.kind not in {"geotrace", "geoshape"} or not isinstance(given, str):
        return []
    listed = [part for part in given.split(";") if part.strip()]
    if question.kind == "geoshape" and len(listed) > 1 and listed[0] == listed[-1]:
        listed.pop()
    return [describe(*latitude_first(part)) for part in listed]


def _stored(slot: Slot) -> Any:
    """The stored answer as an input shows it."""
    value = slot.value
    if value is None:
        return ""
    if isinstance(value, list):
        return value
    return slot.typed


def _options(question: Question, choices: Iterable[Choice], given: Any) -> list[Option]:
    if question.kind == "range":
        points = [number_text(float(point)) for point in steps(question)]
        return [Option(point, SafeString(point), SafeString(""), given == point) for point in points]
    names = given if isinstance(given, list) else [given]
    return [
        Option(
            choice.name,
            formatted(pick(choice.label) or choice.name, lambda name: name),
            pictogram(pick(choice.media.get("image", {}))),
            choice.name in names,
            str(names.index(choice.name) + 1) if choice.name in names and question.kind == "rank" else "",
        )
        for choice in choices
    ]


def _is_scale(question: Question) -> bool:
    return question.kind == "range" and len(steps(question)) <= LONGEST_SCALE
