"""Static user equilibrium: nobody can get there sooner by another route (Wardrop's first principle).

Two solvers lead to the same certificate. Newton steps on stored routes (``newton``) need few searches and reach gaps of
1e-10; where the routes of all pairs would not fit into memory, bi-conjugate Frank-Wolfe (``frank_wolfe``) stores none.

The certificate needs no outside truth: with link times t at the volumes v, TSTT = Σ v t is what all trips take, SPTT is
what they would take on the quickest routes at these times, and the objective exceeds its optimum by at most TSTT - SPTT.

Validity: an average hour. No queues, no time of day, no turn delays, drivers who know the network.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import islice, repeat
from typing import Any

import numpy as np
from scipy import sparse

from scenarios.library import frank_wolfe, newton
from scenarios.library.arrays import Floats, Ints
from scenarios.library.graph import Graph, Trips
from scenarios.library.networks import NETWORK, RoadNetwork
from scenarios.library.registry import Model, Port
from scenarios.library.route_flows import RouteFlows
from scenarios.library.routing import Router, Trees
from scenarios.library.version import code_version
from scenarios.library.volume_delay import VolumeDelay

MOST_STORED = 10_000_000  # links on the first routes of all pairs, about 1 GB of memory at the peak
MOST_ITERATIONS = {"newton": 300, "frank-wolfe": 20_000}
STEPS_PER_SEARCH = 3
SAME_COST = 1e-12
LEAST_GAP = 1e-13  # below, sums of times are rounding
NOISE_PERCENTILE = 99.0

Report = Callable[[float], None]


@dataclass(frozen=True)
class Certificate:
    """What was reached, checkable from the flows alone. Times in the network's unit, trips in vehicles per hour."""

    method: str
    code_version: str
    target_gap: float
    relative_gap: float
    converged: bool
    iterations: int
    tstt: float
    sptt: float
    objective: float
    demand: float
    assigned: float
    unreachable: float
    intrazonal: float
    noise_floor: float | None
    """Flow changes below this many vehicles per hour are the solver's own noise; None when it was not measured."""

    def as_dict(self) -> dict[str, object]:
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Assignment:
    """Flows at equilibrium with their certificate."""

    flow: Floats
    """Vehicles per hour on each link, 0 on closed ones, shape ``(n_links,)``."""
    cost: Floats
    """Time of each link at this flow including fixed costs, shape ``(n_links,)``."""
    trips: Trips
    pair_cost: Floats
    """Time of the quickest route of each pair, shape ``(n_pairs,)``."""
    certificate: Certificate
    routes: RouteFlows | None
    """The routes in use; None from the solver that stores none."""


@dataclass(frozen=True, eq=False)
class _State:
    """One iterate, evaluated."""

    flow: Floats
    cost: Floats
    pair_cost: Floats
    routes: RouteFlows | None
    tstt: float
    sptt: float

    @property
    def gap(self) -> float:
        return max(self.tstt - self.sptt, 0.0) / self.tstt if self.tstt > 0 else 0.0


def assign(
    graph: Graph,
    delay: VolumeDelay,
    demand: Floats,
    *,
    gap: float = 1e-6,
    start: Assignment | None = None,
    measure_noise: bool = False,
    method: str = "auto",
    report: Report = lambda _gap: None,
) -> Assignment:
    """Assign trips to routes until the relative gap (TSTT - SPTT) / TSTT is at most ``gap``.

    Args:
        demand: vehicles per hour from zone to zone, shape ``(n_zones, n_zones)``.
        start: an equilibrium of a similar problem on the same links, from which to start.
        measure_noise: go on to a tenth of the gap reached and state the noise floor, the 99th percentile of how much link flows still
            moved since ``gap`` was reached.
        method: ``newton``, ``frank-wolfe`` or ``auto``.
        report: called with the gap after each search.

    Raises:
        ValueError: if the demand is negative or its shape does not fit the zones.
    """
    if demand.shape != (graph.n_zones, graph.n_zones):
        raise ValueError(f"the demand has shape {demand.shape}, the network has {graph.n_zones} zones")
    router = Router(graph)
    empty = router.trees(delay.cost(np.zeros(graph.n_links)))
    trips = Trips.of(demand, np.isfinite(empty.time[:, router.end]))
    problem = _Problem(graph, router, delay, trips, empty)
    if method == "auto":
        method = "newton" if problem.routes_fit() else "frank-wolfe"
    iterates = islice(problem.iterates(method, start), MOST_ITERATIONS[method])
    state, iterations, noise = _run(iterates, gap, measure_noise=measure_noise, report=report)
    certificate = Certificate(
        method,
        code_version(),
        gap,
        state.gap,
        state.gap <= gap,
        iterations,
        state.tstt,
        state.sptt,
        delay.integral(state.flow),
        float(demand.sum()),
        trips.assigned,
        trips.unreachable,
        trips.intrazonal,
        noise,
    )
    return Assignment(state.flow, state.cost, trips, state.pair_cost, certificate, state.routes)


def _run(
    iterates: Iterator[_State], gap: float, *, measure_noise: bool, report: Report
) -> tuple[_State, int, float | None]:
    """Take iterates until the gap is reached, and on to a tenth of it where the noise is to be measured."""
    state, crossing, iterations = next(iterates), None, 0
    while True:
        report(state.gap)
        if state.gap <= gap and not measure_noise:
            return state, iterations, None
        if crossing is not None and state.gap <= max(min(gap, crossing.gap) / 10, LEAST_GAP):
            moved = np.abs(state.flow - crossing.flow)
            return state, iterations, float(np.percentile(moved, NOISE_PERCENTILE)) if len(moved) else 0.0
        if state.gap <= gap and crossing is None:
            crossing = state
        following = next(iterates, None)
        if following is None:
            return state, iterations, None
        state, iterations = following, iterations + 1


