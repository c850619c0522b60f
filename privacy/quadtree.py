"""Places on a quadtree: counted on every level, noised, and only then merged into areas.

Numbers in, numbers out. The plane within a public frame is halved in both directions, ``depth`` times; a leaf is known by
its number along the Z-curve, so that the number of any larger square is the leaf's without its last digits (base 4).
Squares of all levels are counted and get noise; areas are read off the noisy counts alone, so their shape is paid for by
the same noise and gives nothing more away. A square is divided where its parts hold enough; parts that hold too few form
one area together, and where even that is too small the smallest large part joins them. Nothing is suppressed and no
place is lost.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Frame = tuple[float, float, float, float]
"""West, south, east, north."""
DEEPEST = 6
PER_LEAF = 12


@dataclass(frozen=True)
class Area:
    """Squares that are shown as one: ``squares`` as (level, number), their noisy ``units``, and how many noisy counts
    were added up for it."""

    squares: tuple[tuple[int, int], ...]
    units: int
    draws: int


def depth_for(expected: int, side_m: float, smallest_m: float = 100.0) -> int:
    """How often to halve, from what is public: the expected number of answers and the size of the frame. 1 to 6."""
    by_answers = math.floor(math.log(max(expected, 1) / PER_LEAF, 4)) + 2
    by_size = math.floor(math.log2(max(side_m / smallest_m, 2)))
    return max(1, min(by_answers, by_size, DEEPEST))


def leaves(xy: Floats, frame: Frame, depth: int) -> Ints:
    """The leaf of each place; places outside of the frame count at its edge.

    Args:
        xy: shape ``(places, 2)``, in the units of ``frame``.

    Returns:
        Numbers along the Z-curve, 0 to 4^depth - 1, shape ``(places,)``.
    """
    low, high = np.array(frame[:2]), np.array(frame[2:])
    side = 2**depth
    column, row = np.clip(np.floor((xy - low) / (high - low) * side), 0, side - 1).astype(np.int64).T
    number = np.zeros(len(xy), dtype=np.int64)
    for digit in range(depth):
        number |= ((column >> digit) & 1) << (2 * digit) | ((row >> digit) & 1) << (2 * digit + 1)
    return number


def box(level: int, number: int, frame: Frame) -> Frame:
    """The corners of a square."""
    west, south, east, north = frame
    column = sum(((number >> (2 * digit)) & 1) << digit for digit in range(level))
    row = sum(((number >> (2 * digit + 1)) & 1) << digit for digit in range(level))
    wide, high = (east - west) / 2**level, (north - south) / 2**level
    return west + column * wide, south + row * high, west + (column + 1) * wide, south + (row + 1) * high


def count(leaf: Ints, unit: Ints, depth: int) -> Ints:
    """Units per square, level 1 first; a unit counts once in every square that it touches.

    Args:
        leaf: of each place, shape ``(places,)``.
        unit: number of the unit of each place, same shape.

    Returns:
        Shape ``(4 + 16 + … + 4^depth,)``.
    """
    found = []
    for level in range(1, depth + 1):
        square = leaf >> (2 * (depth - level))
        touched = np.unique(np.stack([unit, square]), axis=1)[1] if len(leaf) else square
        found.append(np.bincount(touched, minlength=4**level))
    return np.concatenate(found).astype(np.int64)


def levels(flat: Ints, depth: int) -> list[Ints]:
    """Counts of ``count`` level by level."""
    ends = np.cumsum([4**level for level in range(1, depth + 1)])
    return np.split(flat, ends[:-1])


def areas(flat: Ints, whole: int, depth: int, least: Callable[[int], float]) -> list[Area]:
    """Read areas off noisy counts.

    Args:
        flat: noisy units per square, in the order of ``count``.
        whole: noisy number of units that named a place.
        least: how many noisy units an area must show that is the sum of so many noisy counts.
    """
    return _divided(levels(flat, depth), 0, 0, Area(((0, 0),), whole, 1), least)


def _divided(
    counted: Sequence[Ints], level: int, number: int, alone: Area, least: Callable[[int], float]
) -> list[Area]:
    if level == len(counted):
        return [alone]
    parts = [4 * number + place for place in range(4)]
    units = {part: int(counted[level][part]) for part in parts}
    large = sorted((part for part in parts if units[part] >= least(1)), key=lambda part: units[part])
    rest = [part for part in parts if part not in large]
    while rest and large and sum(units[part] for part in rest) < least(len(rest)):
        rest.append(large.pop(0))
    if not large:
        return [alone]
    found = [Area(tuple((level + 1, part) for part in rest), sum(units[part] for part in rest), len(rest))]
    divided = [_divided(counted, level + 1, part, Area(((level + 1, part),), units[part], 1), least) for part in large]
    return (found if rest else []) + [area for inner in divided for area in inner]
