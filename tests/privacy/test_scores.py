"""Means of numbers and average places of rankings."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from engagement.models import Round, User
from privacy import attacks, designs, dp, estimates, gate, presenting, release
from privacy.counts import NumpyCounts, TableSpec
from privacy.gate import Subject
from privacy.snapshot import Column, SnapshotInput
from tests.privacy.conftest import Answers, answers, options
from tests.privacy.test_release import publish

KEY = b"key of the round"


def column_of_ages(codes: list[int]) -> Column:
    return Column("age", "number", {"en": "Age"}, options("0", "100"), np.array(codes, dtype=np.int16), steps=100)


def column_of_orders(codes: list[list[int]]) -> Column:
    return Column("order", "rank", {"en": "Order"}, options("a", "b", "c"), np.array(codes, dtype=np.int16))


def taken(column: Column) -> SnapshotInput:
    return SnapshotInput([f"{place:032x}" for place in range(len(column.codes))], [column])


def with_numbers(n: int) -> SnapshotInput:
    """``n`` answers: ages 30, 40, 50 in turn (mean 40), and an order in which a comes first and c last for most."""
    base = answers(n)
    ages = np.array([30, 40, 50])[np.arange(n) % 3].tolist()
    orders = [[0, 1, 2] if place % 5 else [1, 0, 2] for place in range(n)]
    columns = [*base.columns, column_of_ages(ages), column_of_orders(orders)]
    return SnapshotInput(base.units, columns)


def test_numbers_are_summed_from_the_middle_of_their_range() -> None:
    table = NumpyCounts().count(TableSpec("age"), taken(column_of_ages([0, 100, 70, -1])), KEY)
    assert table.cells.tolist() == [[40]]  # -100 + 100 + 40
    assert table.units.tolist() == [3]
    assert table.vector.tolist() == [40, 300]


def test_a_ranking_is_summed_per_option_from_the_middle_place() -> None:
    table = NumpyCounts().count(TableSpec("order"), taken(column_of_orders([[0, 1, 2], [0, 2, 1], [-1, -1, -1]])), KEY)
    assert table.cells.tolist() == [[-4, 2, 2]]
    assert table.vector.tolist() == [-4, 2, 2, 4]


def test_what_one_unit_can_move_follows_from_the_questionnaire() -> None:
    assert designs.number(100).bound == dp.Sensitivity(200, sqrt(20_000))
    assert designs.ranking(4).moves == (3, 1, 1, 3, 3)
    assert designs.ranking(4).bound.l1 == 11


@pytest.mark.parametrize("code", [0, 37, 100])
def test_no_unit_moves_the_figures_by_more_than_the_bound(code: int) -> None:
    few, more = (NumpyCounts().count(TableSpec("age"), taken(column_of_ages(codes)), KEY) for codes in ([5], [5, code]))
    assert int(np.abs(more.vector - few.vector).sum()) <= designs.number(100).bound.l1


def test_codes_beyond_the_bounds_are_cut_off() -> None:
    table = NumpyCounts().count(TableSpec("age"), taken(column_of_ages([500])), KEY)
    assert table.cells.tolist() == [[100]]


def test_a_mean_is_released_with_its_range_in_its_own_numbers(
    open_round: Round, given: Answers, officer: User, second_officer: User
) -> None:
    given.taken = with_numbers(600)
    published = publish(open_round, [TableSpec("age"), TableSpec("order")], officer, second_officer)
    loaded = release.load(published.pk)
    age = loaded.table("age")["mean"]
    assert age.estimate == pytest.approx(40, abs=6)
    assert age.low is not None and age.high is not None
    assert age.low < 40 < age.high
    assert loaded.questions["age"].mean == age.estimate
    order = loaded.table("order")
    assert order["a"].estimate == pytest.approx(1.2, abs=0.15)
    assert order["c"].estimate == pytest.approx(3.0, abs=0.15)
    shown = presenting.tables(loaded.document)
    assert [table.kind for table in shown] == ["number", "rank"]
    assert shown[0].rows[0].label == "Mean"
    assert shown[1].rows[0].share.startswith("place 1.")


def test_means_in_groups_have_a_range_each(
    open_round: Round, given: Answers, officer: User, second_officer: User
) -> None:
    given.taken = with_numbers(4000)
    loaded = release.load(publish(open_round, [TableSpec("age", by="district")], officer, second_officer).pk)
    strata = loaded.questions["age/district"].strata
    means = [loaded.table("age", stratum, by="district")["mean"] for stratum in strata]
    assert all(mean.low is not None and mean.low < 40 < (mean.high or 0) for mean in means)


@pytest.mark.parametrize("n", [60, 400, 5000])
@pytest.mark.parametrize("mean", [3, 40, 97])
def test_the_range_of_a_mean_holds_in_ninety_five_of_a_hundred_cases(n: int, mean: int) -> None:
    """The hardest answers: everybody at one of the two ends."""
    rng = np.random.default_rng(n + mean)
    mechanism = dp.laplace(0.8, designs.number(100).bound)
    mass = dp.probabilities(mechanism.name, mechanism.scale)
    noise = rng.choice(len(mass), (600, 2), p=mass) - len(mass) // 2
    ends = rng.binomial(n, mean / 100, 600)
    covered = told = 0
    for at_end, (first, second) in zip(ends.tolist(), noise.tolist(), strict=True):
        sums = np.array([200 * at_end - 100 * n + first])
        found = estimates.of_scores(sums, 100 * n + second, 100, mechanism.error95)
        if found is not None:
            told += 1
            covered += bool(found.low[0] <= mean <= found.high[0])
    assert told == 600
    assert covered / told >= 0.93  # 600 trials: 95 % within two points


def test_the_gate_judges_means_by_their_range_and_by_opposite_answers() -> None:
    table = NumpyCounts().count(TableSpec("age"), taken(column_of_ages([30, 40, 50] * 20)), KEY)
    noise = dp.laplace(0.8, table.bound)
    verdict = gate.evaluate(Subject(table=table, mechanism=noise, k=10, max_error_points=15.0, sensitive=True))
    found = {check.code: check for check in verdict.checks}
    assert verdict.outcome == "pass"
    assert found["precision"].facts["points"] == 6.2
    # Two opposite answers lie 200 apart under a noise of scale 250: 1 - e^(-100/250) / 2 of all guesses are right.
    assert found["inference"].facts["success"] == pytest.approx(0.665, abs=0.02)


def test_a_group_in_which_everybody_wrote_the_same_number_is_found() -> None:
    table = NumpyCounts().count(TableSpec("age"), taken(column_of_ages([42] * 30)), KEY)
    assert attacks.homogeneous_share(table.alike, table.units) == 1.0


def test_two_options_whose_ranges_overlap_are_called_uncertain() -> None:
    labels = {name: {"en": name.title()} for name in ("tram", "bike", "car")}
    cells = [
        {"option": "tram", "estimate": 0.41, "low": 0.36, "high": 0.46},
        {"option": "bike", "estimate": 0.38, "low": 0.33, "high": 0.43},
        {"option": "car", "estimate": 0.10, "low": 0.07, "high": 0.14},
    ]
    assert presenting._order(cells, labels, lowest_first=False) == (
        "The rank order of options 1–2 is uncertain: Tram, Bike."
    )
