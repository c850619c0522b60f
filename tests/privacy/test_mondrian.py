from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from privacy import mondrian
from privacy.mondrian import CannotProtect, Rules


def by_hand(group: np.ndarray, sensitive: np.ndarray) -> tuple[int, int, float]:
    """k, l and t of a file, counted without NumPy."""
    rows: dict[int, list[int]] = defaultdict(list)
    for place, value in zip(group.tolist(), sensitive.tolist(), strict=True):
        rows[place].append(value)
    everybody = sensitive.tolist()
    values = set(everybody)
    distances = [
        sum(abs(held.count(value) / len(held) - everybody.count(value) / len(everybody)) for value in values) / 2
        for held in rows.values()
    ]
    return min(map(len, rows.values())), min(len(set(held)) for held in rows.values()), max(distances)


def table(rows: int, seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Made-up records: an age, two categories of which one depends on it, and a sensitive value."""
    rng = np.random.default_rng(seed)
    age = rng.integers(18, 80, rows)
    schooling = np.clip(age // 12 + rng.integers(-2, 3, rows), 0, 7)
    values = np.stack([age, schooling, rng.integers(0, 5, rows)], axis=1)
    return values, np.array([False, True, True]), rng.integers(0, 3, rows)


def test_two_groups_are_cut_where_it_loses_least_by_hand() -> None:
    values = np.array([[20], [21], [22], [60], [61], [62]])
    group = mondrian.anonymise(values, np.array([False]), Rules(3))
    assert group.tolist() in ([0, 0, 0, 1, 1, 1], [1, 1, 1, 0, 0, 0])
    # Both groups cover 2 of 42 years.
    assert mondrian.loss(values, np.array([False]), group) == pytest.approx(2 / 42)


def test_the_attribute_that_loses_least_is_cut_first() -> None:
    values = np.array([[20, 0], [40, 0], [20, 1], [40, 1]])
    group = mondrian.anonymise(values, np.array([False, True]), Rules(2))
    assert len(set(group.tolist())) == 2
    assert mondrian.loss(values, np.array([False, True]), group) == pytest.approx(0.5)


def test_a_group_of_equal_rows_loses_nothing() -> None:
    values = np.zeros((7, 2), dtype=np.int64)
    group = mondrian.anonymise(values, np.array([False, True]), Rules(3))
    assert set(group.tolist()) == {0}
    assert mondrian.loss(values, np.array([False, True]), group) == 0


@pytest.mark.parametrize(
    "rules", [Rules(5), Rules(10), Rules(5, l=2), Rules(5, l=3), Rules(5, t=0.2), Rules(4, l=2, t=0.3)]
)
def test_every_group_holds_the_rules_and_the_file_is_cut_finely(rules: Rules) -> None:
    values, is_category, sensitive = table(2_000)
    group = mondrian.anonymise(values, is_category, rules, sensitive)
    k, different, t = by_hand(group, sensitive)
    assert k >= rules.k
    assert different >= rules.l
    assert t <= rules.t
    assert len(set(group.tolist())) > 40


def test_stricter_rules_lose_more() -> None:
    values, is_category, sensitive = table(2_000)
    losses = [
        mondrian.loss(values, is_category, mondrian.anonymise(values, is_category, rules, sensitive))
        for rules in (Rules(5), Rules(5, l=3), Rules(25, l=3))
    ]
    assert losses == sorted(losses)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 4), st.integers(0, 3)), min_size=2, max_size=120),
    st.integers(2, 6),
    st.integers(1, 3),
    st.sampled_from([1.0, 0.6, 0.4]),
)
def test_the_promise_holds_for_any_records(rows: list[tuple[int, int, int]], k: int, least: int, t: float) -> None:
    table = np.array(rows)
    values, sensitive = table[:, :2], table[:, 2]
    rules = Rules(k, least, t)
    if len(rows) < k or (rules.looks_at_sensitive and len(set(sensitive.tolist())) < least <= sensitive.max() + 1):
        return
    try:
        group = mondrian.anonymise(values, np.array([False, True]), rules, sensitive)
    except CannotProtect:
        assert len(set(sensitive.tolist())) < least or least > sensitive.max() + 1
        return
    counted = by_hand(group, sensitive)
    found = mondrian.reached(group, sensitive)
    assert (found.k, found.l) == counted[:2]
    assert found.t == pytest.approx(counted[2])
    assert found.k >= k
    assert found.l >= least
    assert found.t <= t + 1e-9


def test_more_groups_than_sixteen_bits_are_regrouped_in_order() -> None:
    local = np.random.default_rng(2).integers(-1, 200_000, 300_000)
    order = np.arange(300_000)
    ordered = mondrian.regrouped(order, local)
    assert (np.diff(local[ordered]) >= 0).all()
    assert len(ordered) == (local >= 0).sum()
    same = np.diff(local[ordered]) == 0
    assert (np.diff(ordered)[same] > 0).all()


def test_what_cannot_be_met_is_refused_by_name() -> None:
    values, is_category, sensitive = table(20)
    with pytest.raises(CannotProtect, match="20 rows are fewer than k = 30"):
        mondrian.anonymise(values, is_category, Rules(30))
    with pytest.raises(CannotProtect, match="need a sensitive"):
        mondrian.anonymise(values, is_category, Rules(5, l=2))
    with pytest.raises(CannotProtect, match="fewer than l = 4"):
        mondrian.anonymise(values, is_category, Rules(5, l=4), sensitive)


def test_homogeneous_groups_are_measured() -> None:
    found = mondrian.reached(np.array([0, 0, 0, 1, 1]), np.array([1, 1, 1, 0, 1]))
    assert found.homogeneous_share == pytest.approx(0.6)
    assert (found.k, found.l, found.groups) == (2, 1, 2)
