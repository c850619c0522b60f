"""Areas of an OSM file: closed ways and multipolygon relations as polygons, mended where they must be."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry

from sources.osm_raw import Raw, Relation, Way
from sources.polygons import assembled, chained, mended, polygons_in, ring_polygon
from sources.report import Report
from sources.table import Floats

METRES_PER_DEGREE: Final = 111_320.0

Wanted = Callable[[dict[str, str]], bool]


@dataclass(frozen=True)
class Area:
    """One area of the source, in degrees."""

    id: str
    tags: dict[str, str]
    polygons: list[Polygon]

    @property
    def m2(self) -> float:
        """Size in square metres, good to 1 %: enough to tell a shed from a house."""
        return sum(float(p.area * METRES_PER_DEGREE**2 * np.cos(np.radians(p.centroid.y))) for p in self.polygons)


def covered(tags: dict[str, str]) -> bool:
    """Not under the open sky: in a tunnel, indoors, below the ground. A passage through a building is drawn."""
    in_tunnel = tags.get("tunnel", "no") not in {"no", "building_passage"}
    return in_tunnel or tags.get("indoor", "no") != "no" or tags.get("location") == "underground"


def underground(tags: dict[str, str]) -> bool:
    """An area below the ground. (A street with a negative layer may run in an open cutting.)"""
    return covered(tags) or tags.get("layer", "0").startswith("-")


def areas(raw: Raw, what: str, wanted: Wanted, report: Report) -> Iterator[Area]:
    """Every area whose tags are wanted, ways first, in order of ids. What is mended or refused is noted under ``what``."""
    relations = [r for r in sorted(raw.relations, key=lambda r: r.id) if wanted(r.tags)]
    outlines = {ref: r.id for r in relations for ref, role in r.members if role in {"outer", ""}}
    for _, way in sorted(raw.ways.items()):
        if not wanted(way.tags):
            continue
        if way.id in outlines:
            reason = "the same outline is drawn as a multipolygon"
            report.note("left out", what, reason, [f"way/{way.id}"])
        else:
            yield from _checked(f"way/{way.id}", way.tags, _way_shape(way), _way_trouble(way), what, report)
    for relation in relations:
        shape, trouble = _relation_shape(raw, relation)
        yield from _checked(f"relation/{relation.id}", relation.tags, shape, trouble, what, report)


def _checked(
    feature_id: str, tags: dict[str, str], shape: BaseGeometry, trouble: str, what: str, report: Report
) -> Iterator[Area]:
    if underground(tags):
        report.note("left out", what, "underground", [feature_id])
        return
    polygons, done = mended(shape)
    reasons = {
        "repaired": "its ring crosses itself; rebuilt",
        "boxed": "its ring has no area; drawn as its bounding box",
        "refused": "fewer than three corners are in the file" if trouble else "it has no area",
    }
    if done:
        report.note(done, what, reasons[done], [feature_id])
    if trouble and done != "refused":
        report.note("repaired", what, trouble, [feature_id])
    if polygons:
        yield Area(feature_id, tags, polygons)


def _way_shape(way: Way) -> BaseGeometry:
    return ring_polygon(way.known)


def _way_trouble(way: Way) -> str:
    if not way.is_whole:
        return "it leaves the file; closed along the corners that are there"
    return "" if way.is_closed else "its ring was open; closed with a straight line"


def _relation_shape(raw: Raw, relation: Relation) -> tuple[BaseGeometry, str]:
    found = [(raw.ways[ref], role) for ref, role in relation.members if ref in raw.ways]
    missing = len(found) < len(relation.members) or not all(way.is_whole for way, _ in found)
    outer, closed = chained(_known(way) for way, role in found if role != "inner")
    inner, inner_closed = chained(_known(way) for way, role in found if role == "inner")
    trouble = ""
    if missing:
        trouble = "it leaves the file; closed along the corners that are there"
    elif not (closed and inner_closed):
        trouble = "its rings were open; closed with straight lines"
    return assembled(outer, inner), trouble


def _known(way: Way) -> tuple[list[int], Floats]:
    there = ~np.isnan(way.lonlat[:, 0])
    return way.nodes[there].tolist(), way.lonlat[there]


def merged(shapes: BaseGeometry) -> list[Polygon]:
    """Polygons of a set operation, largest first: slivers of a billionth of a degree are rounding, not ground."""
    return sorted((p for p in polygons_in(shapes) if p.area > 1e-12), key=lambda p: -p.area)
