from __future__ import annotations

import numpy as np
import pytest

from privacy import attacks, dp

FIVE = np.array([0.4, 0.25, 0.15, 0.1, 0.1])
ONE = dp.sensitivity(1)


def counts(*rows: list[int]) -> np.ndarray:
    return np.array(rows, dtype=np.int64)


def test_groups_of_some_but_too_few_are_small_and_empty_ones_are_not() -> None:
    assert attacks.small_groups(np.array([0, 1, 9, 10, 400]), 10).tolist() == [1, 2]


def test_whoever_stands_alone_in_a_cell_is_counted() -> None:
    assert attacks.uniques(counts([1, 7, 0], [3, 1, 1])) == 3


def test_a_group_where_all_said_the_same_is_found() -> None:
    cells = counts([0, 12, 0], [5, 3, 0], [1, 0, 0])
    assert attacks.homogeneous_share(cells, cells.sum(axis=1)) == pytest.approx(12 / 21)
    assert attacks.homogeneous_share(counts([0, 0]), np.array([0])) == 0


def test_the_delta_rule_points_at_groups_where_few_changed() -> None:
    assert attacks.delta_rule(np.array([0, 3, 10]), 10).tolist() == [1]
    assert attacks.changed_units(frozenset("abc"), frozenset("bcd"), vanished=1) == 3


@pytest.mark.parametrize("changed", [1, 3, 5, 10])
def test_subtracting_two_releases_beats_a_blind_guess_by_less_than_three_points(changed: int) -> None:
    mechanism = dp.laplace(0.5, ONE)
    attack = attacks.differencing(FIVE, mechanism, mechanism, changed)
    assert attack.blind == pytest.approx(0.4)
    assert attack.gain <= 0.03


def test_almost_exact_tables_are_caught() -> None:
    nearly_exact = dp.laplace(8.0, ONE)
    attack = attacks.differencing(FIVE, nearly_exact, nearly_exact, 1)
    assert attack.success > 0.98


def test_more_changed_units_hide_each_other() -> None:
    mechanism = dp.laplace(2.0, ONE)
    success = [attacks.differencing(FIVE, mechanism, mechanism, changed).success for changed in (1, 3, 10)]
    assert success == sorted(success, reverse=True)


def test_the_worst_case_of_one_release_is_worse_than_subtracting_two() -> None:
    mechanism = dp.laplace(0.8, ONE)
    alone = attacks.differencing(FIVE, None, mechanism, 1)
    assert alone.success > attacks.differencing(FIVE, mechanism, mechanism, 1).success
    assert alone.success == pytest.approx(0.52, abs=0.03)


def test_averaging_many_answers_recovers_exact_counts() -> None:
    mechanism = dp.laplace(0.25, ONE)
    once = attacks.averaging([mechanism])
    often = attacks.averaging([mechanism] * 200)
    assert once.success == pytest.approx(0.12, abs=0.02)  # as measured for b = 4: 12 % after 1, 79 % after 200
    assert often.success == pytest.approx(0.79, abs=0.03)


@pytest.mark.parametrize("epsilon", [0.2, 0.8, 2.0])
def test_membership_is_told_no_better_than_the_promise_allows(epsilon: float) -> None:
    attack = attacks.membership([dp.laplace(epsilon, ONE)], [1])
    assert attack.success <= attacks.membership_bound(epsilon) + 0.01
    assert attack.success > 0.5


def test_membership_bounds_are_those_of_the_formula() -> None:
    assert attacks.membership_bound(0.0) == 0.5
    assert attacks.membership_bound(1.0) == pytest.approx(0.7311, abs=1e-4)


def test_figures_are_the_same_on_every_run() -> None:
    mechanism = dp.gaussian(0.02, ONE)
    assert attacks.differencing(FIVE, mechanism, mechanism, 2) == attacks.differencing(FIVE, mechanism, mechanism, 2)
    assert attacks.averaging([mechanism] * 3) == attacks.averaging([mechanism] * 3)


def erasure_success(epsilon: float, changed: int, units: int, trials: int = 2_000) -> float:
    """Publish with OpenDP's own noise, erase ``changed`` units, publish again; read the target off the largest drop."""
    rng = np.random.default_rng(changed)
    mechanism = dp.laplace(epsilon, ONE)
    before = rng.multinomial(units, FIVE, trials)
    target = rng.choice(5, trials, p=FIVE)
    after = before - rng.multinomial(changed - 1, FIVE, trials)
    after[np.arange(trials), target] -= 1
    drop = dp.noisy(before, mechanism) - dp.noisy(after, mechanism)
    return float((drop.argmax(axis=1) == target).mean())


@pytest.mark.parametrize("changed", [1, 3, 5, 10])
@pytest.mark.parametrize("units", [60, 600])
def test_reading_the_erased_answer_off_the_largest_drop_is_no_better_than_a_blind_guess(
    changed: int, units: int
) -> None:
    # The blind guess is 0.40; 3 points more, and three standard deviations of 2,000 trials.
    assert erasure_success(0.8, changed, units) <= 0.43 + 0.033


def test_the_same_attack_reads_exact_tables_every_time() -> None:
    assert erasure_success(50.0, 1, 600) == 1.0
