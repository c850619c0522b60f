"""One what-if: a city before and after a measure, in every draw of what is not known exactly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from scenarios.library import demand, difference, ensemble, registry
from scenarios.library.arrays import Bools, Floats
from scenarios.library.assignment import DRAW_GAP, Assignment
from scenarios.library.city import CORDON, RING, STREET, CityNetwork
from scenarios.library.demand import TripRates
from scenarios.library.ensemble import Span
from scenarios.library.registry import Chain, Port, Step
from scenarios.library.ways import Ways

SPANS: Final[Mapping[str, Span]] = {
    "demand": Span(0.8, 1.0, 1.2, "1", "assumed: level of car traffic in the hour"),
    "cordon": Span(0.75, 1.0, 1.25, "1", "assumed: traffic over the edge of the map"),
    "deterrence_power": Span(0.5, 1.0, 1.5, "1", "assumed: how unlikely very short car trips are (Tanner 1961)"),
    "deterrence_rate": Span(0.15, 0.25, 0.35, "1/min", "assumed: how quickly trips become rarer with time"),
    "capacity": Span(0.85, 1.0, 1.1, "1", "assumed: planning values of capacity per lane"),
    "ring_speed": Span(0.7, 1.0, 1.3, "1", "assumed: speed on the ring of outside links"),
}
RATES: Final = TripRates(
    homes_out=0.05,
    homes_in=0.08,
    works_out=0.10,
    works_in=0.06,
    source="assumed: weekday afternoon hour, car trips per 100 m² of floor in a centre with good public transport",
)
INDICATORS: Final[Mapping[str, str]] = {
    "vehicle_hours": "h",
    "mean_travel_time": "min",
    "vehicle_km_streets": "km",
    "vehicle_km_ring": "km",
    "unreachable_trips": "{vehicles}/h",
    "busier_streets": "km",
}
"""Indicators with their UCUM units; each refers to the modelled hour. Less is better in all of them."""

Report = Callable[[float, str], None]


@dataclass(frozen=True, eq=False)
class WhatIf:
    """The city before and after a measure."""

    before: Assignment
    """With the best value of every input."""
    after: Assignment
    noise_floor: float
    """Vehicles per hour below which a flow difference is noise of the solver."""
    values: Floats
    """Indicators, shape ``(n_draws, 2, n_indicators)``: before and after in each draw."""
    way_before: Floats
    """Vehicles per hour on each way, shape ``(n_draws, n_ways)``; the first row is the best value."""
    way_after: Floats
    draws: list[dict[str, float]]
    worst_gap: float
    """The largest relative gap of any draw, before or after."""

    @property
    def p_sign(self) -> Floats:
        """How sure the sign of each way's change is, shape ``(n_ways,)``."""
        change = self.way_after - self.way_before
        return difference.sign_probability(change[0], change)


def chain() -> Chain:
    """The models of a what-if, in their order: demand, then equilibrium before and after the measure."""
    models = registry.models()
    given = {
        "network": Port("road network"),
        "closed": Port("set of links"),
        "out_vph": Port("zones", "{vehicles}/h"),
        "into_vph": Port("zones", "{vehicles}/h"),
        "deterrence_power": Port("number", "1"),
        "deterrence_rate": Port("number", "1/min"),
        # From the second calculation on: where to start, and how far to go.
        "start_before": Port("equilibrium"),
        "start_after": Port("equilibrium"),
        "gap": Port("number", "1"),
    }
    steps = (
        Step(models["times on empty streets"]),
        Step(models["gravity demand"]),
        Step(models["user equilibrium"], {"start": "start_before"}, {"equilibrium": "before"}),
        Step(models["close links"], {}, {"network": "network_after"}),
        Step(
            models["user equilibrium"], {"network": "network_after", "start": "start_after"}, {"equilibrium": "after"}
        ),
    )
    return Chain(given, steps)


def compare(city: CityNetwork, closed: Bools, *, draws: int, seed: int, report: Report) -> WhatIf:
    """Compute a city with and without these links, once with the best inputs and ``draws`` times within their spans.

    Args:
        closed: links that the measure removes, shape ``(n_links,)``.
        report: called with the share that is done, 0 to 1, and a key of what comes next.
    """
    report(0.0, "demand")
    inputs = [ensemble.central(SPANS), *ensemble.draws(SPANS, draws, seed)]
    ways, results = Ways.of(city), list[dict[str, Any]]()
    start: dict[str, Any] = {}
    for index, values in enumerate(inputs):
        report(index / len(inputs), "best" if index == 0 else "draw")
        found = chain().run(_given(city, closed, values) | start)
        start = start or {"start_before": found["before"], "start_after": found["after"], "gap": DRAW_GAP}
        results.append(found)
    pairs = [(found["before"], found["after"]) for found in results]
    report(1.0, "done")
    return WhatIf(
        before=pairs[0][0],
        after=pairs[0][1],
        noise_floor=difference.noise_floor(*pairs[0]),
        values=np.array([[indicators(city, side, pair[0]) for side in pair] for pair in pairs]),
        way_before=np.array([ways.flow(pair[0].flow) for pair in pairs]),
        way_after=np.array([ways.flow(pair[1].flow) for pair in pairs]),
        draws=inputs,
        worst_gap=max(side.certificate.relative_gap for pair in pairs for side in pair),
    )


def _given(city: CityNetwork, closed: Bools, values: Mapping[str, float]) -> dict[str, Any]:
    out, into = demand.trip_ends(city.homes_m2, city.works_m2, RATES)
    outside = city.zone_kind == CORDON
    scale = np.where(outside, values["cordon"], 1.0) * values["demand"]
    return {
        "network": city.road_network(capacity=values["capacity"], ring_speed=values["ring_speed"]),
        "closed": closed,
        "out_vph": (out + city.cordon_out_vph) * scale,
        "into_vph": (into + city.cordon_in_vph) * scale,
        "deterrence_power": values["deterrence_power"],
        "deterrence_rate": values["deterrence_rate"],
    }


def indicators(city: CityNetwork, found: Assignment, base: Assignment) -> list[float]:
    """The values of ``INDICATORS`` for one equilibrium, in their order; ``base`` is the one before the measure."""
    km = city.length_m / 1000
    streets, ring = city.kind == STREET, city.kind == RING
    travelled = float(np.sum(found.flow * found.cost))
    assigned = found.certificate.assigned
    busier = streets & (found.flow > 1.25 * base.flow) & (found.flow - base.flow >= difference.STRONG_VPH)
    return [
        travelled / 60,
        travelled / assigned if assigned else 0.0,
        float(np.sum(found.flow[streets] * km[streets])),
        float(np.sum(found.flow[ring] * km[ring])),
        found.certificate.unreachable,
        float(np.sum(km[busier])),
    ]


def ring_share(city: CityNetwork, what_if: WhatIf) -> dict[str, float]:
    """How much of the result rests on assumed outside links, 0 to 1.

    ``distance``: share of all vehicle-kilometres before the measure; ``change``: share of all changes of flow, weighted
    by length, of which only those above the noise floor count.
    """
    km, ring = city.length_m / 1000, city.kind == RING
    change = np.abs(difference.shown(what_if.before.flow, what_if.after.flow, what_if.noise_floor)) * km
    return {"distance": _share(what_if.before.flow * km, ring), "change": _share(change, ring)}


def _share(amount: Floats, part: Bools) -> float:
    total = float(amount.sum())
    return float(amount[part].sum()) / total if total else 0.0
