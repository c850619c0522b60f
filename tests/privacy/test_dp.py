from __future__ import annotations

import math

import numpy as np
import opendp.prelude as opendp
import pytest

from privacy import dp
from privacy.accounting import Loss, rho_of, rho_of_pure

NOTHING = Loss(0.0, 0.0)
ONE = dp.sensitivity(1)
DRAWS = 40_000


def test_claims_are_what_opendp_itself_derives() -> None:
    laplace, gaussian = dp.laplace(0.8, dp.sensitivity(4)), dp.gaussian(0.05, dp.sensitivity(4))
    assert laplace.scale == pytest.approx(5.0)
    assert laplace.loss.epsilon == pytest.approx(0.8)
    assert laplace.loss.rho == pytest.approx(0.32)
    assert gaussian.scale == pytest.approx(2 / math.sqrt(0.1))
    assert gaussian.loss.rho == pytest.approx(0.05)
    assert gaussian.loss.epsilon == math.inf


@pytest.mark.parametrize("scale", [0.3, 0.8, 1.25, 3.75, 20.0])
def test_the_stated_error_agrees_with_opendps_accuracy_function(scale: float) -> None:
    ours = dp.error_bound("laplace", scale)
    theirs = opendp.discrete_laplacian_scale_to_accuracy(scale=scale, alpha=0.05)
    assert ours == math.floor(theirs) or ours == math.ceil(theirs) - 1


@pytest.mark.parametrize("mechanism", [dp.laplace(0.8, ONE), dp.laplace(4.0, ONE), dp.gaussian(0.0207, ONE)])
def test_the_range_covers_at_least_95_percent_and_the_next_narrower_one_less(mechanism: dp.Mechanism) -> None:
    exact = 1 - dp.tail(mechanism.name, mechanism.scale, mechanism.error95)
    narrower = 1 - dp.tail(mechanism.name, mechanism.scale, mechanism.error95 - 1)
    assert narrower < 0.95 <= exact
    noise = np.abs(dp.noisy(np.zeros(DRAWS, dtype=np.int64), mechanism))
    # Five standard deviations of the count of 40,000 draws: a false alarm once in two million runs.
    slack = 5 * math.sqrt(0.25 / DRAWS)
    assert abs((noise <= mechanism.error95).mean() - exact) < slack
    assert abs((noise <= mechanism.error95 - 1).mean() - narrower) < slack


def test_the_noise_of_five_questions_to_sixty_people_stays_within_seven_points() -> None:
    mechanism = dp.choose(1 / 5, ONE, 4.0, 1e-6, NOTHING)
    assert mechanism is not None
    assert mechanism.name == "laplace"
    assert mechanism.error95 == 4
    assert dp.forecast_points(60, mechanism) == pytest.approx(6.667, abs=0.001)


@pytest.mark.parametrize(("questions", "name"), [(1, "laplace"), (5, "laplace"), (15, "gaussian"), (40, "gaussian")])
def test_the_noise_that_errs_less_is_chosen(questions: int, name: str) -> None:
    chosen = dp.choose(1 / questions, ONE, 4.0, 1e-6, NOTHING)
    assert chosen is not None
    assert chosen.name == name


def test_a_spent_budget_pays_for_nothing() -> None:
    assert dp.choose(0.2, ONE, 4.0, 1e-6, Loss(4.0, rho_of_pure(4.0))) is None
    assert dp.choose(0.2, ONE, 4.0, 1e-6, Loss(math.inf, rho_of(4.0, 1e-6))) is None


def test_what_was_begun_with_laplace_noise_is_not_continued_with_gaussian_noise() -> None:
    chosen = dp.choose(1 / 15, ONE, 4.0, 1e-6, Loss(3.2, 4 * rho_of_pure(0.8)))
    assert chosen is not None
    assert chosen.name == "laplace"


def test_counts_are_answered_unclipped_and_options_nobody_chose_too() -> None:
    answered = dp.noisy(np.zeros((40, 50), dtype=np.int64), dp.laplace(0.5, ONE))
    assert answered.shape == (40, 50)
    assert answered.dtype == np.int64
    assert (answered < 0).any()
    assert (answered != 0).mean() > 0.5


def test_a_bound_on_several_choices_costs_more_noise() -> None:
    assert dp.laplace(1.0, dp.sensitivity(3)).scale == pytest.approx(3.0)
    assert dp.gaussian(0.5, dp.sensitivity(4)).scale == pytest.approx(2.0)


def test_a_fraction_outside_the_budget_is_refused() -> None:
    for fraction in (0, -1, 1.5):
        with pytest.raises(ValueError, match="between 0 and 1"):
            dp.choose(fraction, ONE, 4.0, 1e-6, NOTHING)


def lower_bound_of_epsilon(mechanism: dp.Mechanism, difference: int) -> float:
    """A statistical audit: the largest ε that draws on two neighbouring counts prove at 99.9 %, over all thresholds."""
    here = dp.noisy(np.zeros(DRAWS, dtype=np.int64), mechanism)
    there = dp.noisy(np.full(DRAWS, difference, dtype=np.int64), mechanism)
    proven = 0.0
    for threshold in range(-3, 6):
        hit, miss = (there >= threshold).mean(), (here >= threshold).mean()
        low = hit - 3.3 * math.sqrt(hit * (1 - hit) / DRAWS)
        high = miss + 3.3 * math.sqrt(miss * (1 - miss) / DRAWS)
        if low > 0 and high > 0:
            proven = max(proven, math.log(low / high))
    return proven


def test_an_audit_on_neighbouring_counts_finds_no_more_loss_than_claimed() -> None:
    mechanism = dp.laplace(0.8, ONE)
    proven = lower_bound_of_epsilon(mechanism, 1)
    assert 0.6 < proven <= 0.8


def test_the_audit_catches_a_bound_that_is_broken_on_purpose() -> None:
    # Noise for one row per unit, but one unit added three: the claim of 0.8 is false, and the audit proves it.
    assert lower_bound_of_epsilon(dp.laplace(0.8, ONE), 3) > 1.6
