"""Places in releases: a public frame, a noisy quadtree, areas with at least k units."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given as examples
from hypothesis import settings
from hypothesis import strategies as st

from engagement.models import Round, User
from privacy import areas, designs, dp, presenting, quadtree, release
from privacy.counts import NumpyCounts, SpecRefused, TableSpec
from privacy.snapshot import Column, SnapshotInput
from tests.privacy.conftest import Answers, answers
from tests.privacy.test_release import publish

FRAME = (24.90, 60.15, 25.00, 60.20)
KEY = b"key of the round"


def pinned(lon_lat: np.ndarray, depth: int = 4) -> SnapshotInput:
    """One place per unit."""
    n = len(lon_lat)
    codes = areas.codes(range(n), lon_lat, n, 1, FRAME, depth)
    column = Column("where", "place", {"en": "Where?"}, areas.frame_options(FRAME), codes, steps=depth)
    base = answers(n)
    return SnapshotInput(base.units, [*base.columns, column])


def town(n: int, seed: int = 5) -> np.ndarray:
    """Most around one crossing, the rest anywhere."""
    rng = np.random.default_rng(seed)
    near = rng.normal((24.94, 60.17), (0.004, 0.002), (int(0.7 * n), 2))
    return np.vstack([near, rng.uniform(FRAME[:2], FRAME[2:], (n - len(near), 2))])


def test_a_square_of_the_curve_is_the_box_around_its_places() -> None:
    leaf = int(quadtree.leaves(np.array([[24.96, 60.16]]), FRAME, 3)[0])
    west, south, east, north = quadtree.box(3, leaf, FRAME)
    assert west <= 24.96 < east and south <= 60.16 < north
    assert east - west == pytest.approx(0.0125)
    assert north - south == pytest.approx(0.00625)
    assert quadtree.box(0, 0, FRAME) == FRAME


def test_a_unit_counts_once_in_every_square_that_it_touches() -> None:
    leaf = np.array([0, 0, 1, 15])
    unit = np.array([7, 7, 7, 8])
    first, second = quadtree.levels(quadtree.count(leaf, unit, 2), 2)
    assert first.tolist() == [1, 0, 0, 1]
    assert second.tolist() == [1, 1, *[0] * 13, 1]


@pytest.mark.parametrize(("expected", "side_m", "depth"), [(60, 5_000, 3), (400, 5_000, 4), (10_000, 20_000, 6), (400, 300, 1)])  # fmt: skip
def test_the_depth_of_the_tree_follows_from_what_is_public(expected: int, side_m: float, depth: int) -> None:
    assert quadtree.depth_for(expected, side_m) == depth


def test_without_noise_every_area_holds_k_units_and_no_place_is_lost() -> None:
    leaf = quadtree.leaves(town(2_000), FRAME, 5)
    flat = quadtree.count(leaf, np.arange(2_000), 5)
    found = quadtree.areas(flat, 2_000, 5, lambda _draws: 10)
    assert min(area.units for area in found) >= 10
    assert sum(area.units for area in found) == 2_000
    assert len(found) > 60


@settings(max_examples=60, deadline=None)
@examples(st.lists(st.integers(0, 255), min_size=1, max_size=300), st.integers(2, 12))
def test_areas_cover_the_frame_once_whatever_the_places(leaf: list[int], k: int) -> None:
    flat = quadtree.count(np.array(leaf), np.arange(len(leaf)), 4)
    found = quadtree.areas(flat, len(leaf), 4, lambda _draws: k)
    covered = sum(4 ** (4 - level) for area in found for level, _number in area.squares)
    assert covered == 256
    assert sum(area.units for area in found) == len(leaf)
    assert len(leaf) < k or min(area.units for area in found) >= k


def test_noisy_counts_alone_decide_and_still_no_area_holds_fewer_than_k_units() -> None:
    """200 draws over the same town: the margin leaves one area in ten thousand to chance."""
    k, depth, n = 10, 4, 1_000
    leaf = quadtree.leaves(town(n), FRAME, depth)
    exact = quadtree.count(leaf, np.arange(n), depth)
    mechanism = dp.gaussian(0.06, designs.places(1, depth).bound)
    column = pinned(town(n), depth).column("where")
    mass = dp.probabilities(mechanism.name, mechanism.scale)
    rng = np.random.default_rng(11)
    fewest, most_areas = n, 0
    for _draw in range(200):
        noise = rng.choice(len(mass), len(exact) + 1, p=mass) - len(mass) // 2
        found = areas.read(exact + noise[1:], n + int(noise[0]), column, mechanism, k)
        true = [
            sum(int((leaf >> (2 * (depth - level)) == number).sum()) for level, number in area.squares)
            for area in found
        ]
        assert sum(true) == n
        fewest, most_areas = min(fewest, *true), max(most_areas, len(found))
    assert fewest >= k
    assert most_areas >= 8


def test_one_unit_moves_the_counts_by_no_more_than_the_bound() -> None:
    taken = pinned(town(50))
    fewer = SnapshotInput(taken.units[:-1], [Column(**{**c.__dict__, "codes": c.codes[:-1]}) for c in taken.columns])
    one, other = (NumpyCounts().count(TableSpec("where"), some, KEY) for some in (taken, fewer))
    change = one.vector - other.vector
    assert int(np.abs(change).sum()) == one.bound.l1 == 5
    assert set(change.tolist()) <= {0, 1}


def test_places_are_not_shown_in_groups_of_another_question() -> None:
    for spec in (TableSpec("where", by="mode"), TableSpec("mode", by="where")):
        with pytest.raises(SpecRefused):
            NumpyCounts().count(spec, pinned(town(50)), KEY)


def test_a_map_is_released_with_a_range_on_every_area(
    open_round: Round, given: Answers, officer: User, second_officer: User
) -> None:
    given.taken = pinned(town(1_200))
    loaded = release.load(publish(open_round, [TableSpec("where")], officer, second_officer).pk)
    cells = loaded.table("where")
    assert len(cells) >= 4
    for cell in cells.values():
        assert cell.low is not None and cell.high is not None
        assert 0 <= cell.low < cell.high <= 1
    question: Any = loaded.document["questions"][0]
    assert question["frame"] == list(FRAME)
    assert sum(option["km2"] for option in question["options"]) == pytest.approx(30.8, abs=0.5)
    assert sum(cell.count for cell in cells.values()) == pytest.approx(1_200, abs=150)
    shown = presenting.tables(loaded.document)[0]
    assert shown.kind == "place"
    assert len(shown.boxes) >= len(shown.rows) == len(cells)
    assert "km²" in shown.rows[0].label


def test_sixty_pins_give_no_fine_map(open_round: Round, given: Answers, officer: User, second_officer: User) -> None:
    given.taken = pinned(town(60), depth=3)
    loaded = release.load(publish(open_round, [TableSpec("where")], officer, second_officer, fraction=0.3).pk)
    assert len(loaded.table("where")) <= 2
