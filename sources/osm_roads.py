"""Car streets of an OSM file as directed links between junctions."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from sources.geodesy import line_lengths_m
from sources.osm_raw import Raw, Way
from sources.report import Report
from sources.table import Floats, RoadTable, offsets_of


@dataclass(frozen=True)
class ClassDefault:
    """Planning values of a street class where the map says nothing."""

    speed_kmh: float
    lanes_per_direction: float
    vph_per_lane: float


# Order of magnitude of signalised and unsignalised urban streets in HCM 6 (2016) chapters 16-20 and HBS (2015) part S;
# speeds are Finland's usual urban limits. They are assumptions, marked as such, and a planner can change every one.
CLASSES: Final = {
    "motorway": ClassDefault(100, 2, 2000),
    "motorway_link": ClassDefault(60, 1, 1500),
    "trunk": ClassDefault(80, 2, 1600),
    "trunk_link": ClassDefault(50, 1, 1200),
    "primary": ClassDefault(50, 1, 1000),
    "primary_link": ClassDefault(40, 1, 900),
    "secondary": ClassDefault(50, 1, 900),
    "secondary_link": ClassDefault(40, 1, 800),
    "tertiary": ClassDefault(40, 1, 800),
    "tertiary_link": ClassDefault(30, 1, 700),
    "unclassified": ClassDefault(40, 1, 600),
    "residential": ClassDefault(30, 1, 500),
    "living_street": ClassDefault(20, 1, 300),
    "service": ClassDefault(20, 1, 300),
}
CLOSED_VALUES: Final = frozenset({"no", "private", "agricultural", "forestry", "psv", "bus", "emergency", "military"})
ACCESS_KEYS: Final = ("motorcar", "motor_vehicle", "vehicle", "access")
NAMED_SPEEDS: Final = {
    "urban": 50.0,
    "rural": 80.0,
    "motorway": 120.0,
    "living_street": 20.0,
    "walk": 7.0,
    "none": 120.0,
}
KMH_PER_MPH: Final = 1.609344


def opened_to_cars(tags: dict[str, str]) -> bool:
    """The most specific access tag decides; without one, the street is open."""
    for key in ACCESS_KEYS:
        if key in tags:
            return tags[key] not in CLOSED_VALUES
    return True


def tagged_speed_kmh(tags: dict[str, str]) -> float | None:
    """``30`` · ``30 mph`` · ``FI:urban`` · ``FI:zone30`` · ``walk``; None when the tags say nothing usable."""
    for key in ("maxspeed", "maxspeed:type", "zone:maxspeed", "source:maxspeed"):
        value = tags.get(key, "").split(";")[0].strip()
        if found := re.fullmatch(r"(?:[A-Z]{2}:(?:zone)?:?)?(\d+(?:\.\d+)?)\s*(mph|km/h)?", value):
            number = float(found[1]) * (KMH_PER_MPH if found[2] == "mph" else 1.0)
            if 0 < number <= 200:
                return number
        if (name := value.split(":")[-1]) in NAMED_SPEEDS:
            return NAMED_SPEEDS[name]
    return None


def _number(tags: dict[str, str], *keys: str) -> float | None:
    for key in keys:
        if re.fullmatch(r"\d+(\.\d+)?", value := tags.get(key, "").split(";")[0].strip()):
            return float(value)
    return None


def _bus_lanes(tags: dict[str, str], direction: str) -> float:
    return _number(tags, f"lanes:psv:{direction}", f"lanes:bus:{direction}", "lanes:psv", "lanes:bus") or 0.0


def tagged_lanes(tags: dict[str, str], direction: str, *, oneway: bool) -> float | None:
    """Lanes for general traffic in one direction (``forward`` or ``backward``); None when the tags do not say."""
    lanes = _number(tags, f"lanes:{direction}")
    if lanes is None and (both := _number(tags, "lanes")) is not None:
        lanes = both if oneway else both / 2
    if lanes is None or lanes <= 0:
        return None
    bus = _bus_lanes(tags, direction)
    # A two-way count of bus lanes without a direction is shared by both.
    if not oneway and f"lanes:psv:{direction}" not in tags and f"lanes:bus:{direction}" not in tags:
        bus /= 2
    return max(lanes - bus, 0.5)


def directions(tags: dict[str, str]) -> tuple[bool, bool]:
    """Whether cars may drive along and against the way's own direction."""
    oneway = tags.get("oneway:motor_vehicle", tags.get("oneway", ""))
    if oneway == "-1":
        return False, True
    implied = tags.get("junction") in {"roundabout", "circular"} or tags.get("highway") == "motorway"
    if oneway in {"yes", "true", "1"} or (implied and oneway != "no"):
        return True, False
    return True, True


@dataclass
class _Links:
    """Rows of the table while it grows."""

    start: list[int] = field(default_factory=list)
    end: list[int] = field(default_factory=list)
    way: list[Way] = field(default_factory=list)
    direction: list[str] = field(default_factory=list)
    course: list[Floats] = field(default_factory=list)

    def add(self, way: Way, a: int, b: int) -> None:
        along, against = directions(way.tags)
        nodes, course = way.nodes, way.lonlat[a : b + 1]
        if along:
            self._one(int(nodes[a]), int(nodes[b]), way, "forward", course)
        if against:
            self._one(int(nodes[b]), int(nodes[a]), way, "backward", course[::-1])

    def _one(self, start: int, end: int, way: Way, direction: str, course: Floats) -> None:
        self.start.append(start)
        self.end.append(end)
        self.way.append(way)
        self.direction.append(direction)
        self.course.append(course)


