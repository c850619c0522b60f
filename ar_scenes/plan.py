"""The twin seen from straight above: GeoJSON for survey maps and pictures, SVG for the map page. Features in, text out; no Django."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry import LineString, MultiLineString, MultiPolygon, Polygon
from shapely.geometry.base import BaseGeometry

from sources.table import BRIDGE, BUILDING, KINDS, STREET, WATER, FeatureTable, Floats

Box = tuple[float, float, float, float]
"""West, south, east, north in degrees."""

SIMPLER_M: Final = 1.0
"""Corners closer than this to the line are left out of what is only drawn."""
WIDTH_PX: Final = 1000
SMALLEST_M2: Final = 25.0
LETTER_PX: Final = 17
LINE_PX: Final = 40
"""A letter and a line of a label at their largest, on a phone."""
PATHS: Final = frozenset(
    {"footway", "path", "steps", "cycleway", "corridor", "service", "track", "bridleway", "platform"}
)
"""Streets that a map of a quarter shows thinly and no survey question is about."""


def geometry(table: FeatureTable, row: int) -> BaseGeometry:
    """A feature as shapely geometry in degrees: polygons for areas, lines for streets."""
    parts = range(int(table.part_offsets[row]), int(table.part_offsets[row + 1]))
    rings = [[_ring(table, ring) for ring in _between(table.ring_offsets, part)] for part in parts]
    if np.isnan(table.width_m[row]):
        return MultiPolygon([Polygon(outer, inner) for outer, *inner in rings])
    lines = [LineString(line) for part in rings for line in part]
    return lines[0] if len(lines) == 1 else MultiLineString(lines)


def _between(offsets: Any, number: int) -> range:
    return range(int(offsets[number]), int(offsets[number + 1]))


def _ring(table: FeatureTable, ring: int) -> Floats:
    return table.lonlat[table.coord_offsets[ring] : table.coord_offsets[ring + 1]]


def outline(table: FeatureTable, row: int) -> BaseGeometry:
    """What a feature covers, simplified by a metre. Parts of a building that stand on each other become one."""
    shape = geometry(table, row)
    if len(getattr(shape, "geoms", [])) > 1 and isinstance(shape, MultiPolygon):
        shape = shapely.union_all(shapely.make_valid(np.array(shape.geoms)))
    return shape.simplify(SIMPLER_M / 111_132, preserve_topology=True)


def rows_within(table: FeatureTable, box: Box | None) -> list[int]:
    """Features whose box touches ``box``; all for None."""
    if box is None:
        return list(range(len(table)))
    starts = table.coords_of()[:-1]
    low = np.minimum.reduceat(table.lonlat, starts)
    high = np.maximum.reduceat(table.lonlat, starts)
    west, south, east, north = box
    inside = (high[:, 0] >= west) & (low[:, 0] <= east) & (high[:, 1] >= south) & (low[:, 1] <= north)
    return [int(row) for row in np.flatnonzero(inside)]


def extent(table: FeatureTable) -> Box:
    """The rectangle in which the middles of all features lie: single ways reach far beyond what is mapped around them."""
    (west, south), (east, north) = table.middle().min(axis=0), table.middle().max(axis=0)
    return float(west), float(south), float(east), float(north)


def within(wanted: Box, known: Box) -> Box:
    """The part of ``wanted`` that is known; all of it where they do not meet."""
    west, south, east, north = (
        max(wanted[0], known[0]), max(wanted[1], known[1]), min(wanted[2], known[2]), min(wanted[3], known[3]),
    )  # fmt: skip
    return (west, south, east, north) if west < east and south < north else wanted


def geojson(table: FeatureTable, box: Box | None = None) -> dict[str, Any]:
    """A small FeatureCollection: buildings, water, streets and bridges, without footpaths, to six decimals (a decimetre)."""
    category = table.category.tolist()
    return {
        "type": "FeatureCollection",
        "features": [
            _feature(table, row)
            for row in rows_within(table, box)
            if category[row] not in PATHS or table.kind[row] not in (STREET, BRIDGE)
        ],
    }


def _feature(table: FeatureTable, row: int) -> dict[str, Any]:
    told: dict[str, Any] = {"id": table.ids[row], "kind": KINDS[int(table.kind[row])]}
    if name := table.name[row]:
        told["name"] = name
    if table.height_m[row] > 0:
        told["height_m"] = round(float(table.height_m[row]), 1)
    shape = shapely.set_precision(outline(table, row), 1e-6, mode="pointwise")
    return {"type": "Feature", "properties": told, "geometry": shapely.geometry.mapping(shape)}


@dataclass(frozen=True)
class Frame:
    """The rectangle that a plan shows. North is up, a pixel is as many metres each way."""

    box: Box

    @property
    def _east_px(self) -> float:
        return WIDTH_PX / (self.box[2] - self.box[0])

    @property
    def _north_px(self) -> float:
        middle = math.radians((self.box[1] + self.box[3]) / 2)
        return self._east_px / math.cos(middle)

    @property
    def px_per_m(self) -> float:
        return self._north_px / 111_132

    @property
    def height_px(self) -> int:
        return round((self.box[3] - self.box[1]) * self._north_px)

    def to_px(self, lonlat: Floats) -> Floats:
        """Degrees ``(n, 2)`` to pixels ``(n, 2)``, y downwards."""
        return np.column_stack(
            [(lonlat[:, 0] - self.box[0]) * self._east_px, (self.box[3] - lonlat[:, 1]) * self._north_px]
        )


@dataclass(frozen=True)
class Mark:
    """A point with a few words: a sensor's value, a remark."""

    css: str
    lon: float
    lat: float
    text: str


