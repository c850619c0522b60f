"""Bi-conjugate Frank-Wolfe: user equilibrium from link flows alone.

Slower to small gaps than route flows, but its memory does not grow with the number of pairs; also the independent check
of the other solver. Source: Mitradjieva & Lindberg, *Transportation Science* 47 (2013) 280.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from scenarios.library.arrays import Floats, Ints
from scenarios.library.graph import Trips
from scenarios.library.newton import line_search
from scenarios.library.routing import Router, Trees
from scenarios.library.volume_delay import VolumeDelay

FULL_STEP = 0.99  # after a step this long the earlier directions say nothing any more


@dataclass(frozen=True, eq=False)
class Loading:
    """Puts every trip on its quickest route."""

    router: Router
    trips: Trips
    n_links: int

    def all_or_nothing(self, trees: Trees) -> Floats:
        """Vehicles per hour on each link, shape ``(n_links,)``; quickest ``trees`` at the present costs."""
        n_zones, n_nodes = trees.time.shape
        ends = self.trips.origin * n_nodes + self.router.end[self.trips.destination]
        arriving = np.bincount(ends, self.trips.volume, minlength=n_zones * n_nodes)
        parent, depth = trees.ancestry
        inner = np.flatnonzero(depth > 0)
        for level in _farthest_first(inner, depth[inner]):
            arriving += np.bincount(parent[level], arriving[level], minlength=len(arriving))
        edge = self.router.edges_between(parent[inner] % n_nodes, inner % n_nodes)
        loaded = np.bincount(trees.link_of_edge[edge], arriving[inner], minlength=self.n_links)
        return loaded.astype(np.float64)


def _farthest_first(nodes: Ints, depth: Ints) -> list[Ints]:
    """Nodes gathered by their depth, the deepest first."""
    order = np.argsort(-depth, kind="stable")
    return np.split(nodes[order], np.flatnonzero(np.diff(depth[order])) + 1)


@dataclass(eq=False)
class Descent:
    """Steps that are conjugate to the two before them."""

    delay: VolumeDelay
    _targets: list[Floats] = field(default_factory=list)
    """Points that the last two steps headed for, the latest first."""
    _step: float = 0.0

    def step(self, flow: Floats, cost: Floats, loaded: Floats) -> Floats:
        """The next flows, given the all-or-nothing loading at the present costs."""
        target = self._target(flow, loaded)
        if float(np.sum(cost * (target - flow))) >= 0:
            target = loaded
        self._step = line_search(self.delay, flow, target - flow)
        self._targets = [target, *self._targets[:1]] if self._step < FULL_STEP else []
        return flow + self._step * (target - flow)

    def _target(self, flow: Floats, loaded: Floats) -> Floats:
        slope = self.delay.slope(flow)
        if not self._targets:
            return loaded
        if len(self._targets) == 1:
            return self._conjugate(flow, loaded, slope)
        return self._biconjugate(flow, loaded, slope)

    def _conjugate(self, flow: Floats, loaded: Floats, slope: Floats) -> Floats:
        towards = slope * (self._targets[0] - flow)
        numerator = float(np.sum(towards * (loaded - flow)))
        denominator = float(np.sum(towards * (loaded - self._targets[0])))
        weight = min(max(numerator / denominator, 0.0), FULL_STEP) if denominator else 0.0
        return weight * self._targets[0] + (1 - weight) * loaded

    def _biconjugate(self, flow: Floats, loaded: Floats, slope: Floats) -> Floats:
        last, before = self._targets
        step = self._step
        towards_last = last - flow
        towards_both = step * last + (1 - step) * before - flow
        denominators = float(np.sum(towards_both * slope * (before - last))), float(np.sum(towards_last**2 * slope))
        if not all(denominators):
            return loaded
        mu = max(0.0, -float(np.sum(towards_both * slope * (loaded - flow))) / denominators[0])
        nu = -float(np.sum(towards_last * slope * (loaded - flow))) / denominators[1] + mu * step / (1 - step)
        nu = max(0.0, nu)
        return (loaded + nu * last + mu * before) / (1 + mu + nu)
