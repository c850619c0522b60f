"""Water: lakes, rivers, streams, and the sea, which OSM knows only by its shore."""

from __future__ import annotations

from typing import Final

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon, box

from sources.building_table import FeatureRows, Part
from sources.osm_areas import areas, covered
from sources.osm_raw import Raw, Way
from sources.report import Report
from sources.table import WATER, Floats

STREAM_WIDTHS_M: Final = {"river": 10.0, "canal": 6.0, "stream": 2.0, "ditch": 1.0, "drain": 1.0}
SIDE_STEP: Final = 2e-7  # degrees, about 2 cm: which side of the shore is a point on


def _is_water_area(tags: dict[str, str]) -> bool:
    return tags.get("natural") == "water" or tags.get("waterway") in {"riverbank", "dock"}


def read_water(raw: Raw, rows: FeatureRows, report: Report) -> None:
    """Add water areas, streams as lines, and the sea between the shore and the edge of the file."""
    cut = {way.id for way in raw.ways.values() if _is_water_area(way.tags) and not way.is_whole}
    whole = Raw(raw.box, {i: w for i, w in raw.ways.items() if i not in cut}, raw.relations)
    for area in areas(whole, "water", _is_water_area, report):
        _add(area.id, area.polygons, area.tags, rows, report)
    for way_id in sorted(cut):
        _add_cut_lake(raw, raw.ways[way_id], rows, report)
    _add_sea(raw, rows, report)
    for _, way in sorted(raw.ways.items()):
        _add_stream(way, rows, report)


def _add(feature_id: str, polygons: list[Polygon], tags: dict[str, str], rows: FeatureRows, report: Report) -> None:
    category = tags.get("water", "") or tags.get("natural", "water")
    rows.add(feature_id, WATER, [Part.of(p) for p in polygons], name=tags.get("name", ""), category=category)
    report.count("water", 1)


def _add_stream(way: Way, rows: FeatureRows, report: Report) -> None:
    width = STREAM_WIDTHS_M.get(way.tags.get("waterway", ""))
    parts = [Part((way.lonlat[a:b],)) for a, b in way.runs()]
    if width is None:
        return
    if covered(way.tags) or not parts:
        report.note("left out", "water", "underground or outside the file", [f"way/{way.id}"])
        return
    name, category = way.tags.get("name", ""), way.tags["waterway"]
    rows.add(f"way/{way.id}", WATER, parts, name=name, category=category, width_m=width)
    report.count("water", 1)


def _faces(raw: Raw, shores: list[LineString]) -> list[Polygon]:
    """The file's box, cut along the shores."""
    edge = box(*raw.box)
    lines = [line.intersection(edge) for line in shores]
    return list(shapely.polygonize([shapely.node(shapely.union_all([*lines, edge.exterior]))]).geoms)


def _shores(way: Way, joined: set[int]) -> list[LineString]:
    """The known stretches of a shore; where it leaves the file it is drawn on as it went, up to the edge."""
    lines = []
    for a, b in way.runs():
        points = way.lonlat[a:b]
        goes_on_before = a > 0 or int(way.nodes[0]) not in joined
        goes_on_after = b < len(way.nodes) or int(way.nodes[-1]) not in joined
        before = [_drawn_on(points[1], points[0])] if (goes_on_before and not way.is_closed) or a > 0 else []
        after = (
            [_drawn_on(points[-2], points[-1])] if (goes_on_after and not way.is_closed) or b < len(way.nodes) else []
        )
        lines.append(LineString([*before, *points.tolist(), *after]))
    return lines


def _drawn_on(previous: Floats, last: Floats) -> list[float]:
    """A point 0.01 degrees further along: beyond the edge, to be cut there."""
    step = last - previous
    further: list[float] = (last + step / np.hypot(*step) * 0.01).tolist()
    return further


def _add_cut_lake(raw: Raw, way: Way, rows: FeatureRows, report: Report) -> None:
    faces = _faces(raw, _shores(way, set()))
    smaller = [face for face in faces if face.area < box(*raw.box).area / 2] if len(faces) > 1 else []
    feature_id = f"way/{way.id}"
    if not smaller:
        report.note("left out", "water", "too little of its shore is in the file", [feature_id])
        return
    report.note("repaired", "water", "its shore leaves the file; closed along the edge", [feature_id])
    _add(feature_id, smaller, way.tags, rows, report)


def _add_sea(raw: Raw, rows: FeatureRows, report: Report) -> None:
    """OSM's coastline has the land on its left and the water on its right."""
    coast = [way for _, way in sorted(raw.ways.items()) if way.tags.get("natural") == "coastline"]
    if not coast:
        return
    ends = [int(way.nodes[i]) for way in coast for i in (0, -1)]
    joined = {node for node in ends if ends.count(node) > 1}
    shores = [(way, line) for way in coast for line in _shores(way, joined)]
    bays: dict[str, list[Polygon]] = {}
    for face in _faces(raw, [line for _, line in shores]):
        wet, dry, touching = _sides(face, shores)
        if wet <= dry:
            continue
        feature_id = f"way/{min(touching)}"
        if dry:
            report.note("repaired", "water", "its shore contradicts itself; the longer side decides", [feature_id])
        bays.setdefault(feature_id, []).append(face)
    report.note("repaired", "water", "sea closed along the edge of the file", bays)
    for feature_id, faces in bays.items():
        _add(feature_id, faces, {"natural": "sea"}, rows, report)


def _sides(face: Polygon, shores: list[tuple[Way, LineString]]) -> tuple[float, float, set[int]]:
    """Length of shore (degrees) that says water and land about a face, and the ways it belongs to."""
    wet = dry = 0.0
    touching: set[int] = set()
    for way, line in shores:
        points = shapely.get_coordinates(line)
        step = np.diff(points, axis=0)
        length = np.hypot(*step.T)
        right = (points[:-1] + points[1:]) / 2 + np.stack([step[:, 1], -step[:, 0]], axis=1) / length[
            :, None
        ] * SIDE_STEP
        left = (points[:-1] + points[1:]) - right
        is_wet = shapely.contains_xy(face, right)
        is_dry = shapely.contains_xy(face, left)
        wet += float(length[is_wet].sum())
        dry += float(length[is_dry].sum())
        if is_wet.any():
            touching.add(way.id)
    return wet, dry, touching
