from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given as examples
from hypothesis import strategies as st

from privacy.bounding import bound
from privacy.counts import NumpyCounts, SpecRefused, TableSpec
from privacy.snapshot import Column, SnapshotInput
from tests.privacy.conftest import answers, options

KEY = b"key of the round"


def table(spec: TableSpec, taken: SnapshotInput) -> list[list[int]]:
    counted: list[list[int]] = NumpyCounts().count(spec, taken, KEY).cells.tolist()
    return counted


def test_a_question_is_counted_over_its_public_list() -> None:
    assert table(TableSpec("mode"), answers(400)) == [[164, 108, 76, 52]]


def test_options_nobody_chose_are_counted_as_zero() -> None:
    assert table(TableSpec("safe"), answers(400)) == [[0, 164, 108, 76, 52]]


def test_a_cross_table_adds_up_to_its_sides() -> None:
    cells = np.array(table(TableSpec("mode", by="district"), answers(400)))
    assert cells.shape == (3, 4)
    assert cells.sum(axis=0).tolist() == [164, 108, 76, 52]
    assert cells.sum(axis=1).tolist() == [240, 144, 16]


def test_merged_groups_stand_where_their_first_member_stood() -> None:
    spec = TableSpec("mode", by="district", merge=(("kruununhaka", "kallio"),))
    cells = np.array(table(spec, answers(400)))
    assert cells.sum(axis=1).tolist() == [256, 144]


def test_ticks_are_counted_with_the_number_that_answered() -> None:
    counted = NumpyCounts().count(TableSpec("keep"), answers(400), KEY)
    assert counted.cells.tolist() == [[272, 236, 200]]
    assert counted.answered is not None
    assert counted.answered.tolist() == [400]
    assert counted.bound.l1 == 4
    assert counted.bound.l2 == 2.0


def test_more_ticks_than_allowed_do_not_weaken_the_noise() -> None:
    ticks = np.ones((5, 4), dtype=np.int16)
    column = Column("keep", "many", {}, options("a", "b", "c", "d"), ticks, most_choices=2)
    counted = NumpyCounts().count(TableSpec("keep"), SnapshotInput([f"u{n}" for n in range(5)], [column]), KEY)
    assert counted.cells.sum() == 10


def test_whoever_did_not_answer_is_not_counted() -> None:
    codes = np.array([0, -1, 1, -1], dtype=np.int16)
    column = Column("mode", "one", {}, options("a", "b"), codes)
    assert table(TableSpec("mode"), SnapshotInput(["u", "v", "w", "x"], [column])) == [[1, 1]]


def test_a_unit_that_answered_twice_counts_once() -> None:
    column = Column("mode", "one", {}, options("a", "b"), np.array([0, 1, 1], dtype=np.int16))
    assert np.sum(table(TableSpec("mode"), SnapshotInput(["u", "u", "v"], [column]))) == 2


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        (TableSpec("income"), "no question “income”"),
        (TableSpec("mode", by="income"), "no question “income”"),
        (TableSpec("mode", by="keep"), "“keep” cannot group"),
        (TableSpec("mode", by="mode"), "“mode” cannot group"),
        (TableSpec("mode", by="district", merge=(("kallio", "espoo"),)), "no option “espoo”"),
    ],
)
def test_an_impossible_table_is_refused_by_name(spec: TableSpec, said: str) -> None:
    with pytest.raises(SpecRefused, match=said):
        table(spec, answers(40))


def test_a_table_of_more_cells_than_anybody_reads_is_refused() -> None:
    codes = np.zeros(3, dtype=np.int16)
    wide = [Column(name, "one", {}, options(*(str(n) for n in range(101))), codes) for name in ("a", "b")]
    with pytest.raises(SpecRefused, match="10000"):
        table(TableSpec("a", by="b"), SnapshotInput(["u", "v", "w"], wide))


@examples(st.lists(st.integers(0, 8), min_size=1, max_size=60), st.integers(1, 4))
def test_nobody_contributes_more_than_the_bound_and_nobody_below_it_loses_anything(units: list[int], most: int) -> None:
    rows = np.array(units)
    keep = bound(rows, most, KEY)
    assert (keep == bound(rows, most, KEY)).all()
    for unit in set(units):
        assert keep[rows == unit].sum() == min(most, units.count(unit))
