"""Triangles of every feature at once: buildings extruded, streets as ribbons, squares and water as flat areas.

Arrays in, arrays out. Coordinates are metres east, north and up of the scene's origin. The only loop is the one over calls of
the triangulation (mapbox-earcut); everything else is a handful of array operations however many features there are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import mapbox_earcut
import numpy as np
from numpy.typing import NDArray

from sources.table import BLOCK, BRIDGE, BUILDING, WATER, FeatureTable, Floats, Ints, offsets_of, ragged_take

Triangles = NDArray[np.int64]

# Flat things lie in layers a tenth of a metre apart, so that a phone's depth buffer keeps them in order a kilometre away.
WATER_LIFT_M: Final = 0.1
AREA_LIFT_M: Final = 0.3
STREET_LIFT_M: Final = 0.4
BRIDGE_LIFT_M: Final = 0.3
WIDE_M: Final = (3.0, 5.5, 8.0)  # a wider street lies above a narrower one
SHARPEST_MITRE: Final = 0.5  # cosine of half the turn; beyond, a corner is cut short instead of shooting out


@dataclass(frozen=True)
class Mesh:
    """Vertices and triangles, grouped by feature."""

    position: Floats
    """East, north, up in metres, shape ``(n_vertices, 3)``."""
    triangles: Triangles
    """Vertex numbers, counter-clockwise seen from outside, shape ``(n_triangles, 3)``."""
    vertex_offsets: Ints
    """Feature → vertices, shape ``(n_features + 1,)``."""
    triangle_offsets: Ints
    """Feature → triangles, shape ``(n_features + 1,)``."""

    def box(self, first: int, count: int) -> tuple[Floats, Floats]:
        """Lowest and highest corner of so many features, metres, shape ``(3,)`` each."""
        columns = self.position[self.vertex_offsets[first] : self.vertex_offsets[first + count]].T
        # Column by column: reducing over the long axis of three columns at once is several times slower.
        return np.array([c.min() for c in columns]), np.array([c.max() for c in columns])


@dataclass(frozen=True)
class _Parts:
    """Columns per part (polygon or line), derived once."""

    feature: Ints
    coords: Ints
    solid: NDArray[np.bool_]
    line: NDArray[np.bool_]
    vertices: Ints


def lift_m(table: FeatureTable) -> Floats:
    """How far above the ground a flat feature is drawn, metres, shape ``(n,)``; 0 for solids."""
    wide = np.searchsorted(WIDE_M, np.nan_to_num(table.width_m)) / 10
    lift = np.where(table.is_line, STREET_LIFT_M + wide, AREA_LIFT_M)
    lift = lift + np.where(table.kind == BRIDGE, BRIDGE_LIFT_M, 0.0)
    lift[table.kind == WATER] = WATER_LIFT_M
    lift[(table.kind == BUILDING) | (table.kind == BLOCK)] = 0.0
    return lift


def build_mesh(table: FeatureTable, enu: Floats) -> Mesh:
    """Triangulate every feature.

    Args:
        table: the features.
        enu: ``table.lonlat`` in local metres, shape ``(n_coords, 3)``; its third column is the ground.
    """
    parts = _parts(table)
    position = _positions(table, parts, enu)
    groups = [
        _walls(table, parts),
        _roofs(table, parts, enu, position),
        _ribbons(parts),
    ]
    owner = np.concatenate([owner for owner, _ in groups])
    triangles = np.concatenate([triangles for _, triangles in groups])
    order = np.argsort(owner, kind="stable")
    counts = np.bincount(owner, minlength=len(table))
    per_feature = np.add.reduceat(np.diff(parts.vertices), table.part_offsets[:-1]) if len(table) else np.zeros(0, int)
    return Mesh(position, triangles[order], offsets_of(per_feature), offsets_of(counts))


def _parts(table: FeatureTable) -> _Parts:
    feature = np.repeat(np.arange(len(table)), np.diff(table.part_offsets))
    coords = table.coord_offsets[table.ring_offsets]
    line = table.is_line[feature]
    solid = ((table.kind == BUILDING) | (table.kind == BLOCK))[feature]
    doubled = np.where(solid | line, 2, 1)
    return _Parts(feature, coords, solid, line, offsets_of(np.diff(coords) * doubled))


def _positions(table: FeatureTable, parts: _Parts, enu: Floats) -> Floats:
    """Solid: all corners at the base, then all at the top. Line: all points left, then right. Area: its corners."""
    position = np.empty((int(parts.vertices[-1]), 3))
    every = np.diff(parts.coords)
    part_of = np.repeat(np.arange(len(every)), every)
    first = np.arange(len(enu)) - parts.coords[part_of] + parts.vertices[part_of]
    lift = lift_m(table)[parts.feature]
    low = np.where(parts.solid, table.part_base_m, lift)
    position[first] = enu
    position[first, 2] += low[part_of]
    twice = np.flatnonzero((parts.solid | parts.line)[part_of])
    second = first[twice] + every[part_of[twice]]
    position[second] = enu[twice]
    high = np.where(parts.solid, table.part_height_m, lift)
    position[second, 2] += high[part_of[twice]]
    on_line = np.flatnonzero(parts.line[part_of])
    if len(on_line):
        aside = _sideways(enu[:, :2], on_line, part_of) * (table.width_m[parts.feature[part_of[on_line]]] / 2)[:, None]
        position[first[on_line], :2] += aside
        position[first[on_line] + every[part_of[on_line]], :2] -= aside
    return position


def _sideways(xy: Floats, on_line: Ints, part_of: Ints) -> Floats:
    """Unit offset to the left at every point of every line, lengthened at corners so that the ribbon keeps its width."""
    same_as_next = part_of[:-1] == part_of[1:]
    step = np.zeros_like(xy)
    step[:-1] = np.diff(xy, axis=0)
    step[:-1][~same_as_next] = 0.0
    length = np.hypot(step[:, 0], step[:, 1])
    unit = step / np.where(length > 0, length, 1.0)[:, None]
    leaving = unit[on_line]
    arriving = np.zeros_like(xy)
    arriving[1:] = unit[:-1]
    arriving = arriving[on_line]
    leaving_there = (leaving != 0).any(axis=1)
    arriving_there = (arriving != 0).any(axis=1)
    leaving = np.where(leaving_there[:, None], leaving, arriving)
    arriving = np.where(arriving_there[:, None], arriving, leaving)
    along = arriving + leaving
    size = np.hypot(along[:, 0], along[:, 1])
    along = np.where((size > 1e-6)[:, None], along / np.where(size > 1e-6, size, 1.0)[:, None], leaving)
    half_turn = np.maximum((along * leaving).sum(axis=1), SHARPEST_MITRE)
    aside: Floats = np.stack([-along[:, 1], along[:, 0]], axis=1) / half_turn[:, None]
    return aside


def _walls(table: FeatureTable, parts: _Parts) -> tuple[Ints, Triangles]:
    """Two triangles per side of every ring of every solid part."""
    part_of_ring = np.repeat(np.arange(len(parts.feature)), np.diff(table.ring_offsets))
    rings = np.flatnonzero(parts.solid[part_of_ring])
    corners, ring_starts = ragged_take(table.coord_offsets, rings)
    ring = np.repeat(rings, np.diff(ring_starts))
    part = part_of_ring[ring]
    following = corners + 1
    last = corners == table.coord_offsets[ring + 1] - 1
    following[last] = table.coord_offsets[ring[last]]
    to_vertex = parts.vertices[part] - parts.coords[part]
    size = (parts.coords[1:] - parts.coords[:-1])[part]
    low, low_next = corners + to_vertex, following + to_vertex
    high, high_next = low + size, low_next + size
    triangles = np.stack([low, low_next, high_next, low, high_next, high], axis=1).reshape(-1, 3)
    return np.repeat(parts.feature[part], 2), triangles


def _roofs(table: FeatureTable, parts: _Parts, enu: Floats, position: Floats) -> tuple[Ints, Triangles]:
    """Tops of solids, undersides of solids that hover, and flat areas; all turned so that they face outwards."""
    flat_parts = np.flatnonzero(~parts.line)
    corners, counts = _earcut(table, flat_parts, enu)
    part = np.repeat(flat_parts, counts)
    size = np.diff(parts.coords)[part]
    base = parts.vertices[part] + np.where(parts.solid[part], size, 0)
    triangles = corners + base[:, None]
    xy = position[triangles, :2]
    side_a, side_b = xy[:, 1] - xy[:, 0], xy[:, 2] - xy[:, 0]
    clockwise = side_a[:, 0] * side_b[:, 1] < side_a[:, 1] * side_b[:, 0]
    triangles[clockwise] = triangles[clockwise][:, [0, 2, 1]]
    hovering = parts.solid[part] & (table.part_base_m[part] > 0)
    below = (triangles[hovering] - size[hovering, None])[:, [0, 2, 1]]
    owner = parts.feature[part]
    return np.concatenate([owner, owner[hovering]]), np.concatenate([triangles, below])


def _earcut(table: FeatureTable, chosen: Ints, enu: Floats) -> tuple[Triangles, Ints]:
    """Triangles of each chosen part, numbered from the part's first corner, and how many each part has."""
    xy = np.ascontiguousarray(enu[:, :2])
    ring_ends = table.coord_offsets[1:]
    bounds = table.ring_offsets
    starts = table.coord_offsets[bounds]
    part_of_ring = np.repeat(np.arange(len(bounds) - 1), np.diff(bounds))
    local_ends = (ring_ends - starts[part_of_ring]).astype(np.uint32)
    triangulate = mapbox_earcut.triangulate_float64
    first, last = starts[chosen].tolist(), starts[chosen + 1].tolist()
    ring_first, ring_last = bounds[chosen].tolist(), bounds[chosen + 1].tolist()
    found = [
        triangulate(xy[a:b], local_ends[r:s]) for a, b, r, s in zip(first, last, ring_first, ring_last, strict=True)
    ]
    counts = np.fromiter((len(f) // 3 for f in found), dtype=np.int64, count=len(found))
    flat = np.concatenate(found) if found else np.zeros(0, dtype=np.uint32)
    return flat.astype(np.int64).reshape(-1, 3), counts


def _ribbons(parts: _Parts) -> tuple[Ints, Triangles]:
    """Two triangles per stretch of every line, seen from above."""
    lines = np.flatnonzero(parts.line)
    sizes = np.diff(parts.coords)[lines]
    stretches = offsets_of(np.maximum(sizes - 1, 0))
    line = np.repeat(np.arange(len(lines)), np.diff(stretches))
    left = parts.vertices[lines][line] + np.arange(stretches[-1]) - stretches[line]
    right = left + sizes[line]
    triangles = np.stack([right, right + 1, left + 1, right, left + 1, left], axis=1).reshape(-1, 3)
    return np.repeat(parts.feature[lines][line], 2), triangles
