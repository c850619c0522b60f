"""Quickest routes from zones over the open links of a graph."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import dijkstra

from scenarios.library.arrays import Floats, Ints
from scenarios.library.graph import Graph


@dataclass(frozen=True, eq=False)
class Trees:
    """Quickest routes from every zone: one row per zone, one column per search node."""

    time: Floats
    """Shape ``(n_zones, n_search)``; infinite where nothing leads."""
    before: Ints
    """Search node before each node on the way to it, negative at the origin and where nothing leads."""
    link_of_edge: Ints
    """Which of several parallel links is the quickest, shape ``(n_edges,)``."""


class Router:
    """Searches one graph again and again at changing costs.

    A node that is not passable is split: trips start at the node itself and end at a twin which nothing leaves. Parallel
    links become one edge, the quickest of them.
    """

    def __init__(self, graph: Graph) -> None:
        closed_to_through = np.flatnonzero(~graph.passable)
        self.n_search = graph.n_nodes + len(closed_to_through)
        arrival = np.arange(graph.n_nodes)
        arrival[closed_to_through] = np.arange(graph.n_nodes, self.n_search)
        self.start = graph.zone_node
        self.end = arrival[graph.zone_node]
        links = np.flatnonzero(graph.is_open)
        key = graph.tail[links] * self.n_search + arrival[graph.head[links]]
        order = np.argsort(key, kind="stable")
        self._links, key = links[order], key[order]
        self._first = np.flatnonzero(np.diff(key, prepend=-1))
        self._edge_key = key[self._first]
        self._edge_of_link = np.cumsum(np.diff(key, prepend=-1) > 0) - 1
        self._heads = (self._edge_key % self.n_search).astype(np.int32)
        self._rows = np.searchsorted(self._edge_key // self.n_search, np.arange(self.n_search + 1)).astype(np.int32)

    def trees(self, cost: Floats) -> Trees:
        """Quickest routes from every zone. ``cost``: time of each link, shape ``(n_links,)``, not negative."""
        weights, link_of_edge = self._quickest(cost[self._links])
        edges = sparse.csr_array((weights, self._heads, self._rows), shape=(self.n_search, self.n_search))
        time, before = dijkstra(edges, indices=self.start, return_predecessors=True)
        return Trees(time, before.astype(np.int64), link_of_edge)

    def _quickest(self, cost: Floats) -> tuple[Floats, Ints]:
        if len(self._first) == len(self._links):
            return cost, self._links
        best = np.minimum.reduceat(cost, self._first)
        is_best = np.flatnonzero(cost == best[self._edge_of_link])
        link_of_edge = np.empty(len(self._first), dtype=np.int64)
        # Written from the back, so that of two equal links the first one stays.
        link_of_edge[self._edge_of_link[is_best[::-1]]] = self._links[is_best[::-1]]
        return best, link_of_edge

    def edges_between(self, before: Ints, after: Ints) -> Ints:
        """Index of the edge from each node to the next."""
        return np.searchsorted(self._edge_key, before * self.n_search + after)

    def routes(self, trees: Trees, origin: Ints, destination: Ints, n_links: int) -> sparse.csr_array:
        """Links of the quickest route of each pair as a matrix of ones, shape ``(n_pairs, n_links)``.

        Args:
            origin: zone of each pair; ``destination`` likewise. Every pair must be reachable.
        """
        pair, at = np.arange(len(origin)), self.end[destination]
        start = self.start[origin]
        pairs, links = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
        while len(pair):
            before = trees.before[origin[pair], at]
            pairs.append(pair)
            links.append(trees.link_of_edge[self.edges_between(before, at)])
            onward = before != start[pair]
            pair, at = pair[onward], before[onward]
        which, taken = np.concatenate(pairs), np.concatenate(links)
        order = np.argsort(which, kind="stable")
        ends = np.concatenate([[0], np.cumsum(np.bincount(which, minlength=len(origin)))])
        return sparse.csr_array((np.ones(len(taken)), taken[order], ends), shape=(len(origin), n_links))
