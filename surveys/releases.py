"""What surveys hand to privacy: the choices of every valid response and the squares of approved places, never texts or
photos."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engagement.models import Project, Round
from privacy import areas, quadtree
from privacy.designs import Kind
from privacy.policy import Planned
from privacy.quadtree import Frame
from privacy.snapshot import NOT_ANSWERED, Column, Option, SnapshotInput
from surveys.compiling import compiled
from surveys.expressions.dialect import parse
from surveys.expressions.values import number_text
from surveys.ir import Form, Question, Texts
from surveys.models import AnswerGeometry, Opening, Response
from surveys.question_types.range import steps
from surveys.question_types.registry import type_of

SENSITIVE = "special"
NEVER = "never"
COUNT_OF_THIS = parse("count-selected(.)")
THIS = parse(".")
MOST_STEPS = 200
POINT = "geopoint"
ONCE = 1


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
    units = [pseudonym for pseudonym, _answers in rows]
    columns = [_column(form, question, answers) for question in countable(form)]
    grid = grid_of(round.project, round.expected_responses)
    if grid is not None:
        columns += [_places(round, question, units, grid) for question in mapped(form)]
    return SnapshotInput(units=units, columns=columns)


@dataclass(frozen=True)
class Grid:
    """The public frame on which places are counted, and how often it is halved."""

    frame: Frame
    depth: int


def grid_of(project: Project, expected: int) -> Grid | None:
    """What is public decides: the project's area and the expected answers. Without an area there is no map."""
    if project.area is None:
        return None
    frame: Frame = project.area.extent
    return Grid(frame, quadtree.depth_for(expected, areas.side_m(frame)))


def mapped(form: Form) -> list[Question]:
    """The questions whose approved places can enter a release."""
    logic = compiled(form)
    return [
        question
        for question in form.questions.values()
        if question.kind == POINT and question.publish != NEVER and not logic.in_repeat(question.path)
    ]


def _places(round: Round, question: Question, units: Sequence[str], grid: Grid) -> Column:
    """Only places that a moderator approved; one per response, because the question is asked once."""
    approved = AnswerGeometry.objects.approved().filter(answer__response__round=round, answer__key=question.path)
    row = {unit: place for place, unit in enumerate(units)}
    found = [
        (row[pseudonym], (point.x, point.y))
        for pseudonym, point in approved.order_by("pk").values_list("answer__response__pseudonym", "geometry")
        if pseudonym in row
    ]
    lon_lat = np.array([place for _row, place in found], dtype=np.float64).reshape(-1, 2)
    codes = areas.codes([row for row, _place in found], lon_lat, len(units), ONCE, grid.frame, grid.depth)
    return _map_column(question, grid, codes)


def _map_column(question: Question, grid: Grid, codes: NDArray[np.int16]) -> Column:
    return Column(
        name=question.path,
        kind="place",
        label=plain(question.label),
        options=areas.frame_options(grid.frame),
        codes=codes,
        sensitive=question.pii == SENSITIVE,
        most_choices=ONCE,
        steps=grid.depth,
    )


def countable(form: Form) -> list[Question]:
    """The questions whose answers can enter a release; a number only if the form enforces its least and greatest value."""
    logic = compiled(form)
    return [
        question
        for question in form.questions.values()
        if question.publish != NEVER and not logic.in_repeat(question.path) and _is_counted(form, question)
    ]


def _is_counted(form: Form, question: Question) -> bool:
    counted = type_of(question).counted
    if counted == "number":
        return bounds(form, question) is not None
    return counted != "" and (counted != "rank" or len(form.choices_of(question)) > 1)


def planned(form: Form, project: Project, expected: int) -> list[Planned]:
    """The tables that a release of this form could hold, one per question, for the forecast before it opens."""
    columns = [_column(form, question, []) for question in countable(form)]
    if grid := grid_of(project, expected):
        nobody = np.zeros((0, ONCE), dtype=np.int16)
        columns += [_map_column(question, grid, nobody) for question in mapped(form)]
    return [Planned(column.name, design=column.design, label=column.label) for column in columns]


