"""Coarse levels: buildings merged into blocks, streets thinned, so that a tile seen from far away is small and never empty."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from sources.geodesy import LocalFrame
from sources.table import BLOCK, FeatureTable, Floats, Ints, Strings, offsets_of, ragged_take

CELLS_ACROSS = 12  # a block reaches over a twelfth of its tile, more or less
EARTH_M = 2 * 6_371_000.0


@dataclass(frozen=True)
class Solids:
    """Outlines in local metres with mean heights: what blocks are merged from."""

    corners: Floats
    """East and north, shape ``(n_corners, 2)``."""
    offsets: Ints
    """Solid → corners, shape ``(n + 1,)``."""
    height_m: Floats
    area_m2: Floats
    members: Ints
    """Number of buildings in each solid, shape ``(n,)``."""

    def __len__(self) -> int:
        return len(self.height_m)

    @property
    def middle(self) -> Floats:
        starts = self.offsets[:-1]
        return (np.minimum.reduceat(self.corners, starts) + np.maximum.reduceat(self.corners, starts)) / 2

    @staticmethod
    def of(table: FeatureTable, rows: Ints, xy: Floats) -> Solids:
        """The buildings in ``rows``; ``xy`` are the local coordinates of ``table.lonlat``."""
        corners, offsets = ragged_take(table.coords_of(), rows)
        points = xy[corners]
        if not len(rows):
            return Solids(points, offsets, np.zeros(0), np.zeros(0), np.zeros(0, dtype=np.int64))
        low, high = np.minimum.reduceat(points, offsets[:-1]), np.maximum.reduceat(points, offsets[:-1])
        area = np.maximum(np.prod(high - low, axis=1), 1.0)
        return Solids(points, offsets, table.height_m[rows], area, np.ones(len(rows), dtype=np.int64))

    @staticmethod
    def joined(several: list[Solids]) -> Solids:
        return Solids(
            np.concatenate([s.corners for s in several]),
            offsets_of(np.concatenate([np.diff(s.offsets) for s in several])),
            np.concatenate([s.height_m for s in several]),
            np.concatenate([s.area_m2 for s in several]),
            np.concatenate([s.members for s in several]),
        )


def merged(solids: Solids, side_m: float, gap_m: float) -> Solids:
    """Convex hulls of solids that lie in one cell and at most ``gap_m`` apart; the mean height weighs by area.

    Args:
        side_m: side of the tile for which the blocks are made, metres.
        gap_m: what is closer belongs together; what is smaller is left out.
    """
    if not len(solids):
        return solids
    group = _groups(solids, side_m / CELLS_ACROSS, gap_m)
    owner = np.repeat(group, np.diff(solids.offsets))
    order = np.argsort(owner, kind="stable")
    hulls = shapely.convex_hull(shapely.linestrings(solids.corners[order], indices=owner[order]))
    area = shapely.area(hulls)
    west, south, east, north = shapely.bounds(hulls).T
    large = (area > 0) & (np.hypot(east - west, north - south) >= gap_m)
    weight = np.bincount(group, weights=solids.area_m2)
    height = np.bincount(group, weights=solids.area_m2 * solids.height_m) / weight
    members = np.bincount(group, weights=solids.members).astype(np.int64)
    plain = shapely.simplify(hulls[large], gap_m / 4, preserve_topology=False)
    rings = shapely.orient_polygons(np.where(shapely.is_empty(plain), hulls[large], plain))
    coords, of_ring = shapely.get_coordinates(rings, return_index=True)
    counts = np.bincount(of_ring, minlength=int(large.sum()))
    offsets = offsets_of(counts)
    open_ring = np.ones(len(coords), dtype=np.bool_)
    open_ring[offsets[1:] - 1] = False  # polygons repeat their first corner, tables do not
    return Solids(coords[open_ring], offsets_of(counts - 1), height[large], area[large], members[large])


def _groups(solids: Solids, cell_m: float, gap_m: float) -> Ints:
    """A group number for each solid: those in one cell of which corners fall into one square of ``gap_m``."""
    cell = np.floor(solids.middle / cell_m).astype(np.int64) % 4096
    corner_of = np.repeat(np.arange(len(solids)), np.diff(solids.offsets))
    square = np.floor(solids.corners / gap_m).astype(np.int64) % (1 << 20)
    # One number for cell and square; a collision after 4,096 cells or a million squares only merges two blocks.
    place = ((cell[corner_of, 0] << 12 | cell[corner_of, 1]) << 40) | (square[:, 0] << 20) | square[:, 1]
    order = np.argsort(place, kind="stable")
    same = place[order[1:]] == place[order[:-1]]
    left, right = corner_of[order[:-1][same]], corner_of[order[1:][same]]
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(len(solids),) * 2)
    groups: Ints = connected_components(graph, directed=False)[1].astype(np.int64)
    return groups


def thinned(table: FeatureTable, enu: Floats, tolerance_m: float) -> tuple[FeatureTable, Floats]:
    """The same features with fewer points on their lines, none moved, no course off by more than the tolerance.

    Source: Douglas and Peucker (1973), as in GEOS.
    """
    sizes = np.diff(table.coord_offsets)
    ring_of = np.repeat(np.arange(len(sizes)), sizes)
    feature_of = np.repeat(np.arange(len(table)), np.diff(table.coords_of()))
    on_line = table.is_line[feature_of]
    if not on_line.any():
        return table, enu
    # The third coordinate carries the point's own number through the simplification.
    numbered = np.column_stack([enu[on_line, :2], np.flatnonzero(on_line)])
    lines = shapely.linestrings(numbered, indices=np.unique(ring_of[on_line], return_inverse=True)[1])
    plain = shapely.simplify(lines, tolerance_m, preserve_topology=False)
    keep = ~on_line
    keep[shapely.get_coordinates(plain, include_z=True)[:, 2].astype(np.int64)] = True
    counts = np.bincount(ring_of[keep], minlength=len(sizes))
    return replace(table, coord_offsets=offsets_of(counts), lonlat=table.lonlat[keep]), enu[keep]


def as_features(solids: Solids, key: str, frame: LocalFrame) -> FeatureTable:
    """Blocks as features of one tile, with ids ``block/<key>/<n>``."""
    n = len(solids)
    ground = -(solids.corners**2).sum(axis=1) / EARTH_M  # the ground falls away from the tangent plane
    height = np.round(solids.height_m, 1)
    return FeatureTable(
        ids=Strings.of(f"block/{key}/{i}" for i in range(n)),
        kind=np.full(n, BLOCK, dtype=np.uint8),
        name=Strings.empty(n),
        base_m=np.zeros(n),
        height_m=height,
        height_source=Strings.of(f"mean of {members}" for members in solids.members.tolist()),
        width_m=np.full(n, np.nan),
        category=Strings.empty(n),
        part_offsets=np.arange(n + 1),
        part_base_m=np.zeros(n),
        part_height_m=height,
        ring_offsets=np.arange(n + 1),
        coord_offsets=solids.offsets,
        lonlat=frame.from_local(np.column_stack([solids.corners, ground])),
    )
