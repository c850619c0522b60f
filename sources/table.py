"""Columnar tables that every reader fills: features to draw, links to drive on, addresses and places to find.

Coordinates are longitude and latitude in WGS 84 degrees, shape ``(n, 2)``. Ragged columns are flat arrays with offsets:
item ``i`` is ``flat[offsets[i]:offsets[i + 1]]``.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
Texts = NDArray[np.str_]

KINDS: Final = ("building", "street", "bridge", "water", "block")
BUILDING, STREET, BRIDGE, WATER, BLOCK = range(len(KINDS))


def offsets_of(lengths: Iterable[int] | NDArray[Any]) -> Ints:
    """Start of each item, and the end of the last one."""
    counts = np.fromiter(lengths, dtype=np.int64) if not isinstance(lengths, np.ndarray) else lengths
    return np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])


def ragged_take(offsets: Ints, chosen: Ints) -> tuple[Ints, Ints]:
    """Indices into the flat array for the chosen items, and the offsets of the result."""
    lengths = offsets[chosen + 1] - offsets[chosen]
    taken = offsets_of(lengths)
    shift = np.repeat(offsets[chosen] - taken[:-1], lengths)
    return np.arange(taken[-1], dtype=np.int64) + shift, taken


@dataclass(frozen=True, slots=True)
class Strings:
    """A column of texts as UTF-8 bytes with offsets: the layout that glTF metadata wants, taken without a loop."""

    data: Bytes
    offsets: Ints

    @classmethod
    def of(cls, texts: Iterable[str]) -> Self:
        raw = [text.encode() for text in texts]
        return cls(np.frombuffer(b"".join(raw), dtype=np.uint8), offsets_of(len(r) for r in raw))

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def __getitem__(self, index: int) -> str:
        return self.data[self.offsets[index] : self.offsets[index + 1]].tobytes().decode()

    def take(self, chosen: Ints) -> Strings:
        flat, offsets = ragged_take(self.offsets, chosen)
        return Strings(self.data[flat], offsets)

    def between(self, first: int, last: int) -> Strings:
        """Rows ``first … last`` without copying the text."""
        ends = self.offsets[first : last + 1]
        return Strings(self.data[ends[0] : ends[-1]], ends - ends[0])

    def tolist(self) -> list[str]:
        raw, ends = self.data.tobytes(), self.offsets.tolist()
        text = raw.decode()
        if len(text) == len(raw):  # all ASCII: offsets of bytes are offsets of characters
            return [text[a:b] for a, b in itertools.pairwise(ends)]
        return [raw[a:b].decode() for a, b in itertools.pairwise(ends)]

    @classmethod
    def empty(cls, rows: int) -> Self:
        """So many empty texts."""
        return cls(np.zeros(0, dtype=np.uint8), np.zeros(rows + 1, dtype=np.int64))

    @staticmethod
    def joined(parts: Iterable[Strings]) -> Strings:
        columns = list(parts)
        lengths = [np.diff(c.offsets) for c in columns]
        return Strings(np.concatenate([c.data for c in columns]), offsets_of(np.concatenate(lengths)))


class _Stored:
    """Tables write themselves to one ``.npz`` file and read themselves back."""

    def save(self, path: Path) -> None:
        arrays: dict[str, Any] = {}
        for column in fields(self):  # type: ignore[arg-type]
            value = getattr(self, column.name)
            if isinstance(value, Strings):
                arrays[f"{column.name}.data"], arrays[f"{column.name}.offsets"] = value.data, value.offsets
            else:
                arrays[column.name] = value
        with path.open("wb") as file:
            np.savez_compressed(file, **arrays)

    @classmethod
    def load(cls, path: Path) -> Self:
        with np.load(path, allow_pickle=False) as stored:
            found: Mapping[str, Any] = {name: stored[name] for name in stored.files}
        return cls(
            **{
                column.name: Strings(found[f"{column.name}.data"], found[f"{column.name}.offsets"])
                if f"{column.name}.data" in found
                else found[column.name]
                for column in fields(cls)  # type: ignore[arg-type]
            }
        )


@dataclass(frozen=True)
class FeatureTable(_Stored):
    """Things to draw: areas (rings) and lines, as columns.

    ``feature → parts → rings → coords``: a feature has one or more parts; an area's part is a polygon whose first ring is the
    outer one, closing point left out; a line's part has one ring, its vertices, and a width.
    """

    ids: Strings
    """Stable id of the source: ``way/23952344``, ``relation/5``."""
    kind: NDArray[np.uint8]
    """Index into ``KINDS``, shape ``(n,)``."""
    name: Strings
    base_m: Floats
    """Height of the lowest underside above ground, metres, shape ``(n,)``."""
    height_m: Floats
    """Height of the highest top above ground, metres, shape ``(n,)``; 0 for flat things."""
    height_source: Strings
    """``height``, ``levels`` or ``assumed: <why>``; empty for flat things."""
    width_m: Floats
    """Width of a line, metres, shape ``(n,)``; NaN for areas."""
    category: Strings
    """The source's own class: ``secondary``, ``apartments``."""
    part_offsets: Ints
    """Feature → parts, shape ``(n + 1,)``."""
    part_base_m: Floats
    """Underside of each part above ground, metres, shape ``(n_parts,)``: a tower on a podium is two parts of one building."""
    part_height_m: Floats
    """Top of each part above ground, metres, shape ``(n_parts,)``."""
    ring_offsets: Ints
    """Part → rings, shape ``(n_parts + 1,)``."""
    coord_offsets: Ints
    """Ring → coords, shape ``(n_rings + 1,)``."""
    lonlat: Floats
    """Degrees, shape ``(n_coords, 2)``."""

    def __len__(self) -> int:
        return len(self.kind)

    @property
    def is_line(self) -> Bools:
        return ~np.isnan(self.width_m)

    def coords_of(self) -> Ints:
        """Feature → coords, shape ``(n + 1,)``."""
        return self.coord_offsets[self.ring_offsets[self.part_offsets]]

    def take(self, chosen: Ints) -> FeatureTable:
        """The chosen features, in that order."""
        parts, part_offsets = ragged_take(self.part_offsets, chosen)
        rings, ring_offsets = ragged_take(self.ring_offsets, parts)
        coords, coord_offsets = ragged_take(self.coord_offsets, rings)
        return FeatureTable(
            ids=self.ids.take(chosen),
            kind=self.kind[chosen],
            name=self.name.take(chosen),
            base_m=self.base_m[chosen],
            height_m=self.height_m[chosen],
            height_source=self.height_source.take(chosen),
            width_m=self.width_m[chosen],
            category=self.category.take(chosen),
            part_offsets=part_offsets,
            part_base_m=self.part_base_m[parts],
            part_height_m=self.part_height_m[parts],
            ring_offsets=ring_offsets,
            coord_offsets=coord_offsets,
            lonlat=self.lonlat[coords],
        )

    def between(self, first: int, last: int) -> FeatureTable:
        """Features ``first … last`` as views on the same columns."""
        parts = self.part_offsets[first : last + 1]
        rings = self.ring_offsets[parts[0] : parts[-1] + 1]
        coords = self.coord_offsets[rings[0] : rings[-1] + 1]
        return FeatureTable(
            ids=self.ids.between(first, last),
            kind=self.kind[first:last],
            name=self.name.between(first, last),
            base_m=self.base_m[first:last],
            height_m=self.height_m[first:last],
            height_source=self.height_source.between(first, last),
            width_m=self.width_m[first:last],
            category=self.category.between(first, last),
            part_offsets=parts - parts[0],
            part_base_m=self.part_base_m[parts[0] : parts[-1]],
            part_height_m=self.part_height_m[parts[0] : parts[-1]],
            ring_offsets=rings - rings[0],
            coord_offsets=coords - coords[0],
            lonlat=self.lonlat[coords[0] : coords[-1]],
        )

    @staticmethod
    def joined(tables: Sequence[FeatureTable]) -> FeatureTable:
        """All features of all tables, one table after the other."""

        def chain(columns: list[Ints]) -> Ints:
            return offsets_of(np.concatenate([np.diff(column) for column in columns]))

        return FeatureTable(
            ids=Strings.joined(t.ids for t in tables),
            kind=np.concatenate([t.kind for t in tables]),
            name=Strings.joined(t.name for t in tables),
            base_m=np.concatenate([t.base_m for t in tables]),
            height_m=np.concatenate([t.height_m for t in tables]),
            height_source=Strings.joined(t.height_source for t in tables),
            width_m=np.concatenate([t.width_m for t in tables]),
            category=Strings.joined(t.category for t in tables),
            part_offsets=chain([t.part_offsets for t in tables]),
            part_base_m=np.concatenate([t.part_base_m for t in tables]),
            part_height_m=np.concatenate([t.part_height_m for t in tables]),
            ring_offsets=chain([t.ring_offsets for t in tables]),
            coord_offsets=chain([t.coord_offsets for t in tables]),
            lonlat=np.concatenate([t.lonlat for t in tables]),
        )

    def middle(self) -> Floats:
        """Longitude and latitude of the middle of each feature's bounding box, shape ``(n, 2)``."""
        starts = self.coords_of()[:-1]
        return (np.minimum.reduceat(self.lonlat, starts) + np.maximum.reduceat(self.lonlat, starts)) / 2


