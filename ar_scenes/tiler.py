"""Which feature goes into which tile: a quadtree of regular cells whose inner tiles carry merged blocks and main streets.

A feature lies in the leaf that holds its middle; what is larger than a quarter of the scene lies in the root. Cells are
regular, so an edit changes the tiles around it and no other; small sibling leaves share a tile.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ar_scenes.blocks import Solids, as_features, merged, thinned
from sources.geodesy import LocalFrame
from sources.table import BRIDGE, BUILDING, STREET, FeatureTable, Floats, Ints, ragged_take

MOST_PER_TILE: Final = 400
ERROR_SHARE: Final = 32  # geometric error of an inner tile: side / 32
MAIN_STREETS: Final = (("primary", "trunk", "motorway", "secondary"), ("tertiary", "pedestrian", "unclassified"))
MOST_STREETS: Final = 200
DEEPEST: Final = 16


@dataclass
class Tile:
    """One node of the tree. ``first`` and ``count`` are its slots in ``Plan.drawn``."""

    key: str
    geometric_error_m: float
    children: list[Tile] = field(default_factory=list)
    refine: str = "REPLACE"
    first: int = 0
    count: int = 0


@dataclass(frozen=True)
class Plan:
    """The whole tree, and every feature as often as it is drawn, in slot order."""

    root: Tile
    tiles: list[Tile]
    """Coarse to fine: the order of the slots."""
    drawn: FeatureTable
    """One row per slot."""
    enu: Floats
    """``drawn.lonlat`` in metres east, north and up of ``frame``, shape ``(n_coords, 3)``."""
    rows: Ints
    """Row of the source table that a slot draws, −1 for a block, shape ``(n_slots,)``."""
    frame: LocalFrame

    def batches(self, most: int) -> Iterator[list[Tile]]:
        """Tiles in slot order, together about ``most`` slots: as much as a processor's cache holds at once."""
        batch: list[Tile] = []
        for tile in self.tiles:
            batch.append(tile)
            if sum(t.count for t in batch) >= most:
                yield batch
                batch = []
        if batch:
            yield batch


@dataclass(frozen=True)
class _Cell:
    """A square in local metres."""

    west: float
    south: float
    side: float

    def quarter(self, east: int, north: int) -> _Cell:
        half = self.side / 2
        return _Cell(self.west + east * half, self.south + north * half, half)


@dataclass
class _Node:
    """A tile while it grows: which source rows, which blocks."""

    tile: Tile
    rows: Ints
    side: float
    below: list[_Node] = field(default_factory=list)
    blocks: FeatureTable | None = None
    solids: Solids | None = None


class _Planner:
    """Columns that every step needs, derived once."""

    def __init__(self, table: FeatureTable, enu: Floats, frame: LocalFrame, most: int) -> None:
        starts = table.coords_of()[:-1]
        low, high = np.minimum.reduceat(enu[:, :2], starts), np.maximum.reduceat(enu[:, :2], starts)
        self.table, self.enu, self.frame, self.most = table, enu, frame, most
        self.middle = (low + high) / 2
        self.extent = (high - low).max(axis=1)
        self.rank = _street_rank(table)

    def split(self, key: str, rows: Ints, cell: _Cell, depth: int) -> _Node:
        """The cell as one leaf, or as up to four cells below an inner tile."""
        tile = Tile(key, 0.0)
        if len(rows) <= self.most or depth == DEEPEST:
            return _Node(tile, rows, cell.side)
        east = self.middle[rows, 0] >= cell.west + cell.side / 2
        north = self.middle[rows, 1] >= cell.south + cell.side / 2
        quarter = east + 2 * north.astype(np.int64)
        below = [
            self.split(f"{key}{q}", rows[quarter == q], cell.quarter(q & 1, q >> 1), depth + 1)
            for q in range(4)
            if (quarter == q).any()
        ]
        if len(below) == 1:
            return below[0]
        tile.geometric_error_m = cell.side / ERROR_SHARE
        return _Node(tile, rows, cell.side, self.shared(below))

    def shared(self, nodes: list[_Node]) -> list[_Node]:
        """Sibling leaves that fit into one tile together become one."""
        kept: list[_Node] = []
        for node in nodes:
            last = kept[-1] if kept else None
            both_leaves = last is not None and not last.below and not node.below
            if last is not None and both_leaves and len(last.rows) + len(node.rows) <= self.most:
                rows = np.sort(np.concatenate([last.rows, node.rows]))
                kept[-1] = _Node(Tile(f"{last.tile.key}_{node.tile.key}", 0.0), rows, max(last.side, node.side))
            else:
                kept.append(node)
        return kept

    def coarsen(self, node: _Node) -> Solids:
        """Fill inner tiles from the leaves up; a leaf hands up its buildings, an inner tile its blocks."""
        if not node.below:
            return Solids.of(self.table, node.rows[self.table.kind[node.rows] == BUILDING], self.enu[:, :2])
        gap = node.tile.geometric_error_m / 4
        node.solids = merged(Solids.joined([self.coarsen(child) for child in node.below]), node.side, gap)
        node.blocks = as_features(node.solids, node.tile.key, self.frame)
        node.rows = self.main_streets(node.rows)
        return node.solids

    def main_streets(self, rows: Ints) -> Ints:
        """The streets and bridges that still matter from afar: main ones first, longest first."""
        streets = rows[self.rank[rows] < len(MAIN_STREETS)]
        order = np.lexsort((streets, -self.extent[streets], self.rank[streets]))
        return np.sort(streets[order[:MOST_STREETS]])


