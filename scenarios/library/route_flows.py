"""Routes in use and how many vehicles take each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from scenarios.library.arrays import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class RouteFlows:
    """Routes grouped by pair of zones. Every pair has at least one."""

    links: sparse.csr_array
    """Ones where a route takes a link, shape ``(n_routes, n_links)``."""
    pair: Ints
    """Pair of each route, ascending, shape ``(n_routes,)``."""
    flow: Floats
    """Vehicles per hour on each route, shape ``(n_routes,)``."""

    def volume(self) -> Floats:
        """Vehicles per hour on each link, shape ``(n_links,)``."""
        return np.asarray(self.links.T @ self.flow)

    @property
    def first(self) -> Ints:
        """Index of the first route of each pair, shape ``(n_pairs,)``."""
        return np.flatnonzero(np.diff(self.pair, prepend=-1))

    def cheapest(self, cost: Floats) -> tuple[Ints, Floats]:
        """Index of the cheapest route of each pair, and how much dearer each route is than that.

        Args:
            cost: cost of each route, shape ``(n_routes,)``.
        """
        least = np.minimum.reduceat(cost, self.first)
        is_least = np.flatnonzero(cost == least[self.pair])
        best = np.empty(len(least), dtype=np.int64)
        best[self.pair[is_least[::-1]]] = is_least[::-1]
        return best, cost - least[self.pair]

    def with_routes(self, links: sparse.csr_array, pair: Ints, keep: Bools) -> RouteFlows:
        """These routes without the ones not kept, and new empty ones."""
        kept = np.flatnonzero(keep)
        all_pairs = np.concatenate([self.pair[kept], pair])
        flow = np.concatenate([self.flow[kept], np.zeros(len(pair))])
        order = np.argsort(all_pairs, kind="stable")
        rows = np.concatenate([kept, np.arange(len(self.pair), len(self.pair) + len(pair))])[order]
        return RouteFlows(_below(self.links, links)[rows], all_pairs[order], flow[order])

    def carrying(self, volume: Floats) -> RouteFlows:
        """The same routes with flows that add up to ``volume`` per pair, shares kept; equal shares where none flowed."""
        carried = np.add.reduceat(self.flow, self.first)
        n_routes = np.bincount(self.pair)
        empty = carried <= 0
        flow = np.where(empty[self.pair], 1.0 / n_routes[self.pair], self.flow)
        total = np.where(empty, 1.0, carried)
        return RouteFlows(self.links, self.pair, flow * (volume / total)[self.pair])


def _below(upper: sparse.csr_array, lower: sparse.csr_array) -> sparse.csr_array:
    """One matrix below the other; SciPy's own ``vstack`` takes several times as long."""
    ends = np.concatenate([upper.indptr, lower.indptr[1:] + upper.indptr[-1]])
    columns = np.concatenate([upper.indices, lower.indices])
    return sparse.csr_array((np.ones(len(columns)), columns, ends), shape=(len(ends) - 1, upper.shape[1]))