@dataclass(frozen=True, eq=False)
class _Problem:
    """One assignment to be solved."""

    graph: Graph
    router: Router
    delay: VolumeDelay
    trips: Trips
    empty: Trees
    """Quickest routes on the empty network."""

    def iterates(self, method: str, start: Assignment | None) -> Iterator[_State]:
        """Ever better flows; the same empty ones where nobody can travel."""
        if not len(self.trips):
            nothing = np.zeros(self.graph.n_links)
            return repeat(_State(nothing, self.delay.cost(nothing), np.zeros(0), None, 0.0, 0.0))
        return self.newton(start) if method == "newton" else self.frank_wolfe()

    def routes_fit(self) -> bool:
        """Whether the routes of all pairs can be held in memory, judged by those of the empty network."""
        lengths = self.router.route_lengths(self.empty, self.trips.origin, self.trips.destination)
        return int(lengths.sum()) <= MOST_STORED

    def newton(self, start: Assignment | None) -> Iterator[_State]:
        """Search, add the routes found, bring the flows on them to equilibrium, again and again."""
        routes = self._first_routes(start)
        while True:
            state, trees = self._evaluate(routes.volume(), routes)
            yield state
            route_cost = np.asarray(routes.links @ state.cost)
            cheapest, dearer = routes.cheapest(route_cost)
            found = np.flatnonzero(state.pair_cost < route_cost[cheapest] * (1 - SAME_COST))
            keep = (routes.flow > 0) | (dearer <= SAME_COST * route_cost)
            routes = routes.with_routes(self._quickest(trees, found), found, keep)
            among = 0.05 * state.gap
            routes = newton.improve(routes, self.trips.volume, self.delay, gap=among, steps=STEPS_PER_SEARCH)

    def frank_wolfe(self) -> Iterator[_State]:
        """Bi-conjugate Frank-Wolfe on link flows."""
        loading = frank_wolfe.Loading(self.router, self.trips, self.graph.n_links)
        descent = frank_wolfe.Descent(self.delay)
        flow = loading.all_or_nothing(self.empty)
        while True:
            state, trees = self._evaluate(flow, None)
            yield state
            flow = descent.step(flow, state.cost, loading.all_or_nothing(trees))

    def _quickest(self, trees: Trees, pairs: Ints) -> sparse.csr_array:
        origin, destination = self.trips.origin[pairs], self.trips.destination[pairs]
        return self.router.routes(trees, origin, destination, self.graph.n_links)

    def _evaluate(self, flow: Floats, routes: RouteFlows | None) -> tuple[_State, Trees]:
        cost = self.delay.cost(flow)
        trees = self.router.trees(cost)
        pair_cost = np.asarray(trees.time[self.trips.origin, self.router.end[self.trips.destination]])
        tstt, sptt = float(np.sum(flow * cost)), float(np.sum(self.trips.volume * pair_cost))
        return _State(flow, cost, pair_cost, routes, tstt, sptt), trees

    def _first_routes(self, start: Assignment | None) -> RouteFlows:
        """Quickest routes on the empty network, or those of an earlier equilibrium as far as they are still open."""
        n_pairs = len(self.trips)
        if start is None or start.routes is None:
            everyone = np.arange(n_pairs)
            return RouteFlows(self._quickest(self.empty, everyone), everyone, self.trips.volume)
        kept = self._still_open(start, start.routes)
        missing = np.setdiff1d(np.arange(n_pairs), kept.pair)
        nothing_lost = np.ones(len(kept.pair), dtype=np.bool_)
        return kept.with_routes(self._quickest(self.empty, missing), missing, nothing_lost).carrying(self.trips.volume)

    def _still_open(self, start: Assignment, routes: RouteFlows) -> RouteFlows:
        """Routes of the earlier equilibrium that use open links only, under the pair numbers of this problem."""
        n_zones = self.graph.n_zones
        before = (start.trips.origin * n_zones + start.trips.destination)[routes.pair]
        now = self.trips.origin * n_zones + self.trips.destination
        at = np.minimum(np.searchsorted(now, before), len(now) - 1)
        blocked = np.asarray(routes.links @ (~self.graph.is_open).astype(np.float64)) > 0
        kept = np.flatnonzero((now[at] == before) & ~blocked)
        return replace(routes, links=routes.links[kept], pair=at[kept], flow=routes.flow[kept])


DEMAND = Port("zone pairs", "{vehicles}/h")
EQUILIBRIUM = Port("equilibrium")
SHIPPED_GAP = 1e-8
"""Runs are solved further than the 1e-6 that a difference map needs: it costs one more search."""
DRAW_GAP = 1e-7
"""Further draws of a run, which give its ranges."""


def _equilibrium(
    network: RoadNetwork, demand: Floats, start: Assignment | None = None, gap: float | None = None
) -> Mapping[str, Any]:
    """To the shipped gap with measured noise; to ``gap`` without, where one is given."""
    found = assign(network.graph, network.delay, demand, gap=gap or SHIPPED_GAP, start=start, measure_noise=gap is None)
    return {"equilibrium": found}


MODELS = (
    Model(
        name="user equilibrium",
        version="1",
        inputs={
            "network": NETWORK,
            "demand": DEMAND,
            "start": replace(EQUILIBRIUM, optional=True),
            "gap": Port("number", "1", optional=True),
        },
        outputs={"equilibrium": EQUILIBRIUM},
        validity="An average hour: no queues, no time of day, no delays at turns, drivers who know the network.",
        source="Wardrop, Proc. Institution of Civil Engineers 1 (1952) 325; Beckmann, McGuire & Winsten (1956)",
        compute=_equilibrium,
    ),
)
