"""Quickest routes from zones over the open links of a graph."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

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

    @cached_property
    def ancestry(self) -> tuple[Ints, Ints]:
        """For every node of every tree, numbered through: the node before it (negative at origins), its distance in links."""
        n_search = self.before.shape[1]
        flat = self.before.ravel()
        inner = flat >= 0
        parent = np.where(inner, flat + np.arange(len(flat)) // n_search * n_search, -1)
        depth = inner.astype(np.int64)
        above = np.where(inner, parent, np.arange(len(flat)))
        while (further := depth[above]).any():  # doubles the distance looked back in every round
            depth += further
            above = above[above]
        return parent, depth


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

    def route_lengths(self, trees: Trees, origin: Ints, destination: Ints) -> Ints:
        """How many links the quickest route of each pair takes, shape ``(n_pairs,)``."""
        depth: Ints = trees.ancestry[1]
        lengths: Ints = depth[origin * self.n_search + self.end[destination]]
        return lengths

    def routes(self, trees: Trees, origin: Ints, destination: Ints, n_links: int) -> sparse.csr_array:
        """Links of the quickest route of each pair as a matrix of ones, shape ``(n_pairs, n_links)``.

        Args:
            origin: zone of each pair; ``destination`` likewise. Every pair must be reachable.
        """
        at = origin * self.n_search + self.end[destination]
        parent, depth = trees.ancestry
        ends = np.concatenate([[0], np.cumsum(depth[at])]).astype(np.int32)
        link = self._links_to(trees, at, parent)
        taken = np.empty(ends[-1], dtype=np.int32)
        slot = ends[1:] - 1
        while len(at):  # one link back from every destination at a time, written from the end of the route
            taken[slot] = link[at]
            at = parent[at]
            onward = depth[at] > 0
            at, slot = at[onward], slot[onward] - 1
        return sparse.csr_array((np.ones(len(taken)), taken, ends), shape=(len(origin), n_links))

    def _links_to(self, trees: Trees, at: Ints, parent: Ints) -> Ints:
        """The link that leads to each node of each tree, where a route to ``at`` may pass."""
        rows = np.unique(at // self.n_search)
        passed = (rows[:, None] * self.n_search + np.arange(self.n_search)).ravel()
        passed = passed[parent[passed] >= 0]
        link = np.zeros(len(parent), dtype=np.int64)
        link[passed] = trees.link_of_edge[self.edges_between(parent[passed] % self.n_search, passed % self.n_search)]
        return link
