"""One question a screen: which screens there are for these answers, and where one stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from surveys.compiling import compiled
from surveys.filling import MORE, Filling, Slot
from surveys.ir import Form, Question
from surveys.question_types.registry import type_of

SECONDS_PER_QUESTION = 36


@dataclass(frozen=True)
class Place:
    """A screen among the others: its number counts questions alone, notes between them have none."""

    slot: Slot
    number: int
    total: int
    back: Slot | None
    onward: Slot | None


def is_shown(item: object) -> bool:
    """Whether a question of the form has a screen: calculations and lists of labels for tables have none."""
    if not isinstance(item, Question) or not type_of(item).template:
        return False
    return "label" not in item.appearance.split()


def screens(filling: Filling) -> list[Slot]:
    """The screens that these answers lead to, in order; after the turns of a group that repeats, one to add another."""
    return [slot for slot in filling.order if (is_hub(slot) or is_shown(slot.item)) and filling.is_relevant(slot)]


def is_hub(slot: Slot) -> bool:
    """Whether a screen lists the turns of a repeated group and offers another one."""
    return slot.key.endswith(MORE)


def place(filling: Filling, key: str) -> Place | None:
    """Where the screen of a question stands; ``None`` if there is no such screen now."""
    shown = screens(filling)
    at = next((at for at, slot in enumerate(shown) if slot.key == key), None)
    if at is None:
        return None
    asked = [slot for slot in shown if asks(slot)]
    number = len([slot for slot in shown[: at + 1] if asks(slot)])
    return Place(shown[at], max(number, 1), max(len(asked), 1), _at(shown, at - 1), _at(shown, at + 1))


def after(filling: Filling, key: str) -> Slot | None:
    """The next screen after a question, also when the question itself has gone meanwhile."""
    order = [slot.key for slot in filling.order]
    at = order.index(key) if key in order else -1
    return next((slot for slot in screens(filling) if order.index(slot.key) > at), None)


def asks(slot: Slot) -> bool:
    """Whether a screen counts as a question. A list of turns does: adding or not is an answer."""
    return is_hub(slot) or (isinstance(slot.item, Question) and type_of(slot.item).asks)


def first_question(form: Form) -> Question | None:
    """What a poster asks: the first question that is not asked several times over."""
    logic = compiled(form)
    return next(
        (
            question
            for question in form.questions.values()
            if is_shown(question) and type_of(question).asks and not logic.in_repeat(question.path)
        ),
        None,
    )


def question_count(form: Form) -> int:
    return sum(is_shown(question) and type_of(question).asks for question in form.questions.values())


def minutes(form: Form) -> int:
    """How long answering takes, rounded up, said before question 1."""
    return -(-question_count(form) * SECONDS_PER_QUESTION // 60)


def _at(shown: Sequence[Slot], place: int) -> Slot | None:
    return shown[place] if 0 <= place < len(shown) else None
