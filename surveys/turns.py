"""Groups that are asked several times over: turns listed in words, added, removed, put back; and what they begin with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.languages import pick
from engagement.problems import Refused
from surveys.expressions.values import to_text
from surveys.filling import MORE, MOST_TURNS, Filling, Slot
from surveys.ir import Question
from surveys.markup import bare
from surveys.question_types.registry import Unclean, type_of
from surveys.screens import screens
from surveys.wording import in_words

LONGEST_WORDS = 120


class TooManyTurns(Refused):
    status = 422
    code = "too-many-turns"
    title = gettext_lazy("There is no room for another one.")


@dataclass(frozen=True)
class Turn:
    """One turn: its number, what was answered in it, and the key of its first screen."""

    number: int
    words: str
    key: str


def turns(filling: Filling, hub: Slot) -> list[Turn]:
    """The turns of the group that ``hub`` stands behind."""
    found = []
    for number in range(1, len(_listed(hub)) + 1):
        inside = [slot for slot in screens(filling) if slot.key.startswith(f"{base(hub)}/{number}/")]
        told = (in_words(filling, slot) for slot in inside if isinstance(slot.item, Question))
        words = " · ".join(text for text in told if text)[:LONGEST_WORDS]
        found.append(Turn(number, words, inside[0].key if inside else hub.key))
    return found


def base(hub: Slot) -> str:
    """The key of the group; a turn's key is this with its number."""
    return hub.key.removesuffix(MORE)


def title(filling: Filling, hub: Slot) -> str:
    return bare(filling.text_of(pick(hub.item.label), hub.parent)) or hub.item.name


def add(filling: Filling, hub: Slot) -> dict[str, Any]:
    """All answers with one more turn, its defaults filled in.

    Raises:
        TooManyTurns: the group has as many as anybody may add.
    """
    listed = _listed(hub)
    if len(listed) >= MOST_TURNS:
        raise TooManyTurns(_("You can add at most %(most)d.") % {"most": MOST_TURNS})
    hub.scope.answers[_local(hub)] = [*listed, {}]
    grown = _again(filling)
    return with_defaults(grown, below=f"{base(hub)}/{len(listed) + 1}/")


def remove(filling: Filling, hub: Slot, number: int) -> tuple[dict[str, Any], Any]:
    """All answers without one turn, and that turn, so that it can be put back. Raises LookupError for no such turn."""
    listed = _listed(hub)
    if not 1 <= number <= len(listed):
        raise LookupError(number)
    hub.scope.answers[_local(hub)] = [*listed[: number - 1], *listed[number:]]
    return filling.given, listed[number - 1]


def put_back(filling: Filling, hub: Slot, number: int, turn: Any) -> dict[str, Any]:
    """All answers with a removed turn in its place again."""
    listed = _listed(hub)
    hub.scope.answers[_local(hub)] = [*listed[: number - 1], turn, *listed[number - 1 :]]
    return filling.given


def with_defaults(filling: Filling, *, below: str = "") -> dict[str, Any]:
    """All answers, and the form's defaults where nothing was answered; only for keys that begin with ``below``."""
    for slot in filling.slots.values():
        if slot.key.startswith(below) and isinstance(slot.item, Question) and slot.value is None:
            for clean in _default(filling, slot, slot.item):
                slot.scope.answers[slot.scope.below(slot.item.path)] = clean
    return filling.given


def _default(filling: Filling, slot: Slot, question: Question) -> Iterator[Any]:
    """The clean default of one question, or nothing: a default that is no answer counts for none."""
    if not question.default:
        return
    worth = filling.worth(slot, "default") if question.dynamic_default else question.default
    try:
        clean = type_of(question).clean("" if worth is None else to_text(worth), question, filling.form)
    except Unclean:
        return
    if clean is not None:
        yield clean


def _listed(hub: Slot) -> list[Any]:
    found: list[Any] = hub.scope.answers.get(_local(hub), [])
    return found


def _local(hub: Slot) -> str:
    return hub.scope.below(hub.item.path)


def _again(filling: Filling) -> Filling:
    return Filling(filling.form, filling.given, now=filling.now, language=filling.language)
