"""What the templates of questions need: texts made safe, options with their pictograms, what was given so far."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from engagement.languages import pick, picked_language
from surveys.expressions.values import number_text
from surveys.filling import Filling, Slot
from surveys.ir import Choice, Question, Texts
from surveys.markup import formatted
from surveys.pictograms import pictogram
from surveys.question_types.range import steps
from surveys.question_types.registry import type_of
from surveys.wording import in_words

LONGEST_SCALE = 11  # points that fit side by side, as on a scale from 0 to 10


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
    found: list[Any] = field(default_factory=list)
    searched: str = ""

    @property
    def template(self) -> str:
        return type_of(self.question).template

    @property
    def field(self) -> str:
        """The name of its field on the page."""
        return self.question.name

    @property
    def kind(self) -> str:
        return self.question.kind

    @property
    def rows(self) -> str:
        return self.question.parameters.get("rows", "4")

    @property
    def is_grouped(self) -> bool:
        """Several inputs that belong together need a fieldset, one input needs a label."""
        return self.kind in {"select_one", "select_multiple", "rank", "range", "acknowledge", "geopoint", "note"}


def asked(filling: Filling, slot: Slot, *, given: Any = None, error: str = "") -> Asked:
    """A question for the page, with what is stored or (after an error) what was typed."""
    question = slot.item
    assert isinstance(question, Question)
    shown = _stored(slot) if given is None else given
    return Asked(
        question=question,
        key=slot.key,
        **_texts(question, lambda name: filling.text_of(f"${{{name}}}", slot)),
        given=shown,
        options=_options(question, filling.choices(slot.key), shown),
        error=error,
        required=filling.is_required(slot),
        read_only=filling.is_read_only(slot),
        is_scale=_is_scale(question),
        place_words=in_words(filling, slot) if question.kind == "geopoint" and slot.value else "",
    )


def blank(filling: Filling, slot: Slot) -> Asked:
    """A question for the phone to fill in: every option, and a slot for each answer that its texts name."""
    question = slot.item
    assert isinstance(question, Question)
    return Asked(
        question=question,
        key=slot.key,
        **_texts(question, lambda name: format_html('<output data-answer="{}"></output>', name)),
        given="",
        options=_options(question, filling.form.choices_of(question), ""),
        is_scale=_is_scale(question),
    )


def _texts(question: Question, answer: Callable[[str], str | SafeString]) -> dict[str, Any]:
    def shown(texts: Texts) -> SafeString:
        return formatted(pick(texts), answer)

    return {
        "label": shown(question.label) or SafeString(question.name),
        "hint": shown(question.hint),
        "easy": shown(question.easy),
        "language": picked_language(question.label),
    }


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
