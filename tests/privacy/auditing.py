"""A statistical audit: how much privacy loss draws on two neighbouring data sets prove, whatever is claimed."""

from __future__ import annotations

import math

import numpy as np
from scipy.stats import beta

from privacy import dp
from privacy.counts import NumpyCounts, Table, TableSpec
from privacy.snapshot import SnapshotInput

KEY = b"key of the round"
ALARM = 1e-5  # how seldom an honest mechanism may be accused


def tables(taken: SnapshotInput, spec: TableSpec) -> tuple[Table, Table]:
    """The same table with and without the last unit, counted by the product."""
    fewer = SnapshotInput(
        taken.units[:-1],
        [type(column)(**{**vars(column), "codes": column.codes[:-1]}) for column in taken.columns],
    )
    backend = NumpyCounts()
    return backend.count(spec, taken, KEY), backend.count(spec, fewer, KEY)


def proven_epsilon(present: Table, absent: Table, mechanism: dp.Mechanism, draws: int, delta: float = 0.0) -> float:
    """The largest ε that ``draws`` answers to each data set prove, 0 if none.

    The event is the one that speaks loudest: every figure that the unit moves lies at or beyond its value with the unit.
    P(event | present) ≤ e^ε P(event | absent) + δ must hold for every event.
    """
    moved = np.flatnonzero(present.vector != absent.vector)
    goal, other = present.vector[moved], absent.vector[moved]
    beyond = np.sign(goal - other)
    hits = [
        int(((dp.noisy(np.tile(start, (draws, 1)), mechanism) - goal) * beyond >= 0).all(axis=1).sum())
        for start in (goal, other)
    ]
    least = beta.ppf(ALARM, hits[0], draws - hits[0] + 1) if hits[0] else 0.0
    most = beta.ppf(1 - ALARM, hits[1] + 1, draws - hits[1]) if hits[1] < draws else 1.0
    return math.log((least - delta) / most) if least > delta else 0.0
