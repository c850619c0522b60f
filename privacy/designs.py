"""How each kind of question is counted: what one unit can move, worked out from the questionnaire and never typed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from privacy import dp

Kind = Literal["one", "many", "scale", "number", "rank", "place"]
SCORED: tuple[Kind, ...] = ("number", "rank")
MEAN = "mean"


@dataclass(frozen=True)
class Design:
    """What one unit can change in the figures of one table.

    ``moves`` is how far it moves each figure that it touches, at most, the number of those who answered included;
    ``weight`` is what it adds to that number (0 where that is the sum of the cells); ``span`` is the range of what it can
    add to one cell; ``apart`` is how far the two most different answers lie apart in each cell, where a table is more
    than a choice between options.
    """

    moves: tuple[int, ...]
    weight: int = 0
    span: int = 1
    apart: tuple[int, ...] = ()

    @property
    def bound(self) -> dp.Sensitivity:
        return dp.Sensitivity(sum(self.moves), math.sqrt(sum(move**2 for move in self.moves)))


EXCLUSIVE = Design((1,))
"""One option per unit."""


def several(most_choices: int) -> Design:
    """Up to ``most_choices`` options per unit, and one more cell that counts who answered."""
    return Design((1,) * (most_choices + 1), weight=1)


def number(steps: int) -> Design:
    """The sum of a number with ``steps`` steps between its least and greatest value, each unit adding -steps to steps.

    Who answered is counted with weight ``steps``, so that noise disturbs numerator and denominator alike.
    """
    return Design((steps, steps), weight=steps, span=2 * steps, apart=(2 * steps,))


def ranking(options: int) -> Design:
    """The sum of places per option, counted from the middle: the first of m places adds -(m - 1), the last m - 1."""
    steps = options - 1
    places = np.abs(centred(np.arange(options), steps)).tolist()
    return Design((*places, steps), weight=steps, span=2 * steps, apart=tuple(2 * place for place in places))


def places(most_places: int, depth: int) -> Design:
    """Units per square on every level of a tree of ``depth`` levels, and one more cell that counts who named a place."""
    squares = most_places * depth
    return Design((1,) * (squares + 1), weight=1, apart=(1,) * (2 * squares))


def of(kind: Kind, options: int, most_choices: int, steps: int) -> Design:
    """The design of a question; for places ``steps`` is the depth of the tree."""
    match kind:
        case "one" | "scale":
            return EXCLUSIVE
        case "many":
            return several(most_choices)
        case "number":
            return number(steps)
        case "rank":
            return ranking(options)
        case "place":
            return places(most_choices, steps)


def centred(codes: NDArray[np.integer], steps: int) -> NDArray[np.int64]:
    """Codes 0 to ``steps`` as whole numbers from -steps to steps, so that noise in the number of units hardly matters."""
    return 2 * codes.astype(np.int64) - steps
