from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.ndimage import gaussian_filter

from privacy.spatial import CellSet, TooFewUnits, adaptive_cells

TOWN_M = 20_000
MAP = (0.0, 0.0, float(TOWN_M), float(TOWN_M))
RASTER_M = 100
SQUARES = TOWN_M // RASTER_M


def town(pins: int) -> np.ndarray:
    """A made-up town: 14 centres of different size, and 8 % spread everywhere."""
    rng = np.random.default_rng(4)
    centre, spread, weight = (
        rng.uniform(3000, 17000, (14, 2)),
        rng.uniform(150, 900, 14),
        rng.dirichlet(np.ones(14) * 1.5),
    )
    scattered = int(0.08 * pins)
    chosen = rng.choice(14, pins - scattered, p=weight)
    clustered = centre[chosen] + rng.normal(size=(len(chosen), 2)) * spread[chosen][:, None]
    return np.clip(np.vstack([clustered, rng.uniform(0, TOWN_M, (scattered, 2))]), 0, TOWN_M - 0.1)


def smoothed(raster: np.ndarray) -> np.ndarray:
    blurred = gaussian_filter(raster, 500 / RASTER_M, mode="constant")
    return np.asarray(blurred / blurred.sum())


def painted(cells: CellSet) -> np.ndarray:
    """Pins spread evenly over their rectangles, on a raster of 100 m; edges lie on the raster."""
    raster = np.zeros((SQUARES, SQUARES))
    for (west, south, east, north), pins in zip((cells.box_m / RASTER_M).astype(int), cells.pins, strict=True):
        raster[west:east, south:north] = pins / ((east - west) * (north - south))
    return raster


def best_fixed_grid(xy: np.ndarray, k: int, true: np.ndarray) -> float:
    """The smallest error of any fixed grid whose cells under ``k`` are hidden and spread evenly."""
    errors = []
    for wide in (1, 2, 4, 5, 10, 20, 40):
        side = SQUARES // wide
        counts = np.histogram2d(xy[:, 0], xy[:, 1], bins=side, range=[[0, TOWN_M]] * 2)[0]
        hidden = counts[counts < k].sum()
        counts[counts < k] = 0
        raster = np.kron(counts + hidden / side**2, np.ones((wide, wide)))
        errors.append(float(np.abs(smoothed(raster) - true).sum() / 2))
    return min(errors)


@pytest.mark.parametrize(("pins", "most"), [(1_000, 0.11), (10_000, 0.02), (100_000, 0.004)])
def test_the_density_errs_less_than_the_best_fixed_grid_and_no_pin_is_lost(pins: int, most: float) -> None:
    xy = town(pins)
    cells = adaptive_cells(xy, np.arange(pins), 5, within_m=MAP)
    true = smoothed(np.histogram2d(xy[:, 0], xy[:, 1], bins=SQUARES, range=[[0, TOWN_M]] * 2)[0])
    error = np.abs(smoothed(painted(cells)) - true).sum() / 2
    assert error < best_fixed_grid(xy, 5, true)
    assert error < most
    assert cells.units.min() >= 5
    assert cells.pins.sum() == pins


def test_persons_are_counted_not_pins() -> None:
    rng = np.random.default_rng(1)
    unit = rng.zipf(1.6, 3_000) % 900  # few people set most pins
    cells = adaptive_cells(town(3_000), unit, 10, within_m=MAP)
    by_hand = [len(np.unique(unit[cells.cell_of_pin == cell])) for cell in range(len(cells.pins))]
    assert cells.units.tolist() == by_hand
    assert min(by_hand) >= 10


def test_a_hundred_pins_of_one_person_are_no_map() -> None:
    with pytest.raises(TooFewUnits, match="1 units are fewer than 5"):
        adaptive_cells(town(100), np.zeros(100, dtype=np.int64), 5, within_m=MAP)


def test_two_clusters_are_cut_apart_in_the_gap_between_them() -> None:
    xy = np.array([[1_050.0, 500.0]] * 5 + [[9_050.0, 500.0]] * 5)
    cells = adaptive_cells(xy, np.arange(10), 5, within_m=(0, 0, 10_000, 1_000), smallest_m=100)
    # Cutting at 9,000 m leaves the right five alone in a tenth of the map; cutting at 1,100 m gains a little less.
    assert sorted(cells.box_m.tolist()) == [[0, 0, 9_000, 1_000], [9_000, 0, 10_000, 1_000]]
    assert cells.units.tolist() == [5, 5]


def test_places_outside_of_the_map_count_at_its_edge() -> None:
    xy = np.array([[-500.0, 50.0], [99_999.0, 50.0], [50.0, 50.0]])
    cells = adaptive_cells(xy, np.arange(3), 2, within_m=(0, 0, 1_000, 100))
    assert cells.pins.sum() == 3


@given(
    st.lists(st.tuples(st.integers(0, 999), st.integers(0, 999), st.integers(0, 30)), min_size=1, max_size=200),
    st.integers(2, 8),
)
def test_every_cell_holds_k_units_whatever_the_pins(pins: list[tuple[int, int, int]], k: int) -> None:
    xy, unit = np.array([pin[:2] for pin in pins], dtype=float), np.array([pin[2] for pin in pins])
    if len(set(unit.tolist())) < k:
        with pytest.raises(TooFewUnits):
            adaptive_cells(xy, unit, k, within_m=(0, 0, 1_000, 1_000), smallest_m=50)
        return
    cells = adaptive_cells(xy, unit, k, within_m=(0, 0, 1_000, 1_000), smallest_m=50)
    assert cells.units.min() >= k
    assert cells.pins.sum() == len(pins)
    assert cells.area_m2.sum() == pytest.approx(1_000_000)
    west, south, east, north = cells.box_m[cells.cell_of_pin].T
    assert ((xy[:, 0] >= west) & (xy[:, 0] < east) & (xy[:, 1] >= south) & (xy[:, 1] < north)).all()
