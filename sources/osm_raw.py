"""The first look into an OSM file: which ways, relations and named nodes matter, with the coordinates that are there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import osmium

from sources.report import Unreadable
from sources.table import Floats, Ints

WAY_KEYS: Final = (
    "building",
    "building:part",
    "highway",
    "natural",
    "waterway",
    "water",
    "man_made",
    "place",
    "addr:housenumber",
)
NODE_KEYS: Final = ("addr:housenumber", "place", "railway", "amenity", "tourism", "name")
RELATION_KEYS: Final = (
    "building",
    "building:part",
    "natural",
    "water",
    "waterway",
    "man_made",
    "place",
    "highway",
    "addr:housenumber",
)


@dataclass(frozen=True)
class Way:
    """An OSM way. ``lonlat`` has NaN where the file does not hold the node."""

    id: int
    tags: dict[str, str]
    nodes: Ints
    lonlat: Floats

    @property
    def known(self) -> Floats:
        return self.lonlat[~np.isnan(self.lonlat[:, 0])]

    @property
    def is_whole(self) -> bool:
        return not np.isnan(self.lonlat).any()

    @property
    def is_closed(self) -> bool:
        return len(self.nodes) > 3 and self.nodes[0] == self.nodes[-1]

    def runs(self) -> Iterator[tuple[int, int]]:
        """Stretches of at least two consecutive known nodes, as index pairs (start, end exclusive)."""
        there = np.concatenate([[False], ~np.isnan(self.lonlat[:, 0]), [False]])
        edges = np.flatnonzero(there[1:] != there[:-1])
        for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
            if b - a > 1:
                yield a, b


@dataclass(frozen=True)
class Relation:
    """A multipolygon: its way members with their roles."""

    id: int
    tags: dict[str, str]
    members: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Named:
    """A node with tags that name it."""

    id: int
    tags: dict[str, str]
    lon: float
    lat: float


@dataclass
class Raw:
    """What one file holds, in order of ids. ``box``: west, south, east, north of the extract."""

    box: tuple[float, float, float, float]
    ways: dict[int, Way] = field(default_factory=dict)
    relations: list[Relation] = field(default_factory=list)
    nodes: list[Named] = field(default_factory=list)
    restrictions: list[int] = field(default_factory=list)


def scan(path: Path) -> Raw:
    """Read ways, multipolygons and named nodes of an OSM file (PBF, XML, compressed or not).

    Raises:
        Unreadable: if it is no OSM file or is damaged.
    """
    if not path.is_file():
        raise Unreadable(f"There is no file {path.name}.")
    try:
        relations, restrictions, members = _relations(path)
        raw = Raw(_box(path), relations=relations, restrictions=restrictions)
        _ways_and_nodes(path, members, raw)
    except (RuntimeError, osmium.InvalidLocationError) as error:
        raise Unreadable(
            f"{path.name} cannot be read as OpenStreetMap data ({error}). Choose a .osm.pbf or .osm file and try again."
        ) from None
    if not raw.ways:
        raise Unreadable(f"{path.name} holds no buildings, streets or water.")
    return raw


def _relations(path: Path) -> tuple[list[Relation], list[int], set[int]]:
    relations: list[Relation] = []
    restrictions: list[int] = []
    members: set[int] = set()
    for item in osmium.FileProcessor(str(path), osmium.osm.RELATION):
        if not isinstance(item, osmium.osm.Relation):
            continue
        kind = item.tags.get("type")
        if kind == "restriction":
            restrictions.append(item.id)
        if kind == "multipolygon" and any(key in item.tags for key in RELATION_KEYS):
            ways = tuple((m.ref, m.role) for m in item.members if m.type == "w")
            relations.append(Relation(item.id, {t.k: t.v for t in item.tags}, ways))
            members.update(ref for ref, _ in ways)
    return relations, restrictions, members


def _ways_and_nodes(path: Path, members: set[int], raw: Raw) -> None:
    everything = osmium.FileProcessor(str(path), osmium.osm.NODE | osmium.osm.WAY).with_locations()
    for item in everything:
        if isinstance(item, osmium.osm.Node):
            if item.tags and item.location.valid() and any(key in item.tags for key in NODE_KEYS):
                tags = {t.k: t.v for t in item.tags}
                raw.nodes.append(Named(item.id, tags, item.location.lon, item.location.lat))
        elif isinstance(item, osmium.osm.Way) and (item.id in members or any(key in item.tags for key in WAY_KEYS)):
            raw.ways[item.id] = _way(item)


def _way(item: osmium.osm.Way) -> Way:
    nodes = np.fromiter((n.ref for n in item.nodes), dtype=np.int64, count=len(item.nodes))
    places = [(n.location.lon, n.location.lat) if n.location.valid() else (np.nan, np.nan) for n in item.nodes]
    return Way(item.id, {t.k: t.v for t in item.tags}, nodes, np.array(places, dtype=np.float64).reshape(-1, 2))


def _box(path: Path) -> tuple[float, float, float, float]:
    with osmium.io.Reader(str(path), osmium.osm.NOTHING) as reader:
        box = reader.header().box()
    if box.valid():
        return box.bottom_left.lon, box.bottom_left.lat, box.top_right.lon, box.top_right.lat
    nodes = (n for n in osmium.FileProcessor(str(path), osmium.osm.NODE) if isinstance(n, osmium.osm.Node))
    lonlat = [(n.location.lon, n.location.lat) for n in nodes if n.location.valid()]
    if not lonlat:
        return (np.nan,) * 4
    (west, south), (east, north) = np.min(lonlat, axis=0), np.max(lonlat, axis=0)
    return float(west), float(south), float(east), float(north)
