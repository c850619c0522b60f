"""What is done to a network: links closed or opened, other speeds and capacities, more or fewer trips."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Self

import numpy as np

from scenarios.library.arrays import Bools, Floats
from scenarios.library.networks import NETWORK, RoadNetwork
from scenarios.library.registry import Model, Port

MEASURES: Final = Port("measures")
DEMAND: Final = Port("zone pairs", "{vehicles}/h")


@dataclass(frozen=True, eq=False)
class Measures:
    """All measures of a scenario together, link by link. Arrays have shape ``(n_links,)``."""

    closed: Bools
    """Removed by the measures."""
    added: Bools
    """Not there before them."""
    speed: Floats
    """Free speed afterwards as a multiple of the one before."""
    capacity: Floats
    """Capacity afterwards as a multiple of the one before, above 0."""
    demand: float = 1.0
    """All trips afterwards as a multiple of those before."""

    @classmethod
    def none(cls, n_links: int) -> Self:
        nothing, same = np.zeros(n_links, dtype=np.bool_), np.ones(n_links)
        return cls(nothing, nothing.copy(), same, same.copy())

    @classmethod
    def closing(cls, links: Bools) -> Self:
        """Nothing but these links closed."""
        return replace(cls.none(len(links)), closed=links)

    def before(self, network: RoadNetwork) -> RoadNetwork:
        return network.closing(self.added) if self.added.any() else network

    def after(self, network: RoadNetwork) -> RoadNetwork:
        if not (self.closed.any() or (self.speed != 1).any() or (self.capacity != 1).any()):
            return network
        delay = replace(
            network.delay,
            free_flow_time=network.delay.free_flow_time / self.speed,
            capacity_vph=network.delay.capacity_vph * self.capacity,
        )
        return RoadNetwork(network.graph.closing(self.closed), delay)


def _before(network: RoadNetwork, measures: Measures) -> Mapping[str, Any]:
    return {"network": measures.before(network)}


def _after(network: RoadNetwork, demand: Floats, measures: Measures) -> Mapping[str, Any]:
    return {"network": measures.after(network), "demand": demand * measures.demand}


MODELS = (
    Model(
        name="network of today",
        version="1",
        inputs={"network": NETWORK, "measures": MEASURES},
        outputs={"network": NETWORK},
        validity="Streets that a measure adds are not there yet.",
        source="own",
        compute=_before,
    ),
    Model(
        name="apply measures",
        version="1",
        inputs={"network": NETWORK, "demand": DEMAND, "measures": MEASURES},
        outputs={"network": NETWORK, "demand": DEMAND},
        validity="A closed link is a removed edge. For cars only: walking, cycling, buses and trams are not modelled. "
        "Trips change only where a measure says so.",
        source="own",
        compute=_after,
    ),
)
