"""The edge of the map: where streets leave it, which outside points they lead to, how much traffic comes over it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.spatial import cKDTree

from scenarios.library.arrays import Floats, Ints
from sources.geodesy import degrees, metres
from sources.table import RoadTable

EDGE_M: Final = 60.0
"""A street that ends this near to the edge of the map goes on beyond it."""
GATE_RADIUS_M: Final = 80.0
"""Street ends this near to each other lead to the same outside point."""
OUTWARD_M: Final = 120.0
"""Outside points are drawn this far beyond the street ends, so that the ring can be seen around the map."""
CORDON_LOAD: Final = {"primary": 0.5, "secondary": 0.4, "tertiary": 0.3, "unclassified": 0.1, "residential": 0.1}
"""Assumed share of a street's capacity that comes in or leaves over the edge of the map in the modelled hour, by class."""


@dataclass(frozen=True, eq=False)
class OutsidePoints:
    """Outside points in their order around the map."""

    lonlat: Floats
    gates: list[Ints]
    """Gate nodes of each point."""


def gates(roads: RoadTable) -> Ints:
    """Nodes at which a street for traffic leaves the map."""
    through = np.isin(roads.highway, list(CORDON_LOAD)) | np.char.endswith(roads.highway, "_link")
    on_street = np.zeros(len(roads.node_id), dtype=np.bool_)
    on_street[roads.start[through]] = on_street[roads.end[through]] = True
    neighbours = neighbours_of(roads.start, roads.end, len(roads.node_id))
    xy = metres(roads.node_lonlat)
    inward = np.minimum(xy - xy.min(axis=0), xy.max(axis=0) - xy).min(axis=1)
    return np.flatnonzero(on_street & (roads.node_at_edge | ((neighbours == 1) & (inward <= EDGE_M))))


def neighbours_of(start: Ints, end: Ints, n_nodes: int = 0) -> Ints:
    """How many other nodes each node is joined to, whatever the direction."""
    pairs = np.unique(np.stack([np.r_[start, end], np.r_[end, start]], axis=1), axis=0)
    return np.bincount(pairs[:, 0], minlength=n_nodes)


def outside_points(roads: RoadTable, gates: Ints) -> OutsidePoints:
    """Gather gates into outside points and order them around the map."""
    if not len(gates):
        return OutsidePoints(np.zeros((0, 2)), [])
    xy = metres(roads.node_lonlat)
    low, high = xy.min(axis=0), xy.max(axis=0)
    groups = _clusters(xy[gates])
    members = [gates[groups == g] for g in range(groups.max() + 1)]
    centre = np.array([xy[nodes].mean(axis=0) for nodes in members])
    outward = centre - (low + high) / 2
    scaled = outward / np.maximum((high - low) / 2, 1.0)
    # Around a rectangle the angle of the scaled direction keeps the order of the corners.
    order = np.argsort(np.arctan2(scaled[:, 1], scaled[:, 0]), kind="stable")
    far = centre + outward / np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1.0) * OUTWARD_M
    return OutsidePoints(degrees(far[order]), [members[i] for i in order])


def _clusters(xy: Floats) -> Ints:
    """Number of the group of each point; points within ``GATE_RADIUS_M`` of each other share one."""
    group = np.arange(len(xy))
    for a, b in sorted(cKDTree(xy).query_pairs(GATE_RADIUS_M)):
        group[group == group[b]] = group[a]
    return np.asarray(np.unique(group, return_inverse=True)[1], dtype=np.int64)


@dataclass(frozen=True)
class OutsideZone:
    """What lies beyond an outside point."""

    node: int
    name: str
    came_vph: float
    """Cars per hour that come in over its gates."""
    left_vph: float


def traffic_over(roads: RoadTable, gates: Ints) -> tuple[str, float, float]:
    """Name of an outside point, and the cars per hour that come in and leave over its gates."""
    load = np.array([CORDON_LOAD.get(h.removesuffix("_link"), 0.0) for h in roads.highway.tolist()])
    leaving, arriving = np.isin(roads.end, gates), np.isin(roads.start, gates)
    busiest = np.flatnonzero(leaving | arriving)
    names = [
        str(roads.name[i]) for i in busiest[np.argsort(-roads.capacity_vph[busiest], kind="stable")] if roads.name[i]
    ]
    came = float(np.sum((roads.capacity_vph * load)[arriving]))
    left = float(np.sum((roads.capacity_vph * load)[leaving]))
    return (names[0] if names else "", came, left)
