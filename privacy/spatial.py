"""Places as rectangles in which at least k units stand, fine where many are and coarse where few are.

Numbers in, numbers out. The plane is cut in two along a line of a fixed grid, and every part again, as long as at least
k units stand on both sides. Each cut is the one that tells most about where people are (the largest gain in likelihood
of a constant density on either side). So every pin lies in an area with at least k units, nothing is lost, and no area
has to be hidden. What counts are units, not pins: ten pins of one person are one unit.

A merging quadtree, the usual choice, leaves L-shaped remainders that smear a few people over much empty land: at 1,000
pins it errs half as much again as this. Where the cuts fall follows the data, so the areas are k-anonymous, not
differentially private; noise belongs on their counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class CellSet:
    """Rectangles that cover the map without gap or overlap.

    ``box_m`` holds west, south, east, north of each in metres, shape ``(cells, 4)``; ``pins`` and ``units`` are counted
    per cell; ``cell_of_pin`` says in which cell each pin lies.
    """

    box_m: Floats
    pins: Ints
    units: Ints
    cell_of_pin: Ints

    @property
    def area_m2(self) -> Floats:
        """Area per cell, shape ``(cells,)``."""
        area: Floats = (self.box_m[:, 2] - self.box_m[:, 0]) * (self.box_m[:, 3] - self.box_m[:, 1])
        return area


class TooFewUnits(ValueError):
    """All pins together come from fewer than k units: no map can be shown."""


def adaptive_cells(xy_m: Floats, unit: Ints, k: int, *, within_m: Box, smallest_m: float = 100.0) -> CellSet:
    """Divide a map into rectangles that hold at least ``k`` units each.

    Args:
        xy_m: places in metres, shape ``(pins, 2)``; places outside of the map count at its edge.
        unit: number of the unit of each pin, 0 and up, shape ``(pins,)``.
        k: fewest units in a rectangle.
        within_m: west, south, east, north of the map: a public choice, never the outermost pins.
        smallest_m: cuts lie on a grid of this width.

    Raises:
        TooFewUnits: when there are fewer than ``k`` units at all.
    """
    total = len(np.unique(unit))
    if total < k:
        raise TooFewUnits(f"{total} units are fewer than {k}")
    low, high = np.array(within_m[:2]), np.array(within_m[2:])
    size = np.maximum(np.ceil((high - low) / smallest_m), 1).astype(np.int64)
    place = np.clip(np.floor((xy_m - low) / smallest_m).astype(np.int64), 0, size - 1)
    each_unit_once = total == len(unit)
    key = place[:, 0] * size[1] + place[:, 1]
    if not each_unit_once:
        _names, number = np.unique(unit, return_inverse=True)
        key = key * total + number
    names, row_of_pin, weight = np.unique(key, return_inverse=True, return_counts=True)
    unit_of_row = None if each_unit_once else names % total
    square = names if each_unit_once else names // total
    rows = _Rows(np.stack([square // size[1], square % size[1]]), weight, unit_of_row)
    cell_of_row, corners = _grow(rows, size, k)
    cell_of_pin = cell_of_row[row_of_pin]
    pins = np.bincount(cell_of_pin, minlength=len(corners))
    box = np.hstack([low + corners[:, :2] * smallest_m, np.minimum(low + corners[:, 2:] * smallest_m, high)])
    return CellSet(box, pins, _units_per_cell(cell_of_pin, unit, len(corners)), cell_of_pin)


@dataclass(frozen=True)
class _Rows:
    """Pins gathered by grid square (and unit): ``place`` of shape ``(2, rows)`` in grid squares, ``weight`` in pins."""

    place: Ints
    weight: Ints
    unit: Ints | None  # None when every unit has one pin, so that weight counts units too


@dataclass(frozen=True)
class _Cuts:
    """The best cut of every part along one direction; ``gain`` is -inf where there is none. Shape ``(parts,)``."""

    gain: Floats
    line: Ints


def _grow(rows: _Rows, size: Ints, k: int) -> tuple[Ints, Ints]:
    """Cut all parts of one generation at once, until none can be cut; returns the part of each row and all corners."""
    part = np.zeros(rows.place.shape[1], dtype=np.int64)
    corners = np.array([[0, 0, size[0], size[1]]], dtype=np.int64)
    sides = [_Side(rows, axis) for axis in (0, 1)]
    numbers = np.array([0])  # the parts that may still be cut
    while len(numbers):
        local = np.full(len(corners), -1, dtype=np.int64)
        local[numbers] = np.arange(len(numbers))
        local_of_row = local[part]
        cuts = [side.best_cuts(local_of_row, corners[numbers], k) for side in sides]
        axis = (cuts[1].gain > cuts[0].gain).astype(np.int64)
        line = np.where(axis == 1, cuts[1].line, cuts[0].line)
        is_cut = np.maximum(cuts[0].gain, cuts[1].gain) > -np.inf
        fresh = len(corners) + np.cumsum(is_cut) - 1
        active = np.flatnonzero((local_of_row >= 0) & is_cut[local_of_row])
        mine = local_of_row[active]
        beyond = rows.place[axis[mine], active] >= line[mine]
        part[active[beyond]] = fresh[mine[beyond]]
        corners = _cut_corners(corners, numbers[is_cut], axis[is_cut], line[is_cut])
        numbers = np.concatenate([numbers[is_cut], fresh[is_cut]])
    return part, corners


def _cut_corners(corners: Ints, cut: Ints, axis: Ints, line: Ints) -> Ints:
    """Shorten the parts that were cut and add their other halves at the end."""
    halves = corners[cut].copy()
    here = np.arange(len(cut))
    halves[here, axis] = line
    corners[cut, axis + 2] = line
    return np.vstack([corners, halves])


class _Side:
    """Looks for cuts across one axis. Rows are put in order once; each generation only regroups them by part."""

    def __init__(self, rows: _Rows, axis: int) -> None:
        self.rows, self.axis = rows, axis
        self.by_place = np.argsort(rows.place[axis], kind="stable")
        self.by_unit = None if rows.unit is None else np.lexsort((rows.place[axis], rows.unit))

    def best_cuts(self, local: Ints, box: Ints, k: int) -> _Cuts:
        """For every part the line with the largest gain that leaves ``k`` units on both sides.

        Args:
            local: part of each row, -1 for rows whose part is finished.
            box: corners of the parts in grid squares.
        """
        row = self.by_place = _regrouped(self.by_place, local)
        part, at = local[row], self.rows.place[self.axis, row]
        starts = np.flatnonzero(np.r_[True, (part[1:] != part[:-1]) | (at[1:] != at[:-1])])
        run_part, run_at = part[starts], at[starts]
        ends = np.r_[starts[1:], len(part)] - 1
        weight = self.rows.weight[row]
        left = _running(weight, part)[ends]
        whole = np.bincount(part, weights=weight, minlength=len(box)).astype(np.float64)[run_part]
        units_left, units_right = self._units_beside(row, part, ends, local, left, whole)
        is_last = np.r_[run_part[1:] != run_part[:-1], True]
        place = np.flatnonzero(~is_last & (units_left >= k) & (units_right >= k))
        low, high = box[run_part[place], self.axis], box[run_part[place], self.axis + 2]
        # For a given number on the left the gain is largest at an end of the gap between two occupied grid lines.
        lines = np.stack([run_at[place] + 1, run_at[place + 1]]) if len(place) else np.zeros((2, 0), dtype=np.int64)
        gains = _gain(left[place], whole[place], (lines - low) / (high - low))
        nearer = (gains[1] > gains[0]).astype(np.int64)
        here = np.arange(len(place))
        return _largest(run_part[place], gains[nearer, here], lines[nearer, here], len(box))

    def _units_beside(
        self, row: Ints, part: Ints, ends: Ints, local: Ints, left: Floats, whole: Floats
    ) -> tuple[Floats, Floats]:
        """Different units on or before each grid line, and after it; a unit on both sides counts on both."""
        if self.by_unit is None or self.rows.unit is None:
            return left, whole - left
        self.by_unit = _regrouped(self.by_unit, local)
        mine, unit = local[self.by_unit], self.rows.unit[self.by_unit]
        changes = (mine[1:] != mine[:-1]) | (unit[1:] != unit[:-1])
        is_first, is_last = np.zeros(len(local)), np.zeros(len(local))
        is_first[self.by_unit[np.r_[True, changes]]] = 1
        is_last[self.by_unit[np.r_[changes, True]]] = 1
        ended = _running(is_last[row], part)[ends]
        return _running(is_first[row], part)[ends], np.bincount(part, weights=is_last[row])[part[ends]] - ended


def _regrouped(order: Ints, local: Ints) -> Ints:
    """The same order within each part, parts one after the other, finished ones left out."""
    order = order[local[order] >= 0]
    part = local[order]
    # NumPy sorts 16-bit numbers by radix, ten times faster.
    return order[np.argsort(part.astype(np.uint16) if len(part) and part.max() < 2**16 else part, kind="stable")]


def _gain(left: Floats, whole: Floats, fraction: Floats) -> Floats:
    """Log-likelihood won by two densities instead of one, when ``left`` of ``whole`` pins lie in ``fraction`` of the area."""
    share = left / whole
    gain: Floats = whole * (share * np.log(share / fraction) + (1 - share) * np.log((1 - share) / (1 - fraction)))
    return gain


def _largest(part: Ints, gain: Floats, line: Ints, parts: int) -> _Cuts:
    """The cut with the largest gain of every part."""
    gains, lines = np.full(parts, -np.inf), np.zeros(parts, dtype=np.int64)
    order = np.lexsort((gain, part))  # the last of each part wins when written in this order
    gains[part[order]], lines[part[order]] = gain[order], line[order]
    return _Cuts(gains, lines)


def _running(values: NDArray[np.generic], part: Ints) -> Floats:
    """Running sum that starts again with every part; ``part`` is sorted."""
    total = np.cumsum(values, dtype=np.float64)
    starts = np.flatnonzero(np.r_[True, part[1:] != part[:-1]])
    before = np.r_[0.0, total[starts[1:] - 1]]
    running: Floats = total - np.repeat(before, np.diff(np.r_[starts, len(part)]))
    return running


def _units_per_cell(cell_of_pin: Ints, unit: Ints, cells: int) -> Ints:
    pairs = np.unique(cell_of_pin * (int(unit.max()) + 1) + unit)
    return np.bincount(pairs // (int(unit.max()) + 1), minlength=cells)
