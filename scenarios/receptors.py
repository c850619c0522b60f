"""Where noise is computed: points along the façades of every building."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from scenarios.library.arrays import Floats, Ints
from scenarios.zoning import floor_areas_m2, homes_shares
from sources.geodesy import degrees, metres
from sources.table import BUILDING, FeatureTable

MOST: Final = 8000
LEAST_STEP_M: Final = 5.0


@dataclass(frozen=True, eq=False)
class Receptors:
    """Points on façades, and the buildings that they belong to."""

    lonlat: Floats
    """Degrees, shape ``(n_receptors, 2)``."""
    building: Ints
    """Row of the building of each point."""
    building_id: list[str]
    building_homes_m2: Floats
    """Floor area of dwellings, square metres, shape ``(n_buildings,)``."""


def from_buildings(features: FeatureTable, most: int = MOST) -> Receptors:
    """Points at even distances along the outlines: every 5 m, farther apart where that would be more than ``most``."""
    buildings = features.take(np.flatnonzero(features.kind == BUILDING))
    homes = floor_areas_m2(buildings) * homes_shares(buildings) if len(buildings) else np.zeros(0)
    if not len(buildings):
        return Receptors(np.zeros((0, 2)), np.zeros(0, dtype=np.int64), [], homes)
    outer = buildings.ring_offsets[:-1]
    building_of_ring = np.repeat(np.arange(len(buildings)), np.diff(buildings.part_offsets))
    xy, length, first = _edges(metres(buildings.lonlat), buildings.coord_offsets)
    ends = np.concatenate([[0.0], np.cumsum(length)])
    start, stop = ends[first[outer]], ends[first[outer + 1]]
    around = stop - start
    step = max(float(around.sum()) / most, LEAST_STEP_M)
    # Rounding down keeps the sum below the limit; a kiosk still gets its one point.
    count = np.maximum((around / step).astype(np.int64), 1)
    ring = np.repeat(np.arange(len(outer)), count)
    number = np.arange(len(ring)) - np.repeat(np.cumsum(count) - count, count)
    at = start[ring] + (number + 0.5) * (around / count)[ring]
    edge = np.clip(np.searchsorted(ends, at, side="right") - 1, 0, len(length) - 1)
    share = (at - ends[edge]) / np.maximum(length[edge], 1e-9)
    points = xy[0][edge] + share[:, None] * (xy[1][edge] - xy[0][edge])
    return Receptors(degrees(points), building_of_ring[ring], buildings.ids.tolist(), homes)


def _edges(xy: Floats, offsets: Ints) -> tuple[tuple[Floats, Floats], Floats, Ints]:
    """Both ends and the length of every edge of closed rings, metres; and the first edge of each ring."""
    following = np.arange(1, len(xy) + 1)
    following[offsets[1:] - 1] = offsets[:-1]
    far = xy[following]
    return (xy, far), np.hypot(*(far - xy).T), offsets
