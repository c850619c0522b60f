"""Equilibrium among given routes: a Newton method on route flows for all pairs of zones at once.

Beckmann's objective is minimised over route flows h ≥ 0 that carry each pair's trips. Every step solves

    (D S Dᵀ + diag(g / h)) d = -g

by conjugate gradients, where row r of D is a route minus the cheapest route of its pair, S holds the slopes of the
link costs and g is how much dearer each route is than the cheapest. The term g / h comes from the nearness of the bound
h = 0: pairs that share a bottleneck then leave it in proportion to their flows instead of all at once, which is what
makes a simultaneous step work with 100,000 pairs.

Sources: Beckmann, McGuire & Winsten (1956) for the objective; Coleman & Li, *SIAM J. Optim.* 6 (1996) 418 for the
scaling; Bertsekas & Gafni, *Math. Programming Study* 17 (1982) 139 for projected Newton steps on route flows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from scenarios.library.arrays import Floats, Ints
from scenarios.library.route_flows import RouteFlows
from scenarios.library.volume_delay import VolumeDelay

MOST_CG_STEPS = 50
CG_TOLERANCE = 0.1
GONE = 0.01  # a dearer route that keeps less than this share of its flow in one step is emptied
TINY = 1e-300
LINE_SEARCH_HALVINGS = 20


def improve(routes: RouteFlows, volume: Floats, delay: VolumeDelay, *, gap: float, steps: int) -> RouteFlows:
    """Route flows nearer to equilibrium on the same routes.

    Args:
        volume: trips of each pair, vehicles per hour, shape ``(n_pairs,)``.
        gap: stop when the relative gap among these routes is at most this.
        steps: the most Newton steps to take.
    """
    flow, load = routes.flow, routes.volume()
    for _ in range(steps):
        cost = delay.cost(load)
        cheapest, dearer = routes.cheapest(np.asarray(routes.links @ cost))
        if float(np.sum(flow * dearer)) <= gap * float(np.sum(load * cost)):
            break
        step = _Step(routes, volume, flow, cheapest, dearer)
        target = step.newton(delay.slope(load))
        change = np.asarray(routes.links.T @ (target - flow))
        if float(np.sum(change * cost)) >= 0:  # clipping at the bounds spoiled it; all to the cheapest always descends
            target = step.all_to_cheapest()
            change = np.asarray(routes.links.T @ (target - flow))
        share = line_search(delay, load, change)
        flow = target if share == 1.0 else flow + share * (target - flow)
        load = np.asarray(routes.links.T @ flow)
    return RouteFlows(routes.links, routes.pair, flow)


def line_search(delay: VolumeDelay, load: Floats, change: Floats) -> float:
    """The share of ``change``, above 0 and at most 1, at which the objective is least."""

    def slope(share: float) -> float:
        return float(np.sum(delay.cost(load + share * change) * change))

    low, high = 0.0, 1.0
    if slope(1.0) <= 0:
        return 1.0
    for _ in range(LINE_SEARCH_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) <= 0 else (low, middle)
    return low or high


@dataclass(frozen=True, eq=False)
class _Step:
    """One step from the present flows; ``cheapest`` and ``dearer`` as in :meth:`RouteFlows.cheapest`."""

    routes: RouteFlows
    volume: Floats
    flow: Floats
    cheapest: Ints
    dearer: Floats

    def newton(self, slope: Floats) -> Floats:
        """Flows after a full Newton step, kept within the bounds."""
        of_pair = self.cheapest[self.routes.pair]
        moving = np.flatnonzero((self.flow > 0) & (of_pair != np.arange(len(self.flow))))
        detours = (self.routes.links[moving] - self.routes.links[of_pair[moving]]).tocsr()
        dearer, flow = self.dearer[moving], self.flow[moving]
        curvature = np.asarray(abs(detours) @ slope)
        barrier = dearer / flow + 1e-12 * curvature.max(initial=0.0)
        change = _conjugate_gradients(detours, slope, barrier, curvature + barrier, -dearer)
        moved = np.maximum(flow + change, 0.0)
        moved[(moved < GONE * flow) & (dearer > 0)] = 0.0
        target = self.flow.copy()
        target[moving] = moved
        return self._carrying_all(target)

    def all_to_cheapest(self) -> Floats:
        target = np.zeros_like(self.flow)
        target[self.cheapest] = self.volume
        return target

    def _carrying_all(self, target: Floats) -> Floats:
        """Give the cheapest route of each pair what the others leave; shrink the others where they ask for too much."""
        target[self.cheapest] = 0.0
        others = np.add.reduceat(target, self.routes.first)
        too_much = others > self.volume
        shrink = np.where(too_much, self.volume / np.where(too_much, others, 1.0), 1.0)
        target *= shrink[self.routes.pair]
        target[self.cheapest] = np.maximum(self.volume - np.add.reduceat(target, self.routes.first), 0.0)
        return target


def _conjugate_gradients(
    rows: sparse.csr_array, slope: Floats, barrier: Floats, diagonal: Floats, right: Floats
) -> Floats:
    """Solve ``(rows diag(slope) rowsᵀ + diag(barrier)) d = right`` roughly, preconditioned by ``diagonal``."""
    solution = np.zeros_like(right)
    scale = 1.0 / np.maximum(diagonal, TINY)
    residual, scaled = right, scale * right
    direction, product = scaled, float(np.sum(right * scaled))
    enough = CG_TOLERANCE**2 * product
    for _ in range(MOST_CG_STEPS):
        if product <= enough:
            break
        image = rows @ (slope * (rows.T @ direction)) + barrier * direction
        length = product / float(np.sum(direction * image))
        solution = solution + length * direction
        residual = residual - length * image
        scaled = scale * residual
        previous, product = product, float(np.sum(residual * scaled))
        direction = scaled + (product / previous) * direction
    return solution
