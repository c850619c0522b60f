"""From a city file to a network that can be computed: topology gate, zones, ring of outside links.

Whatever the map does not say is assumed, marked as assumed, and can be changed by a planner.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
from scipy.spatial import cKDTree

from scenarios import cordon, receptors, zoning
from scenarios.cordon import OutsidePoints, OutsideZone
from scenarios.library.arrays import Floats, Ints
from scenarios.library.city import CORDON, DOOR, INSIDE, RING, STREET, CityNetwork
from scenarios.library.graph import Graph
from scenarios.receptors import Receptors
from scenarios.zoning import Zones
from sources.geodesy import metres
from sources.osm import City
from sources.report import Report, Unreadable
from sources.table import BRIDGE, RoadTable, offsets_of
from sources.table import STREET as STREET_FEATURE

RING_DETOUR: Final = 1.4
RING_KMH: Final = 40.0
RING_VPH: Final = 1500.0
DOOR_KMH: Final = 12.0
"""From a building to its street: slow, so that a zone's doors are no short cut."""
DOORS_PER_ZONE: Final = 3
MOST_LOOKED_AT: Final = 40
"""So many of the nearest nodes are looked at for a door on another street."""
NO_LIMIT_VPH: Final = 1e6


@dataclass(frozen=True)
class Imported:
    """A network with the report of what was read, assumed and refused."""

    network: CityNetwork
    report: dict[str, Any]


def build(city: City) -> Imported:
    """Make the network of a city.

    Raises:
        Unreadable: with a sentence when the city has no streets that connect anything, or no buildings.
    """
    roads = city.roads
    if not len(roads):
        raise Unreadable("The file holds no streets that cars may use.")
    report = Report(city.report.source)
    rows = _Rows(roads)
    gates = cordon.gates(roads)
    points = cordon.outside_points(roads, gates)
    outside = rows.add_ring(roads, points)
    rows.keep_main_part(report)
    zones = zoning.from_buildings(city.features)
    network = rows.finish(zones, outside, _street_ways(city))
    network = _with_receptors(network, receptors.from_buildings(city.features))
    report.count("streets that leave the map", len(gates))
    _note(report, network, zones)
    return Imported(network, report.as_dict() | _counts(network))


def _with_receptors(network: CityNetwork, found: Receptors) -> CityNetwork:
    return replace(
        network,
        receptor_lonlat=found.lonlat,
        receptor_building=found.building,
        building_id=np.array(found.building_id, dtype=np.str_),
        building_homes_m2=found.building_homes_m2,
    )


