"""Addresses and names of an OSM file, for finding a place offline."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from sources.osm_raw import Raw
from sources.report import Report
from sources.table import AddressTable, Floats, PlaceTable

LANGUAGES: Final = ("en", "fi", "sv", "ar")
PLACE_KEYS: Final = ("place", "railway", "tourism", "amenity", "man_made", "natural", "building", "highway")


@dataclass
class _Found:
    """One thing with tags and a point."""

    id: str
    tags: dict[str, str]
    lon: float
    lat: float


def read_places(raw: Raw, report: Report) -> tuple[AddressTable, PlaceTable]:
    """House numbers with a street, and every named thing; a street of many ways is named once, at its middle way."""
    things = [*_nodes(raw), *_ways(raw)]
    numbered = [t for t in things if "addr:housenumber" in t.tags]
    addresses = [t for t in numbered if "addr:street" in t.tags]
    report.note(
        "left out",
        "addresses",
        "a house number without a street",
        (t.id for t in numbered if "addr:street" not in t.tags),
    )
    report.count("addresses", len(addresses))
    return (
        AddressTable(
            street=np.array([t.tags["addr:street"] for t in addresses], dtype=np.str_),
            number=np.array([t.tags["addr:housenumber"] for t in addresses], dtype=np.str_),
            lonlat=_lonlat(addresses),
            ids=np.array([t.id for t in addresses], dtype=np.str_),
        ),
        _names([t for t in things if "name" in t.tags], report),
    )


def _nodes(raw: Raw) -> list[_Found]:
    return [_Found(f"node/{n.id}", n.tags, n.lon, n.lat) for n in sorted(raw.nodes, key=lambda n: n.id)]


def _ways(raw: Raw) -> list[_Found]:
    found = []
    for _, way in sorted(raw.ways.items()):
        known = way.known
        if len(known) and ("name" in way.tags or "addr:housenumber" in way.tags):
            lon, lat = known[len(known) // 2] if "highway" in way.tags else (known.min(axis=0) + known.max(axis=0)) / 2
            found.append(_Found(f"way/{way.id}", way.tags, float(lon), float(lat)))
    return found


@dataclass
class _Names:
    name: list[str] = field(default_factory=list)
    language: list[str] = field(default_factory=list)
    kind: list[str] = field(default_factory=list)
    owner: list[_Found] = field(default_factory=list)

    def add(self, thing: _Found, kind: str) -> None:
        spoken = {"": thing.tags["name"]} | {
            language: thing.tags[f"name:{language}"] for language in LANGUAGES if f"name:{language}" in thing.tags
        }
        for language, name in spoken.items():
            self.name.append(name)
            self.language.append(language)
            self.kind.append(kind)
            self.owner.append(thing)


def _names(named: list[_Found], report: Report) -> PlaceTable:
    rows = _Names()
    streets: dict[str, list[_Found]] = {}
    for thing in named:
        if "highway" in thing.tags and thing.id.startswith("way/"):
            streets.setdefault(thing.tags["name"], []).append(thing)
        elif kind := next((thing.tags[k] for k in PLACE_KEYS if k in thing.tags), ""):
            rows.add(thing, kind)
    for ways in streets.values():
        rows.add(_middle(ways), "street")
    report.count("names", len(rows.name))
    return PlaceTable(
        name=np.array(rows.name, dtype=np.str_),
        language=np.array(rows.language, dtype=np.str_),
        kind=np.array(rows.kind, dtype=np.str_),
        lonlat=_lonlat(rows.owner),
        ids=np.array([t.id for t in rows.owner], dtype=np.str_),
    )


def _middle(ways: list[_Found]) -> _Found:
    centre = np.mean([(w.lon, w.lat) for w in ways], axis=0)
    return min(ways, key=lambda w: float(np.hypot(w.lon - centre[0], w.lat - centre[1])))


def _lonlat(things: list[_Found]) -> Floats:
    return np.array([(t.lon, t.lat) for t in things], dtype=np.float64).reshape(-1, 2)
