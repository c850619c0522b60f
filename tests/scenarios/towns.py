"""Networks whose answers are known: textbook ones, and towns from a seed."""

from __future__ import annotations

import numpy as np

from scenarios.library.arrays import Floats
from scenarios.library.graph import Graph
from scenarios.library.networks import RoadNetwork
from scenarios.library.volume_delay import VolumeDelay

NEXT_TO_NOTHING = 1e-12


def linear(n_nodes: int, links: list[tuple[int, int, float, float]], zones: list[int]) -> RoadNetwork:
    """Links ``(from, to, minutes when empty, minutes more per vehicle)``."""
    tail, head, empty, growth = (np.array(column, dtype=float) for column in zip(*links, strict=True))
    fixed = np.maximum(empty - NEXT_TO_NOTHING, 0.0)
    t0 = np.full(len(links), NEXT_TO_NOTHING)
    one = np.ones(len(links))
    delay = VolumeDelay(t0, one, growth / NEXT_TO_NOTHING, one, fixed)
    return RoadNetwork(Graph.of(n_nodes, tail.astype(int), head.astype(int), np.array(zones)), delay)


BRAESS_LINKS = [(0, 1, 0.0, 10.0), (2, 3, 0.0, 10.0), (0, 2, 50.0, 1.0), (1, 3, 50.0, 1.0), (1, 2, 10.0, 1.0)]
SHORTCUT = 4


def braess(*, shortcut: bool) -> tuple[RoadNetwork, Floats]:
    """Braess (1968): 6 vehicles from A to D; every trip takes 83 without the link B→C and 92 with it."""
    network = linear(4, BRAESS_LINKS, [0, 3])
    closed = np.zeros(5, dtype=bool)
    closed[SHORTCUT] = not shortcut
    return network.closing(closed), np.array([[0.0, 6.0], [0.0, 0.0]])


def two_routes() -> tuple[RoadNetwork, Floats]:
    """2,000 vehicles between a route of 10 + v/100 minutes and one of 15 + v/100 minutes."""
    return linear(2, [(0, 1, 10.0, 0.01), (0, 1, 15.0, 0.01)], [0, 1]), np.array([[0.0, 2000.0], [0.0, 0.0]])


def grid_town(side: int, zones: int, trips: float, seed: int = 1) -> tuple[RoadNetwork, Floats]:
    """A square grid of two-way streets with centroids on it; lognormal zones, trips falling with distance."""
    random = np.random.default_rng(seed)
    nodes = np.arange(side * side).reshape(side, side)
    pairs = [(nodes[:, :-1], nodes[:, 1:]), (nodes[:-1], nodes[1:])]
    one_way = np.concatenate([np.stack([a.ravel(), b.ravel()], axis=1) for a, b in pairs])
    streets = np.concatenate([one_way, one_way[:, ::-1]]) + zones
    at = random.choice(side * side, zones, replace=False)
    doors = np.stack([np.arange(zones), at + zones], axis=1)
    ends = np.concatenate([doors, streets, doors[:, ::-1]])
    n, m = len(streets), len(ends)
    minutes, capacity, coefficient = np.full(m, 0.1), np.full(m, 1e5), np.zeros(m)
    minutes[zones : zones + n] = random.uniform(1, 3, n)
    capacity[zones : zones + n] = random.choice([800.0, 1600.0, 3200.0], n)
    coefficient[zones : zones + n] = 0.15
    delay = VolumeDelay(minutes, capacity, coefficient, np.full(m, 4.0), np.zeros(m))
    passable = np.arange(zones + side * side) >= zones
    graph = Graph.of(zones + side * side, ends[:, 0], ends[:, 1], np.arange(zones), passable)
    away = np.abs((at // side)[:, None] - at // side) + np.abs((at % side)[:, None] - at % side)
    size = random.lognormal(0, 1, zones)
    demand = np.outer(size, size) * np.exp(-away / 6.0)
    np.fill_diagonal(demand, 0.0)
    return RoadNetwork(graph, delay), demand * trips / demand.sum()