class _Rows:
    """The tables while they grow."""

    def __init__(self, roads: RoadTable) -> None:
        self.node_lonlat = roads.node_lonlat
        self.links: dict[str, list[Any]] = {
            "tail": roads.start.tolist(),
            "head": roads.end.tolist(),
            "kind": [STREET] * len(roads),
            "way_id": roads.way_id.tolist(),
            "name": roads.name.tolist(),
            "length_m": np.maximum(roads.length_m, 1.0).tolist(),
            "speed_kmh": roads.free_speed_kmh.tolist(),
            "speed_source": roads.speed_source.tolist(),
            "capacity_vph": roads.capacity_vph.tolist(),
            "capacity_source": [f"assumed: planning value per lane; lanes {s}" for s in roads.lanes_source.tolist()],
            "course": [roads.course(i) for i in range(len(roads))],
        }
        ordinary = roads.highway != "service"
        self.has_door = np.zeros(len(roads.node_id), dtype=np.bool_)
        self.has_door[roads.start[ordinary]] = self.has_door[roads.end[ordinary]] = True

    def node(self, lonlat: Floats) -> int:
        self.node_lonlat = np.vstack([self.node_lonlat, lonlat])
        return len(self.node_lonlat) - 1

    def both_ways(self, a: int, b: int, kind: int, length_m: float, speed_kmh: float, vph: float, name: str) -> None:
        why = "assumed: outside the map" if kind == RING else "assumed: way from the building to the street"
        for tail, head in ((a, b), (b, a)):
            course = self.node_lonlat[[tail, head]]
            values = (tail, head, kind, 0, name, length_m, speed_kmh, why, vph, why, course)
            for column, value in zip(self.links.values(), values, strict=True):
                column.append(value)

    def add_ring(self, roads: RoadTable, points: OutsidePoints) -> list[OutsideZone]:
        """Join the outside points to their gates and to a ring around the map."""
        zones = [
            OutsideZone(self.node(at), *cordon.traffic_over(roads, gates))
            for at, gates in zip(points.lonlat, points.gates, strict=True)
        ]
        for zone, gates in zip(zones, points.gates, strict=True):
            for gate in gates.tolist():
                self.both_ways(zone.node, gate, DOOR, 1.0, RING_KMH, NO_LIMIT_VPH, "")
        following = [*zones[1:], *zones[:1]] if len(zones) > 2 else zones[1:]
        xy = metres(self.node_lonlat)
        for here, there in zip(zones, following, strict=False):
            straight_m = max(float(np.hypot(*(xy[here.node] - xy[there.node]))), 50.0)
            length_m, name = round(straight_m * RING_DETOUR, 1), f"{here.name} – {there.name}"
            self.both_ways(here.node, there.node, RING, length_m, RING_KMH, RING_VPH, name)
        return zones

    def keep_main_part(self, report: Report) -> None:
        """Topology gate: only links between nodes that can all reach each other stay."""
        tail, head = (np.array(self.links[name], dtype=np.int64) for name in ("tail", "head"))
        part = Graph.of(len(self.node_lonlat), tail, head, np.zeros(0, dtype=np.int64)).strong_parts()
        self.is_main = part == 0
        kept = self.is_main[tail] & self.is_main[head]
        if not kept.any():
            raise Unreadable("No two streets of the file can be driven there and back.")
        ways = np.array(self.links["way_id"])
        whole = np.setdiff1d(ways[~kept], ways[kept])
        partly = np.intersect1d(ways[~kept], ways[kept])
        why = "cars cannot get there and back"
        report.note("refused", "streets", why, (f"way/{way}" for way in whole if way))
        report.note("left out", "parts of streets", why, (f"way/{way}" for way in partly if way))
        for name, column in self.links.items():
            self.links[name] = [value for value, stays in zip(column, kept, strict=True) if stays]

    def finish(self, zones: Zones, outside: list[OutsideZone], street_ways: Ints) -> CityNetwork:
        """Add centroids and their doors, and close the tables."""
        centroids = [*self._attach(zones.lonlat), *(self._attach_outside(zone.node) for zone in outside)]
        courses = self.links.pop("course")
        columns = {name: np.array(column, dtype=_DTYPES.get(name)) for name, column in self.links.items()}
        none_inside, none_outside = np.zeros(len(zones.name)), np.zeros(len(outside))
        return CityNetwork(
            node_lonlat=self.node_lonlat,
            **columns,
            coord_offsets=offsets_of(len(course) for course in courses),
            lonlat=np.concatenate(courses),
            zone_node=np.array(centroids, dtype=np.int64),
            zone_kind=np.array([INSIDE] * len(zones.name) + [CORDON] * len(outside), dtype=np.uint8),
            zone_name=np.array([*zones.name, *(zone.name for zone in outside)], dtype=np.str_),
            homes_m2=np.concatenate([zones.homes_m2, none_outside]),
            works_m2=np.concatenate([zones.works_m2, none_outside]),
            cordon_out_vph=np.concatenate([none_inside, [zone.came_vph for zone in outside]]),
            cordon_in_vph=np.concatenate([none_inside, [zone.left_vph for zone in outside]]),
            unmodelled_way=np.setdiff1d(street_ways, columns["way_id"]),
        )

    def _attach(self, middles: Floats) -> list[int]:
        """A centroid for each zone, with doors to the nearest street nodes of the main part."""
        usable = np.flatnonzero(self.is_main[: len(self.has_door)] & self.has_door)
        if not len(usable):
            raise Unreadable("The buildings lie on no street that cars can reach.")
        count = min(MOST_LOOKED_AT, len(usable))
        away_m, nearest = cKDTree(metres(self.node_lonlat[usable])).query(metres(middles), k=[*range(1, count + 1)])
        centroids = [self.node(middle) for middle in middles]
        streets = self._streets_at(usable)
        for centroid, lengths, near in zip(
            centroids, np.asarray(away_m).tolist(), usable[nearest].tolist(), strict=True
        ):
            for place in _doors([streets[node] for node in near]):
                length = round(max(lengths[place], 1.0), 1)
                self.both_ways(centroid, near[place], DOOR, length, DOOR_KMH, NO_LIMIT_VPH, "")
        return centroids

    def _streets_at(self, nodes: Ints) -> dict[int, set[str]]:
        """Names of the streets that meet at each node; a street without a name goes by its way."""
        streets: dict[int, set[str]] = {node: set() for node in nodes.tolist()}
        columns = (self.links[name] for name in ("tail", "head", "kind", "way_id", "name"))
        for tail, head, kind, way, name in zip(*columns, strict=True):
            for node in (tail, head):
                if kind == STREET and node in streets:
                    streets[node].add(name or f"way/{way}")
        return streets

    def _attach_outside(self, node: int) -> int:
        centroid = self.node(self.node_lonlat[node])
        self.both_ways(centroid, node, DOOR, 1.0, RING_KMH, NO_LIMIT_VPH, "")
        return centroid