def _street_rank(table: FeatureTable) -> NDArray[np.int64]:
    """0 for main streets and bridges, 1 for the next, 2 for what no coarse tile shows."""
    rank = np.full(len(table), len(MAIN_STREETS))
    category = np.array(table.category.tolist(), dtype=np.str_)
    flat = (table.kind == STREET) | (table.kind == BRIDGE)
    for number, names in enumerate(MAIN_STREETS):
        rank[flat & np.isin(category, names) & (rank > number)] = number
    rank[table.kind == BRIDGE] = 0
    return rank


def plan_tiles(table: FeatureTable, enu: Floats, frame: LocalFrame, *, most: int = MOST_PER_TILE) -> Plan:
    """Plan the tree for all features.

    Args:
        table: at least one feature.
        enu: ``table.lonlat`` in local metres of ``frame``, shape ``(n_coords, 3)``.
        most: features in a leaf at most.

    Raises:
        ValueError: if the table is empty.
    """
    if not len(table):
        raise ValueError("There is nothing to draw: the source holds no buildings, streets or water.")
    planner = _Planner(table, enu, frame, most)
    low, high = planner.middle.min(axis=0), planner.middle.max(axis=0)
    side = max(float((high - low).max()) * 1.000001, 1.0)
    large = planner.extent > side / 4
    # Without anything small there is no tree below: the large things are the tree.
    if large.all() or len(table) <= most:
        large[:] = False
    top = planner.split("0", np.flatnonzero(~large), _Cell(float(low[0]), float(low[1]), side), 0)
    planner.coarsen(top)
    if large.any():
        backdrop = Tile("root", max(2 * top.tile.geometric_error_m, side / ERROR_SHARE), [], "ADD")
        top = _Node(backdrop, np.flatnonzero(large), side, [top])
    return _numbered(top, planner)


def _numbered(top: _Node, planner: _Planner) -> Plan:
    """Give out slots, coarse to fine; inside a tile by kind, then by place in the source."""
    level, tables, enu, rows, tiles, first = [top], [], [], [], [], 0
    coords_of = planner.table.coords_of()
    while level:
        for node in level:
            node.tile.children = [child.tile for child in node.below]
            chosen = node.rows[np.argsort(planner.table.kind[node.rows], kind="stable")]
            picked, local = planner.table.take(chosen), planner.enu[ragged_take(coords_of, chosen)[0]]
            if node.blocks is not None:
                picked, local = thinned(picked, local, node.tile.geometric_error_m / 16)
            drawn = [picked]
            enu.append(local)
            if node.blocks is not None and len(node.blocks):
                drawn.append(node.blocks)
                enu.append(planner.frame.to_local(node.blocks.lonlat))
            node.tile.first, node.tile.count = first, sum(len(part) for part in drawn)
            first += node.tile.count
            tables += drawn
            rows.append(np.concatenate([chosen, np.full(node.tile.count - len(chosen), -1)]))
            tiles.append(node.tile)
        level = [child for node in level for child in node.below]
    drawn_all = FeatureTable.joined(tables)
    return Plan(top.tile, tiles, drawn_all, np.concatenate(enu), np.concatenate(rows), planner.frame)
