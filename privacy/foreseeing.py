"""Before a round opens: what its expected number of answers can carry, how exactly, and what it cannot. Costs nothing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engagement.models import Project
from privacy import dp, ledger, policy
from privacy.models import DELTA, Budget
from privacy.policy import EPSILON_TOTAL, FEWEST, PLANNED_QUESTIONS, Forecast, Planned

MAX_ERROR_POINTS = 15.0


@dataclass(frozen=True)
class Outlook:
    """What officers read before they open a round.

    ``rows`` gives every countable question one part of the budget; ``most_tables`` is how many tables of the simplest
    kind could be released, and ``points`` the noise of one of those. ``fraction_left`` is below 1 where the same people
    were asked before.
    """

    expected: int
    epsilon_total: float
    fraction_left: float
    planned: int
    rows: Sequence[Forecast]
    most_tables: int
    points: float

    @property
    def epsilon_left(self) -> float:
        return self.epsilon_total * self.fraction_left

    @property
    def lost(self) -> list[Forecast]:
        """The questions that this number of answers cannot carry."""
        return [row for row in self.rows if not row.carried]

    @property
    def is_hopeless(self) -> bool:
        """No question at all could be released."""
        return bool(self.rows) and len(self.lost) == len(self.rows)

    @property
    def needed(self) -> int:
        """The number of answers with which at least one question could be released."""
        return min((row.needed for row in self.rows), default=0)


def outlook(project: Project, population: str, plan: Sequence[Planned], expected: int) -> Outlook:
    """What a round would be worth if ``expected`` units answered, with the budget that its population has left."""
    budget = Budget.objects.filter(project=project, population=population).first()
    total, delta = (budget.epsilon_total, budget.delta) if budget else (EPSILON_TOTAL, DELTA)
    left = ledger.fraction_left(budget) if budget else 1.0
    part = 1 / PLANNED_QUESTIONS
    rows = policy.forecast(
        plan, expected, epsilon_total=total, delta=delta, max_error_points=MAX_ERROR_POINTS, k=FEWEST, fraction=part
    )
    affordable = _most_tables(expected, total, delta, left)
    simplest = policy.forecast([Planned("")], expected, epsilon_total=total, delta=delta, fraction=part)[0]
    return Outlook(expected, total, left, PLANNED_QUESTIONS, rows, affordable, simplest.noise_points)


def _most_tables(expected: int, epsilon_total: float, delta: float, left: float) -> int:
    """How many tables the usual part of the budget pays, if the answers carry such a table at all."""
    mechanism = dp.choose(1 / PLANNED_QUESTIONS, dp.sensitivity(1), epsilon_total, delta, policy.NOTHING_SPENT)
    assert mechanism is not None  # an untouched budget can pay any part of itself
    carried = expected >= FEWEST and dp.forecast_points(expected, mechanism) <= MAX_ERROR_POINTS
    return math.floor(left * PLANNED_QUESTIONS + 1e-9) if carried else 0