@dataclass(frozen=True)
class Drawn:
    """How one feature is shown: its extra class and what choosing it leads to."""

    label: str
    url: str
    css: str = ""


def svg(table: FeatureTable, box: Box, drawn: Callable[[str], Drawn | None], marks: list[Mark], label: str) -> str:
    """The plan as an SVG document to stand inside a page.

    Args:
        table: the features.
        box: what is shown.
        drawn: how a feature (by id) is shown; None for one that is only background.
        marks: drawn on top.
        label: what a screen reader says the picture is.
    """
    frame = Frame(box)
    layers: dict[int, list[str]] = {WATER: [], STREET: [], BUILDING: [], BRIDGE: []}
    categories = table.category.tolist()
    for row in rows_within(table, box):
        if (kind := int(table.kind[row])) in layers:
            background = categories[row] in PATHS and kind == STREET
            layers[kind] += _piece(table, row, frame, None if background else drawn(table.ids[row]))
    body = "".join(piece for kind in layers for piece in layers[kind])
    points = "".join(_marks(marks, frame))
    return f'<svg viewBox="0 0 {WIDTH_PX} {frame.height_px}" role="group" aria-label="{html.escape(label)}">{body}{points}</svg>'


def _piece(table: FeatureTable, row: int, frame: Frame, drawn: Drawn | None) -> Iterator[str]:
    shape = outline(table, row)
    if shape.area and shape.area * 111_132**2 / 2 < SMALLEST_M2:
        return
    path = "".join(_path(part, frame) for part in getattr(shape, "geoms", [shape]))
    css = KINDS[int(table.kind[row])] + (f" {drawn.css}" if drawn and drawn.css else "")
    width_m = float(table.width_m[row])
    look = 'fill-rule="evenodd"' if math.isnan(width_m) else f'stroke-width="{max(width_m * frame.px_per_m, 2):.1f}"'
    element = f'<path class="{css}" {look} d="{path}"/>'
    if drawn is None:
        yield element
    else:
        yield f'<a href="{html.escape(drawn.url)}" aria-label="{html.escape(drawn.label)}" tabindex="-1">{element}</a>'


def _path(part: BaseGeometry, frame: Frame) -> str:
    if isinstance(part, Polygon):
        return "".join(
            f"{_moves(np.asarray(ring.coords)[:-1, :2], frame)}z" for ring in (part.exterior, *part.interiors)
        )
    return _moves(np.asarray(part.coords)[:, :2], frame)


def _moves(lonlat: Floats, frame: Frame) -> str:
    """Relative moves in half pixels' precision: a third of the bytes of absolute decimals."""
    points = np.round(frame.to_px(lonlat) * 2).astype(int)
    steps = np.diff(points, axis=0)
    first = f"M{points[0][0] / 2:g} {points[0][1] / 2:g}"
    return first + "".join(f"l{x / 2:g} {y / 2:g}" for x, y in steps.tolist() if x or y)


def _marks(marks: list[Mark], frame: Frame) -> Iterator[str]:
    """Points with their words; words that would cover others stay in the title, which a pointer and a reader find."""
    written: list[tuple[float, float, float]] = []
    for mark in marks:
        ((x, y),) = frame.to_px(np.array([[mark.lon, mark.lat]])).tolist()
        if not (0 <= x <= WIDTH_PX and 0 <= y <= frame.height_px):
            continue
        half = len(mark.text) * LETTER_PX / 2
        free = all(abs(x - ox) > half + other or abs(y - oy) > LINE_PX for ox, oy, other in written)
        words = html.escape(mark.text)
        text = f'<text x="{x:.0f}" y="{y - 20:.0f}">{words}</text>' if words and free else ""
        if text:
            written.append((x, y, half))
        yield f'<g class="{mark.css}"><title>{words}</title><circle cx="{x:.0f}" cy="{y:.0f}" r="12"/>{text}</g>'
