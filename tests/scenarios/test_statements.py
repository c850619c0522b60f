from __future__ import annotations

import numpy as np
import pytest

from scenarios.library import statements
from tests.scenarios.simulation import FORMS


@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0, 4.0, 20.0])
def test_the_range_of_pure_noise_is_the_narrowest_whole_one_that_covers_nine_tenths(scale: float) -> None:
    a, h = np.exp(-1 / scale), statements.noise_half_width(scale)
    assert 1 - 2 * a ** (h + 1) / (1 + a) >= 0.9
    assert 1 - 2 * a**h / (1 + a) < 0.9


@pytest.mark.parametrize(("form", "repeats"), [("a", 4000), ("b", 600), ("c", 600), ("d", 300)])
@pytest.mark.parametrize(("n", "epsilon"), [(50, 4.0), (300, 1.0), (5000, 0.5)])
def test_ranges_hold_the_truth_about_as_often_as_they_say(form: str, repeats: int, n: int, epsilon: float) -> None:
    held, said = FORMS[form](n, 2 / epsilon, repeats, np.random.default_rng(7))
    # `bin/bench feedback` counts closely; here four standard errors of the simulation are left on both sides.
    slack = 4 * np.sqrt(0.9 * 0.1 / said)
    assert 0.90 - slack <= held / said <= 0.93 + slack


def test_exact_counts_give_the_score_interval() -> None:
    low, high = statements.share_ranges(np.array([50, 50]), 0.0)
    # Wilson with z = 1.717 and n = 100: 0.5 ± 0.5·1.717/√(100 + 1.717²) = 0.5 ± 0.0846; a tenth of a count outwards
    assert (low[0], high[0]) == (pytest.approx(0.4144, abs=5e-4), pytest.approx(0.5856, abs=5e-4))


def test_noise_widens_a_range_and_drowned_answers_say_nothing() -> None:
    exact, noisy = (statements.share_ranges(np.array([60, 40]), scale) for scale in (0.0, 4.0))
    assert noisy[0][0] < exact[0][0] < exact[1][0] < noisy[1][0]
    low, high = statements.share_ranges(np.array([1, -1]), 4.0)
    assert (low.tolist(), high.tolist()) == ([0.0, 0.0], [1.0, 1.0])


def test_support_counts_only_those_whom_the_model_says_are_affected() -> None:
    pro, contra = np.array([80, 0]), np.array([20, 100])
    mean, low, high = statements.support_range(pro, contra, np.array([10.0, 0.0]), 1.0)
    assert mean == pytest.approx(0.8)
    assert low < 0.8 < high
    with pytest.raises(ValueError, match="nobody is affected"):
        statements.support_range(pro, contra, np.zeros(2), 1.0)


def test_people_weigh_more_than_answers() -> None:
    pro, contra = np.array([90, 10]), np.array([10, 90])
    mean, _low, _high = statements.support_range(pro, contra, np.array([100.0, 300.0]), 0.5)
    assert mean == pytest.approx((100 * 0.9 + 300 * 0.1) / 400)


def test_only_trips_that_pass_the_closed_link_can_stay_away() -> None:
    left = statements.fewer_trips(np.array([0.0, 1.0, 0.5]), np.array(0.5), np.array(0.4))
    assert left.tolist() == pytest.approx([1.0, 0.8, 0.9])