def options(form: Form, question: Question) -> list[Option]:
    """The public list of a question: its choices, the points of its scale, or the bounds of its number."""
    counted = type_of(question).counted
    if counted == "scale":
        return [Option(number_text(float(point))) for point in steps(question)]
    if counted == "number":
        return [Option(number_text(bound)) for bound in bounds(form, question) or ()]
    return [Option(choice.name, plain(choice.label)) for choice in form.choices_of(question)]


def plain(texts: Texts) -> dict[str, str]:
    return dict(texts)


def bounds(form: Form, question: Question) -> tuple[float, float] | None:
    """Least and greatest value that the constraint lets through, if it says both plainly; enforced on every response.

    ``. >= 0 and . <= 120``, alone or joined with others by ``and``. Nobody types a range for a release.
    """
    low, high = -math.inf, math.inf
    for part in _conditions(form, question):
        match part:
            case (sign, left, right) if left == THIS and (value := _number(right)) is not None:
                least, most = sign in {">=", ">"}, sign in {"<=", "<"}
            case (sign, left, right) if right == THIS and (value := _number(left)) is not None:
                least, most = sign in {"<=", "<"}, sign in {">=", ">"}
            case _:
                continue
        low, high = max(low, value) if least else low, min(high, value) if most else high
    return (low, high) if -math.inf < low < high < math.inf else None


def _number(tree: object) -> float | None:
    match tree:
        case float(value):
            return value
        case ("neg", float(value)):
            return -value
    return None


def _conditions(form: Form, question: Question) -> Sequence[object]:
    """The parts of a constraint that must all hold."""
    tree = compiled(form).tree(question, "constraint")
    return tree[1:] if isinstance(tree, tuple) and tree[0] == "and" else [tree]


def number_steps(low: float, high: float) -> int:
    """Into how many steps a range is cut: whole numbers where they are few, else at most ``MOST_STEPS`` equal parts."""
    whole = low.is_integer() and high.is_integer() and high - low <= MOST_STEPS
    return int(high - low) if whole else MOST_STEPS


def most_choices(form: Form, question: Question) -> int:
    """How many options one response can tick: what the constraint allows if it says so plainly, else all.

    ``count-selected(.) <= 3``, alone or joined with others by ``and``, was enforced on every stored response.
    """
    allowed = [len(form.choices_of(question))]
    for part in _conditions(form, question):
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
        steps=number_steps(*limits) if kind == "number" and (limits := bounds(form, question)) else 1,
    )


def _codes(kind: Kind, question: Question, values: list[str], answers: Sequence[dict[str, Any]]) -> NDArray[np.int16]:
    place = {value: at for at, value in reversed(list(enumerate(values)))}
    if kind == "many":
        return _rows(question, len(values), answers, lambda given: _ticked(given, place))
    if kind == "rank":
        return _rows(question, len(values), answers, lambda given: [given.index(value) for value in values])
    if kind == "number":
        return _stepped(question, float(values[0]), float(values[1]), answers)
    lexical = type_of(question).lexical
    found = [
        place.get(lexical(row[question.path]), NOT_ANSWERED) if question.path in row else NOT_ANSWERED
        for row in answers
    ]
    return np.array(found, dtype=np.int16)


def _rows(
    question: Question, options: int, answers: Sequence[dict[str, Any]], code: Callable[[list[str]], list[int]]
) -> NDArray[np.int16]:
    """One row of codes per answer, shape ``(n, options)``, a row of -1 where not answered."""
    codes = np.full((len(answers), options), NOT_ANSWERED, dtype=np.int16)
    for at, row in enumerate(answers):
        if question.path in row:
            codes[at] = code(row[question.path])
    return codes


def _ticked(given: list[str], place: dict[str, int]) -> list[int]:
    ticks = [0] * len(place)
    for name in given:
        if name in place:
            ticks[place[name]] = 1
    return ticks


def _stepped(question: Question, low: float, high: float, answers: Sequence[dict[str, Any]]) -> NDArray[np.int16]:
    """Numbers as the nearest step between the bounds."""
    most = number_steps(low, high)
    given = np.array([row.get(question.path, np.nan) for row in answers], dtype=np.float64)
    step = np.clip(np.rint((given - low) / (high - low) * most), 0, most)
    return np.where(np.isnan(given), NOT_ANSWERED, step).astype(np.int16)
