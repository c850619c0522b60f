"""A city's streets, its ring of outside links and its zones, as one stored table that every run starts from."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scenarios.library.arrays import Bools, Floats, Ints
from scenarios.library.graph import Graph
from scenarios.library.networks import RoadNetwork
from scenarios.library.volume_delay import VolumeDelay

STREET, RING, DOOR = range(3)
"""Kinds of link: a street of the map; an assumed link around the map; from a zone's centroid to a street."""
INSIDE, CORDON = range(2)
"""Kinds of zone: buildings of the map; what lies beyond a street that leaves it."""
BPR_COEFFICIENT: Final = 0.15
BPR_POWER: Final = 4.0
MINUTES_PER_KM_AT_1_KMH: Final = 60.0

Texts = NDArray[np.str_]
Bytes = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class CityNetwork:
    """Columns of nodes, links and zones. Coordinates are WGS 84 degrees, ragged columns flat arrays with offsets."""

    node_lonlat: Floats
    tail: Ints
    head: Ints
    kind: Bytes
    """``STREET``, ``RING`` or ``DOOR``, shape ``(n_links,)``."""
    way_id: Ints
    """OSM way of a street link, 0 for the others."""
    name: Texts
    length_m: Floats
    speed_kmh: Floats
    speed_source: Texts
    """``tagged``, ``assumed: <why>`` or ``set by <whom>``."""
    capacity_vph: Floats
    capacity_source: Texts
    coord_offsets: Ints
    lonlat: Floats
    """Course of each link, degrees, shape ``(n_coords, 2)``."""
    zone_node: Ints
    zone_kind: Bytes
    zone_name: Texts
    homes_m2: Floats
    """Floor area of dwellings in each zone, square metres, shape ``(n_zones,)``; 0 for cordon zones."""
    works_m2: Floats
    """Floor area of workplaces, shops, schools and the like."""
    cordon_out_vph: Floats
    """Cars per hour that come in over each cordon zone, shape ``(n_zones,)``; 0 for zones inside."""
    cordon_in_vph: Floats
    """Cars per hour that leave over it."""
    unmodelled_way: Ints
    """Ways of the map on which no car is modelled: paths, squares, closed and cut-off streets."""
    receptor_lonlat: Floats = field(default_factory=lambda: np.zeros((0, 2)))
    """Points on façades at which noise is computed, degrees, shape ``(n_receptors, 2)``."""
    receptor_building: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    """Row of the building of each receptor."""
    building_id: Texts = field(default_factory=lambda: np.zeros(0, dtype=np.str_))
    """Features of the map, such as ``way/123``, shape ``(n_buildings,)``."""
    building_homes_m2: Floats = field(default_factory=lambda: np.zeros(0))

    @property
    def n_links(self) -> int:
        return len(self.tail)

    @cached_property
    def digest(self) -> str:
        """SHA-256 over every column: the name of this network in baselines and runs."""
        digest = hashlib.sha256()
        for column in fields(self):
            values = np.ascontiguousarray(getattr(self, column.name))
            digest.update(json.dumps([column.name, values.dtype.str, values.shape]).encode() + values.tobytes())
        return digest.hexdigest()

    def to_bytes(self) -> bytes:
        file = io.BytesIO()
        np.savez_compressed(file, **{column.name: getattr(self, column.name) for column in fields(self)})
        return file.getvalue()

    @classmethod
    def from_bytes(cls, stored: bytes) -> CityNetwork:
        with np.load(io.BytesIO(stored), allow_pickle=False) as columns:
            # A network that was stored before it had receptors has none; nothing else is missing.
            found: dict[str, Any] = {name: columns[name] for name in columns.files}
        return cls(**found)

    def course(self, link: int) -> Floats:
        """Longitudes and latitudes along one link, shape ``(k, 2)``."""
        return self.lonlat[self.coord_offsets[link] : self.coord_offsets[link + 1]]

    def links_of(self, ways: Ints) -> Bools:
        """Mask of the links of these OSM ways, shape ``(n_links,)``."""
        mask: Bools = (self.kind == STREET) & np.isin(self.way_id, ways)
        return mask

    def road_network(self, *, capacity: float = 1.0, ring_speed: float = 1.0) -> RoadNetwork:
        """Graph and delays, minutes. ``capacity`` multiplies all capacities, ``ring_speed`` the speeds of the ring."""
        minutes = self.length_m / 1000 / self.speed_kmh * MINUTES_PER_KM_AT_1_KMH
        minutes = np.where(self.kind == RING, minutes / ring_speed, minutes)
        coefficient = np.where(self.kind == DOOR, 0.0, BPR_COEFFICIENT)
        power = np.full(self.n_links, BPR_POWER)
        delay = VolumeDelay(minutes, self.capacity_vph * capacity, coefficient, power, np.zeros(self.n_links))
        passable = np.ones(len(self.node_lonlat), dtype=np.bool_)
        passable[self.zone_node] = False
        graph = Graph.of(len(self.node_lonlat), self.tail, self.head, self.zone_node, passable)
        return RoadNetwork(graph, delay)

    def with_ring(self, lengths_m: Floats, speeds_kmh: Floats, capacities_vph: Floats, source: str) -> CityNetwork:
        """The same network with other ring links; each of the three has one value per ring link, in order.

        Raises:
            ValueError: if a value is not positive.
        """
        ring = np.flatnonzero(self.kind == RING)
        for name, values in (("length", lengths_m), ("speed", speeds_kmh), ("capacity", capacities_vph)):
            if len(values) != len(ring) or not np.isfinite(values).all() or (values <= 0).any():
                raise ValueError(f"every ring link needs a {name} above 0")
        changed_speed = speeds_kmh != self.speed_kmh[ring]
        changed_rest = (lengths_m != self.length_m[ring]) | (capacities_vph != self.capacity_vph[ring])
        return replace(
            self,
            length_m=_put(self.length_m, ring, lengths_m),
            speed_kmh=_put(self.speed_kmh, ring, speeds_kmh),
            capacity_vph=_put(self.capacity_vph, ring, capacities_vph),
            speed_source=_mark(self.speed_source, ring[changed_speed], source),
            capacity_source=_mark(self.capacity_source, ring[changed_rest], source),
        )


def _put(column: Floats, rows: Ints, values: Floats) -> Floats:
    changed = column.copy()
    changed[rows] = values
    return changed


def _mark(column: Texts, rows: Ints, text: str) -> Texts:
    marked = column.astype(object)
    marked[rows] = text
    return np.array(marked.tolist(), dtype=np.str_)