def _doors(streets: list[set[str]]) -> list[int]:
    """Which of the nearest nodes become doors: the nearest, the nearest on other streets, and the next nearest.

    With all doors on one street a zone would be cut off as soon as that street is closed.
    """
    elsewhere = [place for place, names in enumerate(streets) if not names & streets[0]]
    chosen = dict.fromkeys([0, *elsewhere[:1], *range(1, len(streets))])
    return sorted([*chosen][:DOORS_PER_ZONE])


_DTYPES: Final[dict[str, Any]] = {
    "tail": np.int64,
    "head": np.int64,
    "kind": np.uint8,
    "way_id": np.int64,
    "length_m": np.float64,
    "speed_kmh": np.float64,
    "capacity_vph": np.float64,
    **dict.fromkeys(("name", "speed_source", "capacity_source"), np.str_),
}


def _street_ways(city: City) -> Ints:
    """Every street and path that the scene draws, by OSM way."""
    streets = np.flatnonzero(np.isin(city.features.kind, [STREET_FEATURE, BRIDGE]))
    ids = city.features.ids.take(streets).tolist()
    ways = [int(feature.removeprefix("way/")) for feature in ids if feature.startswith("way/")]
    return np.unique(np.array(ways, dtype=np.int64))


def _note(report: Report, network: CityNetwork, zones: Zones) -> None:
    street, ring, outside = network.kind == STREET, network.kind == RING, network.zone_kind == CORDON
    values = f"{RING_DETOUR} × the straight distance, {RING_KMH:.0f} km/h, {RING_VPH:.0f} vehicles/h"
    report.note("assumed", "ring links", values, network.name[ring].tolist())
    share = "share of the capacity of the streets that leave the map"
    report.note("assumed", "cordon zones", share, network.zone_name[outside].tolist())
    for reason, ids in zones.assumed.items():
        report.note("assumed", "floor areas", reason, ids)
    report.count("dead ends", int((cordon.neighbours_of(network.tail[street], network.head[street]) == 1).sum()))


def _counts(network: CityNetwork) -> dict[str, Any]:
    street = network.kind == STREET
    tagged = network.speed_source[street] == "tagged"
    return {
        "links": int(street.sum()),
        "ring_links": int((network.kind == RING).sum()),
        "zones": int((network.zone_kind == INSIDE).sum()),
        "cordon_zones": int((network.zone_kind == CORDON).sum()),
        "street_km": round(float(network.length_m[street].sum()) / 1000, 2),
        "receptors": len(network.receptor_lonlat),
        "speeds_tagged": int(tagged.sum()),
        "speeds_assumed": int((~tagged).sum()),
    }
