"""What surveys hand to privacy: the choices of every valid response, never texts, photos or places."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engagement.models import Round
from privacy import designs
from privacy.designs import Kind
from privacy.policy import Planned
from privacy.snapshot import NOT_ANSWERED, Column, Option, SnapshotInput
from surveys.compiling import compiled
from surveys.expressions.dialect import parse
from surveys.expressions.values import number_text
from surveys.ir import Form, Question, Texts
from surveys.models import Opening, Response
from surveys.question_types.range import steps
from surveys.question_types.registry import type_of

SENSITIVE = "special"
NEVER = "never"
COUNT_OF_THIS = parse("count-selected(.)")


def read(round: Round) -> SnapshotInput | None:
    """Columns of the countable questions of a round; ``None`` where the round belongs to no survey of ours.

    A question whose author wrote ``publish`` = never stays out, and so do questions of repeated groups, in which one
    response would count several times.
    """
    opening = Opening.objects.filter(round=round).select_related("version").first()
    if opening is None:
        return None
    form = opening.version.content
    rows = list(Response.objects.valid().filter(round=round).order_by("pseudonym").values_list("pseudonym", "answers"))
    answers = [row for _pseudonym, row in rows]
    return SnapshotInput(
        units=[pseudonym for pseudonym, _answers in rows],
        columns=[_column(form, question, answers) for question in countable(form)],
    )


def countable(form: Form) -> list[Question]:
    """The questions whose choices can enter a release."""
    logic = compiled(form)
    return [
        question
        for question in form.questions.values()
        if type_of(question).counted and question.publish != NEVER and not logic.in_repeat(question.path)
    ]


def planned(form: Form) -> list[Planned]:
    """The tables that a release of this form could hold, one per question, for the forecast before it opens."""
    return [_planned(form, question) for question in countable(form)]


def _planned(form: Form, question: Question) -> Planned:
    kind = type_of(question).counted or "one"
    design = designs.of(kind, len(options(form, question)), most_choices(form, question), 1)
    return Planned(question.path, design=design, label=plain(question.label))


def options(form: Form, question: Question) -> list[Option]:
    """The public list of a question: its choices, or the points of its scale."""
    if type_of(question).counted == "scale":
        return [Option(number_text(float(point))) for point in steps(question)]
    return [Option(choice.name, plain(choice.label)) for choice in form.choices_of(question)]


def plain(texts: Texts) -> dict[str, str]:
    return dict(texts)


def most_choices(form: Form, question: Question) -> int:
    """How many options one response can tick: what the constraint allows if it says so plainly, else all.

    ``count-selected(.) <= 3``, alone or joined with others by ``and``, was enforced on every stored response.
    """
    tree = compiled(form).tree(question, "constraint")
    allowed = [len(form.choices_of(question))]
    for part in tree[1:] if isinstance(tree, tuple) and tree[0] == "and" else [tree]:
        match part:
            case ("<=" | "<" as sign, counted, float(bound)) if counted == COUNT_OF_THIS:
                allowed.append(int(bound) if sign == "<=" else math.ceil(bound) - 1)
    return max(1, min(allowed))


def _column(form: Form, question: Question, answers: Sequence[dict[str, Any]]) -> Column:
    kind: Kind = type_of(question).counted or "one"
    listed = options(form, question)
    return Column(
        name=question.path,
        kind=kind,
        label=plain(question.label),
        options=listed,
        codes=_codes(kind, question, [option.value for option in listed], answers),
        sensitive=question.pii == SENSITIVE,
        most_choices=most_choices(form, question) if kind == "many" else 1,
    )


def _codes(kind: Kind, question: Question, values: list[str], answers: Sequence[dict[str, Any]]) -> NDArray[np.int16]:
    place = {value: at for at, value in reversed(list(enumerate(values)))}
    if kind != "many":
        lexical = type_of(question).lexical
        found = [
            place.get(lexical(row[question.path]), NOT_ANSWERED) if question.path in row else NOT_ANSWERED
            for row in answers
        ]
        return np.array(found, dtype=np.int16)
    codes = np.full((len(answers), len(values)), NOT_ANSWERED, dtype=np.int16)
    for at, row in enumerate(answers):
        if question.path in row:
            codes[at] = 0
            codes[at, [place[name] for name in row[question.path] if name in place]] = 1
    return codes
