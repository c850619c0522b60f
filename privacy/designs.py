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
    add to one cell.
    """

    moves: tuple[int, ...]
    weight: int = 0
    span: int = 1

    @property
    def bound(self) -> dp.Sensitivity:
        return dp.Sensitivity(sum(self.moves), math.sqrt(sum(move**2 for move in self.moves)))

    @property
    def opposite(self) -> tuple[int, ...]:
        """How far two opposite answers of a scored question lie apart in each cell."""
        return tuple(2 * move for move in self.moves[:-1])


EXCLUSIVE = Design((1,))
"""One option per unit."""


def several(most_choices: int) -> Design:
    """Up to ``most_choices`` options per unit, and one more cell that counts who answered."""
    return Design((1,) * (most_choices + 1), weight=1)


def number(steps: int) -> Design:
    """The sum of a number with ``steps`` steps between its least and greatest value, each unit adding -steps to steps.

    Who answered is counted with weight ``steps``, so that noise disturbs numerator and denominator alike.
    """
    return Design((steps, steps), weight=steps, span=2 * steps)


def ranking(options: int) -> Design:
    """The sum of places per option, counted from the middle: the first of m places adds -(m - 1), the last m - 1."""
    steps = options - 1
    return Design((*np.abs(centred(np.arange(options), steps)).tolist(), steps), weight=steps, span=2 * steps)


def of(kind: Kind, options: int, most_choices: int, steps: int) -> Design:
    """The design of a question that is counted in one table.

    Raises:
        ValueError: for places, which are counted on a tree of their own.
    """
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
            raise ValueError("places are counted on a tree")


def centred(codes: NDArray[np.integer], steps: int) -> NDArray[np.int64]:
    """Codes 0 to ``steps`` as whole numbers from -steps to steps, so that noise in the number of units hardly matters."""
    return 2 * codes.astype(np.int64) - steps
