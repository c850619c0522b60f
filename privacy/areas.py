"""Densities of places in a release: public frame, noisy quadtree, areas with their range."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engagement.geo import metres_per_degree
from privacy import dp, estimates, quadtree
from privacy.quadtree import Area, Frame
from privacy.snapshot import NOT_ANSWERED, Column, Option

Json = dict[str, Any]
SURE = 0.9999
"""How certain an area holds at least k units although only noisy counts decide."""


def frame_of(column: Column) -> Frame:
    """West, south, east, north in degrees, as the public list of the column says."""
    west, south, east, north = (float(option.value) for option in column.options)
    return west, south, east, north


def frame_options(frame: Frame) -> list[Option]:
    return [Option(f"{edge:.6f}") for edge in frame]


def side_m(frame: Frame) -> float:
    """The longer side of a frame, metres."""
    east_m, north_m = metres_per_degree((frame[1] + frame[3]) / 2)
    return max((frame[2] - frame[0]) * east_m, (frame[3] - frame[1]) * north_m)


def codes(rows: Sequence[int], lon_lat: NDArray[np.float64], size: int, most: int, frame: Frame, depth: int) -> Any:
    """Leaves of up to ``most`` places per row, shape ``(size, most)``, -1 where there is none.

    Args:
        rows: row of each place.
        lon_lat: shape ``(places, 2)``, degrees.
    """
    found = np.full((size, most), NOT_ANSWERED, dtype=np.int16)
    taken = np.zeros(size, dtype=np.int64)
    for row, leaf in zip(rows, quadtree.leaves(lon_lat, frame, depth).tolist(), strict=True):
        if taken[row] < most:
            found[row, taken[row]] = leaf
            taken[row] += 1
    return found


def read(counts: NDArray[np.int64], units: int, column: Column, mechanism: dp.Mechanism, k: int) -> list[Area]:
    """The areas that noisy counts allow to show apart, each with at least ``k`` units for as good as certain."""
    share = column.most_choices  # units that set several places may be counted in several parts of one area

    def least(draws: int) -> float:
        return (k if draws == 1 else share * k) + sum_bound(mechanism, draws, 2 * SURE - 1)

    return quadtree.areas(counts, units, column.steps, least)


@lru_cache(maxsize=256)
def sum_bound(mechanism: dp.Mechanism, draws: int, confidence: float = dp.CONFIDENCE) -> int:
    """The smallest whole m such that the sum of so many noises stays within ±m with that confidence."""
    mass = dp.probabilities(mechanism.name, mechanism.scale)
    total = mass
    for _draw in range(draws - 1):
        total = np.convolve(total, mass)
    middle = len(total) // 2
    inside = total[middle] + 2 * np.concatenate([[0.0], np.cumsum(total[middle + 1 :])])
    return int(np.searchsorted(inside, confidence))


def shares(found: Sequence[Area], units: int, mechanism: dp.Mechanism) -> estimates.Shares | None:
    """The share of units that named a place in each area, with its 95 % range of noise and sampling."""
    half_widths = np.array([sum_bound(mechanism, area.draws) for area in found], dtype=np.float64)
    return estimates.of_areas(np.array([area.units for area in found]), units, half_widths)


def options(found: Sequence[Area], frame: Frame) -> list[Json]:
    """What the document says about each area: its squares as boxes in degrees and its size."""
    return [_option(number, area, frame) for number, area in enumerate(found, 1)]


def _option(number: int, area: Area, frame: Frame) -> Json:
    boxes = [quadtree.box(level, square, frame) for level, square in area.squares]
    east_m, north_m = metres_per_degree((frame[1] + frame[3]) / 2)
    km2 = sum((east - west) * east_m * (north - south) * north_m for west, south, east, north in boxes) / 1e6
    boxed = [[round(edge, 6) for edge in corners] for corners in boxes]
    return {"value": f"area-{number}", "label": {}, "boxes": boxed, "km2": round(km2, 4)}
