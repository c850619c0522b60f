"""Zones from buildings: where car trips begin and end, judged by floor area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from scenarios.library.arrays import Floats
from sources.geodesy import degrees, metres
from sources.report import Unreadable
from sources.table import BUILDING, FeatureTable

CELL_M: Final = 200.0
STOREY_M: Final = 3.3
LEAST_M2: Final = 300.0
"""Cells with less floor than this make no zone of their own."""
HOMES: Final = frozenset(
    {"apartments", "residential", "house", "dormitory", "detached", "terrace", "semidetached_house"}
)
NO_TRIPS: Final = frozenset(
    {"roof", "shed", "garage", "garages", "service", "entrance", "underpass_entrance", "glasshouse", "greenhouse",
     "ruins", "utility", "kiosk", "pavilion", "tower", "ship", "construction"}
)  # fmt: skip
UNKNOWN: Final = frozenset({"yes", "block", ""})
HOMES_IF_UNKNOWN: Final = 0.5


@dataclass(frozen=True, eq=False)
class Zones:
    """Zones inside the map, one row each."""

    lonlat: Floats
    """Middle of the floor area, degrees, shape ``(n, 2)``."""
    name: list[str]
    homes_m2: Floats
    works_m2: Floats
    assumed: dict[str, list[str]]
    """Buildings of which something was assumed, by what."""


def from_buildings(features: FeatureTable) -> Zones:
    """Gather floor area into cells of a square grid.

    Raises:
        Unreadable: when no building has a floor.
    """
    buildings = features.take(np.flatnonzero(features.kind == BUILDING))
    floor = floor_areas_m2(buildings)
    category = buildings.category.tolist()
    homes_share = homes_shares(buildings)
    counted = ~np.isin(category, list(NO_TRIPS)) & (floor > 0)
    if not counted.any():
        raise Unreadable("The file holds no building with floor area: nobody would travel anywhere.")
    xy = metres(buildings.middle())
    cell = np.floor((xy - xy.min(axis=0)) / CELL_M).astype(np.int64)
    keys, cell_of = np.unique(cell[counted], axis=0, return_inverse=True)
    cell_of = cell_of.ravel()
    weight, share = floor[counted], homes_share[counted]

    def summed(values: Floats) -> Floats:
        return np.bincount(cell_of, values, minlength=len(keys)).astype(np.float64)

    total = summed(weight)
    middle = np.stack([summed(weight * xy[counted][:, axis]) / total for axis in (0, 1)], axis=1)
    kept = total >= min(LEAST_M2, float(total.max()))
    unknown = [i for i, c in zip(buildings.ids.tolist(), category, strict=True) if c in UNKNOWN]
    guessed = [
        i
        for i, s in zip(buildings.ids.tolist(), buildings.height_source.tolist(), strict=True)
        if s.startswith("assumed")
    ]
    return Zones(
        lonlat=degrees(middle[kept]),
        name=[f"{_letters(int(row))}{column + 1}" for column, row in keys[kept].tolist()],
        homes_m2=summed(weight * share)[kept],
        works_m2=summed(weight * (1 - share))[kept],
        assumed={"half homes, half workplaces, since the use is not tagged": unknown, "height assumed": guessed},
    )


def homes_shares(buildings: FeatureTable) -> Floats:
    """Share of the floor of each building in which people live, judged by its use, 0 to 1, shape ``(n,)``."""
    return np.array([_homes_share(category) for category in buildings.category.tolist()], dtype=np.float64)


def _homes_share(category: str) -> float:
    if category in HOMES:
        return 1.0
    return HOMES_IF_UNKNOWN if category in UNKNOWN else 0.0


def _letters(row: int) -> str:
    """A, B … Z, AA …: rows of the grid from the south."""
    return (_letters(row // 26 - 1) if row >= 26 else "") + chr(ord("A") + row % 26)


def floor_areas_m2(buildings: FeatureTable) -> Floats:
    """Floor area of each building: ground area of its parts times their storeys, square metres, shape ``(n,)``."""
    ring_area = _ring_areas_m2(metres(buildings.lonlat) if len(buildings.lonlat) else buildings.lonlat, buildings)
    part_of_ring = np.repeat(np.arange(len(buildings.part_base_m)), np.diff(buildings.ring_offsets))
    is_outer = np.zeros(len(ring_area), dtype=np.bool_)
    is_outer[buildings.ring_offsets[:-1]] = True
    signed = np.where(is_outer, ring_area, -ring_area)
    ground = np.bincount(part_of_ring, signed, minlength=len(buildings.part_base_m))
    storeys = np.maximum(np.round((buildings.part_height_m - buildings.part_base_m) / STOREY_M), 1.0)
    feature_of_part = np.repeat(np.arange(len(buildings)), np.diff(buildings.part_offsets))
    floor = np.bincount(feature_of_part, np.maximum(ground, 0.0) * storeys, minlength=len(buildings))
    return floor.astype(np.float64)


def _ring_areas_m2(xy: Floats, buildings: FeatureTable) -> Floats:
    """Area inside each ring by the shoelace formula, shape ``(n_rings,)``."""
    offsets = buildings.coord_offsets
    following = np.arange(1, len(xy) + 1)
    following[offsets[1:] - 1] = offsets[:-1]
    cross = xy[:, 0] * xy[following, 1] - xy[following, 0] * xy[:, 1]
    doubled = np.add.reduceat(cross, offsets[:-1]) if len(offsets) > 1 else np.zeros(0)
    return np.abs(doubled) / 2
