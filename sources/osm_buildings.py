"""OSM buildings with their parts, each with the best height that the file gives."""

from __future__ import annotations

from dataclasses import replace

import shapely
from shapely.geometry import Polygon

from sources.building_table import FeatureRows, Part
from sources.osm_areas import Area, areas, merged
from sources.osm_heights import Assumptions, Height, tagged
from sources.osm_raw import Raw
from sources.report import Report
from sources.table import BUILDING

# From this share of its ground plan on, parts describe a building completely.
PARTS_COVER = 0.9


def read_buildings(raw: Raw, rows: FeatureRows, report: Report) -> None:
    """Add every building once; ``building:part`` areas shape the building around them instead of its plain outline."""
    buildings = list(areas(raw, "buildings", lambda t: t.get("building", "no") != "no", report))
    is_part = lambda t: t.get("building:part", "no") != "no" and "building" not in t  # noqa: E731
    parts = list(areas(raw, "building parts", is_part, report))
    owned, orphans = _owners(buildings, parts)
    known = [(a.tags.get("building", "yes"), h.top_m) for a in buildings if (h := tagged(a.tags))]
    assumptions = Assumptions(known)
    for index, area in enumerate(buildings):
        _add(area, owned.get(index, []), assumptions, rows, report)
    for area in orphans:
        _add(area, [], assumptions, rows, report)
    report.note("repaired", "building parts", "no building around them; drawn as buildings", (a.id for a in orphans))
    report.count("buildings", len(buildings) + len(orphans))
    report.count("building parts", len(parts))


def _owners(buildings: list[Area], parts: list[Area]) -> tuple[dict[int, list[Area]], list[Area]]:
    """Building index → the parts standing in it (the smallest building wins), and the parts that stand in none."""
    shapes = [shapely.MultiPolygon(b.polygons) for b in buildings]
    tree = shapely.STRtree(shapes)
    owned: dict[int, list[Area]] = {}
    orphans: list[Area] = []
    for part in parts:
        inside = part.polygons[0].representative_point()
        around = [int(i) for i in tree.query(inside, predicate="intersects")]
        if around:
            owned.setdefault(min(around, key=lambda i: shapes[i].area), []).append(part)
        else:
            orphans.append(part)
    return owned, orphans


def _add(area: Area, parts: list[Area], assumptions: Assumptions, rows: FeatureRows, report: Report) -> None:
    own = tagged(area.tags) or assumptions.height(area.tags, area.m2)
    pieces: list[tuple[Polygon, Height]] = []
    for part in parts:
        height = tagged(part.tags) or replace(own, source="assumed: height of its building")
        pieces += [(polygon, height) for polygon in part.polygons]
    pieces += [(polygon, own) for polygon in _rest(area, parts)]
    highest = max((height for _, height in pieces), key=lambda h: h.top_m)
    if highest.source.startswith("assumed"):
        report.note("assumed", "heights", highest.source.removeprefix("assumed: "), [area.id])
    rows.add(
        area.id,
        BUILDING,
        [Part.of(polygon, height.base_m, height.top_m) for polygon, height in pieces],
        name=area.tags.get("name", "") or _address(area.tags),
        category=area.tags.get("building", area.tags.get("building:part", "")),
        height_source=highest.source,
    )


def _rest(area: Area, parts: list[Area]) -> list[Polygon]:
    """What the parts leave over of the outline, unless they describe it completely."""
    if not parts:
        return area.polygons
    outline = shapely.union_all(area.polygons)
    rest = outline.difference(shapely.union_all([p for part in parts for p in part.polygons]))
    return [] if rest.area < (1 - PARTS_COVER) * outline.area else merged(rest)


def _address(tags: dict[str, str]) -> str:
    if "addr:street" in tags and "addr:housenumber" in tags:
        return f"{tags['addr:street']} {tags['addr:housenumber']}"
    return ""
