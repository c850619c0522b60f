"""Streets, paths, squares, piers and bridges as they are drawn: lines with a width, and areas."""

from __future__ import annotations

import re
from typing import Final

import numpy as np

from sources.building_table import FeatureRows, Part
from sources.osm_areas import areas, covered
from sources.osm_raw import Raw, Way
from sources.report import Report
from sources.table import BRIDGE, STREET, Floats

# Width of the carriageway or path where neither width nor lanes are tagged, metres.
WIDTHS_M: Final = {
    "motorway": 14.0,
    "motorway_link": 6.0,
    "trunk": 12.0,
    "trunk_link": 6.0,
    "primary": 10.0,
    "primary_link": 6.0,
    "secondary": 9.0,
    "secondary_link": 6.0,
    "tertiary": 8.0,
    "tertiary_link": 5.0,
    "unclassified": 6.0,
    "residential": 6.0,
    "living_street": 5.0,
    "pedestrian": 5.0,
    "service": 3.5,
    "track": 3.0,
    "busway": 3.5,
    "cycleway": 2.5,
    "footway": 2.0,
    "path": 1.5,
    "trail": 1.5,
    "bridleway": 2.0,
    "steps": 2.0,
    "pier": 3.0,
}
LANE_M: Final = 3.25


def drawn_class(tags: dict[str, str]) -> str:
    """Key of ``WIDTHS_M``, or empty for what is no open street: a corridor, a lift, a building site."""
    name = tags.get("highway", "") or ("pier" if tags.get("man_made") == "pier" else "")
    return name if name in WIDTHS_M else ""


def width_m(tags: dict[str, str]) -> float:
    """Tagged width, else lanes times 3.25 m, else what is usual for the class."""
    if (found := re.fullmatch(r"(\d+(?:\.\d+)?)(?: ?m)?", tags.get("width", ""))) and 0.3 < float(found[1]) < 60:
        return float(found[1])
    usual = WIDTHS_M[drawn_class(tags)]
    if re.fullmatch(r"[1-9]|1\d", lanes := tags.get("lanes", "")) and usual > 3:
        return int(lanes) * LANE_M
    return usual


def _is_area(tags: dict[str, str]) -> bool:
    if tags.get("man_made") == "bridge":
        return True
    closed_kind = tags.get("type") == "multipolygon" or tags.get("area") == "yes"
    return bool(drawn_class(tags)) and closed_kind


def read_streets(raw: Raw, rows: FeatureRows, report: Report) -> None:
    """Add one feature per way, so that a planning result for ``way/<id>`` finds its street."""
    for area in areas(raw, "squares and decks", _is_area, report):
        deck = area.tags.get("man_made") == "bridge"
        rows.add(
            area.id,
            BRIDGE if deck else STREET,
            [Part.of(polygon) for polygon in area.polygons],
            name=area.tags.get("name", ""),
            category="bridge" if deck else drawn_class(area.tags),
        )
        report.count("squares and decks", 1)
    for _, way in sorted(raw.ways.items()):
        if drawn_class(way.tags) and not _is_area(way.tags):
            _add_line(way, rows, report)
    other = sorted(
        w.id for w in raw.ways.values() if "highway" in w.tags and not drawn_class(w.tags) and not _is_area(w.tags)
    )
    report.note(
        "left out", "drawn streets", "no open street (platform, corridor, building site)", (f"way/{i}" for i in other)
    )


def _add_line(way: Way, rows: FeatureRows, report: Report) -> None:
    feature_id = f"way/{way.id}"
    if covered(way.tags):
        report.note("left out", "drawn streets", "in a tunnel or indoors", [feature_id])
        return
    courses = [_without_repeats(way.lonlat[a:b]) for a, b in way.runs()]
    parts = [Part((course,)) for course in courses if len(course) > 1]
    if not parts:
        report.note("left out", "drawn streets", "fewer than two points inside the file", [feature_id])
        return
    is_bridge = way.tags.get("bridge", "no") != "no"
    rows.add(
        feature_id,
        BRIDGE if is_bridge else STREET,
        parts,
        name=way.tags.get("name", ""),
        category=drawn_class(way.tags),
        width_m=width_m(way.tags),
    )
    report.count("drawn streets", 1)


def _without_repeats(course: Floats) -> Floats:
    moved = np.concatenate([[True], (np.diff(course, axis=0) != 0).any(axis=1)])
    kept: Floats = course[moved]
    return kept
