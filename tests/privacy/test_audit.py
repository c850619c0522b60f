"""Neighbouring data sets through the product's own counting and noise: no more is given away than claimed."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from privacy import areas, dp
from privacy.accounting import epsilon_of
from privacy.counts import TableSpec
from privacy.snapshot import Column, SnapshotInput
from tests.privacy.auditing import proven_epsilon, tables
from tests.privacy.conftest import answers, options

DRAWS, EPSILON, DELTA = 12_000, 0.8, 1e-6
FRAME = (24.90, 60.15, 25.00, 60.20)


def asked() -> SnapshotInput:
    """200 answers to every kind of question; the last unit stands at the end of every scale."""
    base = answers(200)
    ticks = np.zeros((200, 3), dtype=np.int16)
    ticks[-1] = [1, 1, 0]
    ages = np.full(200, 30, dtype=np.int16)
    ages[-1] = 100
    orders = np.tile(np.array([0, 1, 2], dtype=np.int16), (200, 1))
    places = areas.codes(range(200), np.full((200, 2), (24.93, 60.17)), 200, 1, FRAME, 2)
    more = [
        Column("keep", "many", {}, options("a", "b", "c"), ticks, most_choices=2),
        Column("age", "number", {}, options("0", "100"), ages, steps=100),
        Column("order", "rank", {}, options("a", "b", "c"), orders),
        Column("where", "place", {}, areas.frame_options(FRAME), places, steps=2),
    ]
    return SnapshotInput(base.units, [*base.columns[:3], *more])


@pytest.mark.parametrize("question", ["mode", "safe", "keep", "age", "order", "where"])
def test_draws_prove_no_more_loss_than_is_claimed(question: str) -> None:
    present, absent = tables(asked(), TableSpec(question))
    pure = dp.laplace(EPSILON, present.bound)
    assert 0.3 < proven_epsilon(present, absent, pure, DRAWS) <= EPSILON
    normal = dp.gaussian(0.06, present.bound)
    assert proven_epsilon(present, absent, normal, DRAWS // 4, DELTA) <= epsilon_of(normal.loss.rho, DELTA)


@pytest.mark.parametrize("question", ["mode", "keep", "age", "where"])
def test_halved_noise_is_caught(question: str) -> None:
    present, absent = tables(asked(), TableSpec(question))
    honest = dp.laplace(EPSILON, present.bound)
    assert proven_epsilon(present, absent, replace(honest, scale=honest.scale / 2), DRAWS) > EPSILON


def test_a_bound_that_forgets_one_cell_is_caught() -> None:
    """The cell that counts who answered is easily forgotten: two ticks move three figures, not two."""
    present, absent = tables(asked(), TableSpec("keep"))
    forgetful = dp.laplace(EPSILON, dp.sensitivity(present.bound.l1 - 1))
    assert proven_epsilon(present, absent, forgetful, 2 * DRAWS) > EPSILON


def test_an_honest_bound_on_two_ticks_is_nearly_reached() -> None:
    present, absent = tables(asked(), TableSpec("keep"))
    assert int(np.abs(present.vector - absent.vector).sum()) == present.bound.l1 == 3
    assert math.isclose(dp.laplace(EPSILON, present.bound).scale, 3.75)
