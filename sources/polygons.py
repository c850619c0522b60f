"""Mending areas: what can be repaired is, what cannot becomes a box, and the reader is told which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import shapely
from shapely.geometry import LineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from sources.table import Floats


def polygons_in(shape: BaseGeometry) -> list[Polygon]:
    """The polygons of any geometry; lines and points that a repair leaves over have no area."""
    return [p for p in shapely.get_parts(shape, return_index=False).tolist() if isinstance(p, Polygon) and p.area > 0]


Done = Literal["repaired", "boxed", "refused"] | None


def mended(shape: BaseGeometry) -> tuple[list[Polygon], Done]:
    """Polygons of an area and what was done: None for nothing, ``"repaired"``, ``"boxed"`` or ``"refused"`` (no area at all)."""
    if shape.is_valid and (whole := polygons_in(shape)):
        return whole, None
    if repaired := polygons_in(shapely.make_valid(shape, method="structure", keep_collapsed=False)):
        return repaired, "repaired"
    box = shape.envelope
    return ([box], "boxed") if isinstance(box, Polygon) and box.area > 0 else ([], "refused")


def ring_polygon(ring: Floats) -> BaseGeometry:
    """Polygon of a ring given with or without its closing point; an empty one when fewer than three corners differ."""
    corners = ring[:-1] if len(ring) > 1 and (ring[0] == ring[-1]).all() else ring
    return Polygon(corners) if len(corners) > 2 else LineString(corners) if len(corners) == 2 else Polygon()


def chained(lines: Iterable[tuple[Sequence[int], Floats]]) -> tuple[list[Floats], bool]:
    """Join lines that meet at their end nodes into rings.

    Returns:
        The rings (coordinates), and whether each of them closed by itself.
    """
    waiting = [(list(nodes), coords) for nodes, coords in lines if len(nodes) > 1]
    rings: list[Floats] = []
    all_closed = True
    while waiting:
        nodes, coords = waiting.pop(0)
        while nodes[0] != nodes[-1]:
            index = next((i for i, (other, _) in enumerate(waiting) if nodes[-1] in (other[0], other[-1])), None)
            if index is None:
                all_closed = False
                break
            other, other_coords = waiting.pop(index)
            if other[0] != nodes[-1]:
                other, other_coords = other[::-1], other_coords[::-1]
            nodes += other[1:]
            coords = shapely.get_coordinates(LineString([*coords.tolist(), *other_coords[1:].tolist()]))
        rings.append(coords)
    return rings, all_closed


def assembled(outer: list[Floats], inner: list[Floats]) -> BaseGeometry:
    """The outer rings less the inner ones, each mended first."""

    def area(rings: list[Floats]) -> BaseGeometry:
        pieces = [p for ring in rings for p in mended(ring_polygon(ring))[0]]
        return shapely.union_all(pieces) if pieces else MultiPolygon()

    return area(outer).difference(area(inner))
