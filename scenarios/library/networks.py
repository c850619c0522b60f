"""A graph with its volume-delay functions: what an assignment needs of a network, from wherever it comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from scenarios.library.arrays import Bools, Floats
from scenarios.library.graph import Graph
from scenarios.library.registry import Model, Port
from scenarios.library.routing import Router
from scenarios.library.volume_delay import VolumeDelay
from sources.tntp import TntpNetwork

NETWORK = Port("road network")
TIMES = Port("zone pairs", "min")


@dataclass(frozen=True, eq=False)
class RoadNetwork:
    """Links, nodes and zones, and how the time on each link grows with the traffic on it."""

    graph: Graph
    delay: VolumeDelay

    def closing(self, links: Bools) -> RoadNetwork:
        """The same network with these links removed, mask of shape ``(n_links,)``."""
        return replace(self, graph=self.graph.closing(links))

    def empty_times(self) -> Floats:
        """Quickest times between zones on the empty network, shape ``(n_zones, n_zones)``; infinite where nothing leads."""
        router = Router(self.graph)
        costs = self.delay.cost(np.zeros(self.graph.n_links))
        return router.trees(costs).time[:, router.end]


def of_tntp(
    network: TntpNetwork, *, toll_factor: float | None = None, distance_factor: float | None = None
) -> RoadNetwork:
    """A TNTP network. Tolls and distances enter as fixed costs, weighted as its metadata or the caller says.

    Raises:
        ValueError: if a free-flow time, capacity or coefficient is negative, or a congestible link has no capacity.
    """
    per_toll = network.toll_factor if toll_factor is None else toll_factor
    per_length = network.distance_factor if distance_factor is None else distance_factor
    graph = Graph.of(
        network.n_nodes,
        network.init_node - 1,
        network.term_node - 1,
        np.arange(network.n_zones),
        np.arange(1, network.n_nodes + 1) >= network.first_through_node,
    )
    delay = VolumeDelay(
        network.free_flow_time,
        network.capacity,
        network.b,
        network.power,
        per_toll * network.toll + per_length * network.length,
    )
    return RoadNetwork(graph, delay)


def _empty_times(network: RoadNetwork) -> Mapping[str, Any]:
    return {"time_min": network.empty_times()}


MODELS = (
    Model(
        name="times on empty streets",
        version="1",
        inputs={"network": NETWORK},
        outputs={"time_min": TIMES},
        validity="No delay at junctions and signals.",
        source="Dijkstra, Numerische Mathematik 1 (1959) 269",
        compute=_empty_times,
    ),
)
