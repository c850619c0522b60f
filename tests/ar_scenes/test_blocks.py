from __future__ import annotations

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from ar_scenes.blocks import Solids, merged, thinned
from sources.building_table import FeatureRows, Part
from sources.table import STREET, offsets_of

METRES = st.integers(-50_000, 50_000).map(lambda centimetres: centimetres / 100)


def squares(*corners: tuple[float, float], side: float = 10.0, heights: list[float] | None = None) -> Solids:
    rings = [np.array([(x, y), (x + side, y), (x + side, y + side), (x, y + side)]) for x, y in corners]
    n = len(rings)
    return Solids(
        np.concatenate(rings),
        offsets_of([4] * n),
        np.array(heights or [10.0] * n),
        np.full(n, side * side),
        np.ones(n, dtype=np.int64),
    )


def test_houses_that_touch_become_one_block_of_their_mean_height() -> None:
    block = merged(squares((0, 0), (10, 0), heights=[10.0, 20.0]), side_m=1200, gap_m=3)
    assert (len(block), block.members.tolist(), block.height_m.tolist()) == (1, [2], [15.0])
    assert block.area_m2.tolist() == [200.0]
    assert sorted(map(tuple, block.corners.tolist())) == [(0, 0), (0, 10), (20, 0), (20, 10)]


def test_houses_across_a_street_stay_apart_and_what_is_small_is_left_out() -> None:
    assert len(merged(squares((0, 0), (40, 0)), side_m=1200, gap_m=3)) == 2
    assert len(merged(squares((0, 0), side=1.0), side_m=1200, gap_m=3)) == 0


def test_a_block_never_reaches_over_more_than_its_cell_of_houses() -> None:
    row = squares(*[(10.0 * i, 0.0) for i in range(100)])  # a terrace of a kilometre
    block = merged(row, side_m=1200, gap_m=3)
    assert len(block) == 10
    assert int(block.members.sum()) == 100


def test_nothing_merges_to_nothing() -> None:
    empty = Solids(np.zeros((0, 2)), np.zeros(1, dtype=np.int64), np.zeros(0), np.zeros(0), np.zeros(0, dtype=np.int64))
    assert len(merged(empty, side_m=100, gap_m=3)) == 0


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.lists(st.tuples(METRES, METRES), min_size=2, max_size=12), min_size=1),
    st.floats(0.5, 30),
)
def test_a_thinned_street_keeps_its_ends_and_strays_no_farther_than_allowed(
    courses: list[list[tuple[float, float]]], tolerance: float
) -> None:
    rows = FeatureRows()
    for number, course in enumerate(courses):
        rows.add(f"way/{number}", STREET, [Part((np.array(course),))], width_m=4.0)
    table = rows.table()
    thin, enu = thinned(table, np.column_stack([table.lonlat, np.zeros(len(table.lonlat))]), tolerance)
    assert len(thin) == len(courses)
    assert np.array_equal(thin.lonlat, enu[:, :2])
    for number, course in enumerate(courses):
        kept = enu[thin.coord_offsets[number] : thin.coord_offsets[number + 1], :2]
        assert [*map(tuple, kept[[0, -1]].tolist())] == [course[0], course[-1]]
        assert shapely.distance(shapely.points(course), shapely.LineString(kept)).max() <= tolerance + 1e-6


def test_areas_are_not_thinned() -> None:
    rows = FeatureRows()
    ring = np.array([(0.0, 0.0), (5.0, 0.01), (10.0, 0.0), (10.0, 10.0)])
    rows.add("way/1", STREET, [Part((ring,))])
    table = rows.table()
    thin, _ = thinned(table, np.column_stack([ring, np.zeros(4)]), 5.0)
    assert thin.lonlat == pytest.approx(ring)
