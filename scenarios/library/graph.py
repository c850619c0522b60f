"""A road network as arrays: nodes, directed links, zones. A closed link is a removed edge, never a slow one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from scenarios.library.arrays import Bools, Floats, Ints


@dataclass(frozen=True, eq=False)
class Graph:
    """Directed links between nodes, and the nodes at which trips begin and end.

    Link arrays keep their length when links are closed, so that the flows of two scenarios stand side by side.
    """

    n_nodes: int
    tail: Ints
    """Node at which each link begins, shape ``(n_links,)``."""
    head: Ints
    """Node at which each link ends, shape ``(n_links,)``."""
    zone_node: Ints
    """Node of each zone's centroid, shape ``(n_zones,)``."""
    passable: Bools
    """False for nodes that carry no through traffic, such as centroids, shape ``(n_nodes,)``."""
    is_open: Bools
    """Shape ``(n_links,)``."""

    @classmethod
    def of(cls, n_nodes: int, tail: Ints, head: Ints, zone_node: Ints, passable: Bools | None = None) -> Self:
        """A graph with every link open.

        Raises:
            ValueError: if a link or a zone names a node that does not exist, or two zones share one.
        """
        tail, head, zone_node = (np.asarray(a, dtype=np.int64) for a in (tail, head, zone_node))
        for name, nodes in (("tail", tail), ("head", head), ("zone_node", zone_node)):
            if len(nodes) and not (nodes.min() >= 0 and nodes.max() < n_nodes):
                raise ValueError(f"{name} names a node outside 0 … {n_nodes - 1}")
        if len(np.unique(zone_node)) < len(zone_node):
            raise ValueError("two zones share a centroid")
        through = np.ones(n_nodes, dtype=np.bool_) if passable is None else np.asarray(passable, dtype=np.bool_)
        return cls(n_nodes, tail, head, zone_node, through, np.ones(len(tail), dtype=np.bool_))

    @property
    def n_links(self) -> int:
        return len(self.tail)

    @property
    def n_zones(self) -> int:
        return len(self.zone_node)

    def closing(self, links: Bools | Ints) -> Graph:
        """The same network with these links (mask or indices) removed."""
        is_open = self.is_open.copy()
        is_open[links] = False
        return replace(self, is_open=is_open)

    def strong_parts(self) -> Ints:
        """Number of the strongly connected part of each node over open links, shape ``(n_nodes,)``; 0 is the largest."""
        ends = (self.tail[self.is_open], self.head[self.is_open])
        matrix = sparse.csr_array((np.ones(len(ends[0])), ends), shape=(self.n_nodes, self.n_nodes))
        _, part = connected_components(matrix, directed=True, connection="strong")
        by_size = np.argsort(-np.bincount(part), kind="stable")
        rank = np.empty_like(by_size)
        rank[by_size] = np.arange(len(by_size))
        return np.asarray(rank[part], dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Trips:
    """Trips between pairs of zones that can be driven, as columns sorted by origin; and those that cannot.

    Whatever is asked for is in exactly one of the three: ``demand = volume + unreachable + intrazonal``.
    """

    origin: Ints
    """Zone of each pair, shape ``(n_pairs,)``."""
    destination: Ints
    volume: Floats
    """Vehicles per hour of each pair, all > 0."""
    lost_origin: Ints
    """Zone of each pair without any route, shape ``(n_lost,)``."""
    lost_destination: Ints
    lost_volume: Floats
    intrazonal: float
    """Trips inside a zone: they load no link."""

    @classmethod
    def of(cls, demand: Floats, reachable: Bools) -> Self:
        """Split a demand matrix ``(n_zones, n_zones)`` by whether a route exists.

        Raises:
            ValueError: if the demand is negative or not a finite number.
        """
        if not np.isfinite(demand).all() or (demand < 0).any():
            raise ValueError("the demand must be finite and not negative")
        between = demand > 0
        np.fill_diagonal(between, val=False)
        origin, destination = np.nonzero(between & reachable)
        lost_origin, lost_destination = np.nonzero(between & ~reachable)
        return cls(
            origin,
            destination,
            demand[origin, destination],
            lost_origin,
            lost_destination,
            demand[lost_origin, lost_destination],
            float(np.trace(demand)),
        )

    def __len__(self) -> int:
        return len(self.volume)

    @property
    def assigned(self) -> float:
        return float(self.volume.sum())

    @property
    def unreachable(self) -> float:
        return float(self.lost_volume.sum())