def read_roads(raw: Raw, report: Report) -> RoadTable:
    """Split the car streets at junctions into directed links.

    Streets that leave the file are cut at the last known node, which is marked ``node_at_edge``.
    """
    ways = _car_ways(raw, report)
    uses = Counter(int(node) for way in ways for node in way.nodes)
    links, at_edge, cut = _Links(), set[int](), []
    for way in ways:
        for a, b in way.runs():
            for first, last in _between_junctions(way, a, b, uses):
                links.add(way, first, last)
            beyond = [i for i, inner in ((a, a > 0), (b - 1, b < len(way.nodes))) if inner]
            at_edge.update(int(way.nodes[i]) for i in beyond)
        if not way.is_whole:
            cut.append(f"way/{way.id}")
    report.note("repaired", "streets", "they leave the file; cut at the last known point", cut)
    report.note(
        "left out",
        "turn restrictions",
        "the assignment does not model turns",
        (f"relation/{i}" for i in raw.restrictions),
    )
    table = _table(links, at_edge)
    _note_assumptions(table, report)
    report.count("road links", len(table))
    return table


def _car_ways(raw: Raw, report: Report) -> list[Way]:
    streets = [way for _, way in sorted(raw.ways.items()) if way.tags.get("highway") in CLASSES]
    areas = [w for w in streets if w.tags.get("area") == "yes"]
    closed = [w for w in streets if not opened_to_cars(w.tags)]
    gone = {w.id for w in (*areas, *closed)}
    open_ways = [w for w in streets if w.id not in gone]
    outside = [w for w in open_ways if not any(w.runs())]
    report.note("left out", "road links", "paved areas, not streets", (f"way/{w.id}" for w in areas))
    report.note("left out", "road links", "closed to general motor traffic", (f"way/{w.id}" for w in closed))
    report.note("left out", "road links", "fewer than two points inside the file", (f"way/{w.id}" for w in outside))
    outside_ids = {w.id for w in outside}
    return [w for w in open_ways if w.id not in outside_ids]


def _between_junctions(way: Way, a: int, b: int, uses: Counter[int]) -> Iterable[tuple[int, int]]:
    """Index pairs of consecutive junctions in the run ``[a, b)``; a loop from a junction to itself is cut in the middle."""
    stops = [a, *(i for i in range(a + 1, b - 1) if uses[int(way.nodes[i])] > 1), b - 1]
    for first, last in itertools.pairwise(stops):
        if way.nodes[first] == way.nodes[last] and last - first > 1:
            middle = (first + last) // 2
            yield from ((first, middle), (middle, last))
        elif way.nodes[first] != way.nodes[last]:
            yield first, last


def _table(links: _Links, at_edge: set[int]) -> RoadTable:
    node_id, ends = np.unique(np.array([links.start, links.end], dtype=np.int64), return_inverse=True)
    start, end = ends.reshape(2, -1)
    offsets = offsets_of(len(c) for c in links.course)
    lonlat = np.concatenate(links.course) if links.course else np.zeros((0, 2))
    node_lonlat = np.zeros((len(node_id), 2))
    node_lonlat[start], node_lonlat[end] = lonlat[offsets[:-1]], lonlat[offsets[1:] - 1]
    tags = [way.tags for way in links.way]
    oneway = np.array([not all(directions(t)) for t in tags], dtype=np.bool_)
    speeds = [tagged_speed_kmh(t) for t in tags]
    lanes = [tagged_lanes(t, d, oneway=o) for t, d, o in zip(tags, links.direction, oneway.tolist(), strict=True)]
    usual = [CLASSES[t["highway"]] for t in tags]
    lanes_now = np.array([u.lanes_per_direction if n is None else n for n, u in zip(lanes, usual, strict=True)])
    return RoadTable(
        node_id=node_id,
        node_lonlat=node_lonlat,
        node_at_edge=np.isin(node_id, np.fromiter(at_edge, dtype=np.int64, count=len(at_edge))),
        start=start,
        end=end,
        way_id=np.array([way.id for way in links.way], dtype=np.int64),
        name=np.array([t.get("name", "") for t in tags], dtype=np.str_),
        highway=np.array([t["highway"] for t in tags], dtype=np.str_),
        length_m=line_lengths_m(lonlat, offsets),
        free_speed_kmh=np.array([u.speed_kmh if v is None else v for v, u in zip(speeds, usual, strict=True)]),
        speed_source=_sources(speeds, tags),
        lanes=lanes_now,
        lanes_source=_sources(lanes, tags),
        capacity_vph=lanes_now * np.array([u.vph_per_lane for u in usual]),
        oneway=oneway,
        bridge=np.array([t.get("bridge", "no") != "no" for t in tags], dtype=np.bool_),
        coord_offsets=offsets,
        lonlat=lonlat,
    )


def _sources(found: list[float | None], tags: list[dict[str, str]]) -> np.ndarray[tuple[int], np.dtype[np.str_]]:
    return np.array(
        [f"assumed: usual for {t['highway']}" if v is None else "tagged" for v, t in zip(found, tags, strict=True)],
        dtype=np.str_,
    )


def _note_assumptions(table: RoadTable, report: Report) -> None:
    for what, source in (("speeds", table.speed_source), ("lanes", table.lanes_source)):
        for reason in np.unique(source[source != "tagged"]):
            ways = np.unique(table.way_id[source == reason])
            report.note("assumed", what, str(reason).removeprefix("assumed: "), (f"way/{i}" for i in ways))
    report.note(
        "assumed", "capacities", "planning value of the class per lane", (f"way/{i}" for i in np.unique(table.way_id))
    )