@dataclass(frozen=True)
class RoadTable(_Stored):
    """Directed links for motor traffic between junctions. A two-way street is two links."""

    node_id: Ints
    """The source's node ids, shape ``(n_nodes,)``."""
    node_lonlat: Floats
    """Degrees, shape ``(n_nodes, 2)``."""
    node_at_edge: Bools
    """The street goes on beyond the file, shape ``(n_nodes,)``."""
    start: Ints
    """Index of the node at which a link begins, shape ``(n_links,)``."""
    end: Ints
    way_id: Ints
    """OSM way of each link; the feature id is ``way/<way_id>``."""
    name: Texts
    highway: Texts
    """OSM class: ``secondary``, ``residential``."""
    length_m: Floats
    """Along the street on the ellipsoid, metres."""
    free_speed_kmh: Floats
    speed_source: Texts
    """``tagged`` or ``assumed: <why>``."""
    lanes: Floats
    """Lanes for general traffic in the link's direction; bus lanes are taken off."""
    lanes_source: Texts
    capacity_vph: Floats
    """Vehicles per hour in the link's direction; always a planning value of the class per lane."""
    oneway: Bools
    bridge: Bools
    coord_offsets: Ints
    """Link → coords, shape ``(n_links + 1,)``."""
    lonlat: Floats
    """Course of each link in the direction of travel, degrees, shape ``(n_coords, 2)``."""

    def __len__(self) -> int:
        return len(self.start)

    def course(self, link: int) -> Floats:
        """Longitudes and latitudes along one link, shape ``(k, 2)``."""
        return self.lonlat[self.coord_offsets[link] : self.coord_offsets[link + 1]]


@dataclass(frozen=True)
class AddressTable(_Stored):
    """Street addresses, one per row."""

    street: Texts
    number: Texts
    lonlat: Floats
    ids: Texts

    def __len__(self) -> int:
        return len(self.street)


@dataclass(frozen=True)
class PlaceTable(_Stored):
    """Named places other than addresses: districts, squares, stations, streets. One row per name and language."""

    name: Texts
    language: Texts
    """Language code of the name; empty for the local name."""
    kind: Texts
    """``suburb``, ``square``, ``station``, ``street`` …: the source's word."""
    lonlat: Floats
    ids: Texts

    def __len__(self) -> int:
        return len(self.name)
