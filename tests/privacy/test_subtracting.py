"""Somebody withdraws and the question is released again: what the two releases give away together, gate included."""

from __future__ import annotations

import numpy as np
import pytest

from privacy import attacks, dp, gate
from privacy.counts import Table, TableSpec
from privacy.gate import Earlier, Subject

SHARES = np.array([0.4, 0.25, 0.15, 0.1, 0.1])
TRIALS, UNITS = 2_000, 600
ONE = dp.sensitivity(1)
MOST_GAIN = 0.03
CHANCE = 3 * float(np.sqrt(0.4 * 0.6 / TRIALS))  # three standard deviations of 2,000 guesses


def releases(changed: int, first: dp.Mechanism, second: dp.Mechanism) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """2,000 towns of 600 answers, each released with real noise before and after ``changed`` units leave.

    Returns:
        The answer of the first unit that left, shape ``(trials,)``, and both releases, each ``(trials, options)``.
    """
    rng = np.random.default_rng(changed)
    staying = rng.multinomial(UNITS - changed, SHARES, TRIALS)
    target = rng.choice(len(SHARES), TRIALS, p=SHARES)
    leaving = rng.multinomial(changed - 1, SHARES, TRIALS)
    leaving[np.arange(TRIALS), target] += 1
    return target, dp.noisy(staying + leaving, first), dp.noisy(staying, second)


def is_published(changed: int, first: dp.Mechanism, second: dp.Mechanism) -> bool:
    """What the gate says about releasing again after so many left."""
    counts = (SHARES * (UNITS - changed)).round().astype(np.int64)[None, :]
    earlier = Earlier("2026-11-01", first, np.array([changed]))
    subject = Subject(Table(TableSpec("mode"), counts, None, ONE), second, 10, 15.0, False, [earlier])
    return gate.evaluate(subject).outcome == "pass"


@pytest.mark.parametrize("epsilon", [0.2, 0.4, 0.8, 1.0])
@pytest.mark.parametrize("changed", [1, 3, 5, 10])
def test_withdrawing_gives_no_answer_away_beyond_three_points(changed: int, epsilon: float) -> None:
    mechanism = dp.laplace(epsilon, ONE)
    target, before, after = releases(changed, mechanism, mechanism)
    if is_published(changed, mechanism, mechanism):
        guess = attacks.guessed_from_difference(before - after, SHARES, mechanism, mechanism, changed)
    else:  # the second release does not exist: a blind guess is all that is left
        guess = np.zeros(TRIALS, dtype=np.int64)
    assert (guess == target).mean() <= SHARES.max() + MOST_GAIN + CHANCE


def test_the_gate_holds_a_second_release_whose_noise_is_too_small() -> None:
    """What would happen without it: at ε = 4 the answer of a single unit that left is read off."""
    mechanism = dp.laplace(4.0, ONE)
    target, before, after = releases(1, mechanism, mechanism)
    guess = attacks.guessed_from_difference(before - after, SHARES, mechanism, mechanism, 1)
    assert (guess == target).mean() > 0.8
    assert not is_published(1, mechanism, mechanism)


def test_small_noise_losses_pass_and_ten_changed_units_hide_each_other() -> None:
    cautious, usual = dp.laplace(0.2, ONE), dp.laplace(0.8, ONE)
    assert is_published(1, cautious, cautious)
    assert not is_published(1, usual, usual)
    assert is_published(10, usual, usual)


def test_whoever_knows_everybody_else_learns_nothing_from_the_release_without_the_unit() -> None:
    """Everybody else's exact answers explain the second release whole, so only the first says something."""
    mechanism = dp.laplace(0.8, ONE)
    target, before, _after = releases(1, mechanism, mechanism)
    rng = np.random.default_rng(1)
    others = rng.multinomial(UNITS - 1, SHARES, TRIALS)
    with_target = others.copy()
    with_target[np.arange(TRIALS), target] += 1
    seen = dp.noisy(with_target, mechanism) - others
    guess = attacks.guessed_from_difference(seen, SHARES, None, mechanism, 1)
    stated = attacks.differencing(SHARES, None, mechanism, 1)
    assert (guess == target).mean() <= stated.upper + CHANCE
    assert stated.gain <= gate.MOST_INFERENCE
    assert before.shape == (TRIALS, len(SHARES))
