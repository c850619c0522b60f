"""Filling a feature table row by row; readers with columns at hand build the table directly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from shapely.geometry import Polygon

from sources.table import FeatureTable, Floats, Strings, offsets_of


@dataclass(frozen=True)
class Part:
    """One polygon (outer ring first, closing points left out) or one line, between two heights in metres."""

    rings: tuple[Floats, ...]
    base_m: float = 0.0
    height_m: float = 0.0

    @classmethod
    def of(cls, polygon: Polygon, base_m: float = 0.0, height_m: float = 0.0) -> Part:
        """Outer ring counter-clockwise, holes clockwise, as 3D triangulation and normals want them."""
        turned = polygon if polygon.exterior.is_ccw else polygon.reverse()
        holes = [ring if not ring.is_ccw else ring.reverse() for ring in turned.interiors]
        outer = turned.exterior if turned.exterior.is_ccw else turned.exterior.reverse()
        return cls(tuple(np.asarray(ring.coords)[:-1, :2] for ring in (outer, *holes)), base_m, height_m)


@dataclass
class FeatureRows:
    """Rows of a feature table while it grows."""

    ids: list[str] = field(default_factory=list)
    kinds: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    categories: list[str] = field(default_factory=list)
    sources: list[str] = field(default_factory=list)
    widths: list[float] = field(default_factory=list)
    parts: list[Sequence[Part]] = field(default_factory=list)

    def add(
        self,
        feature_id: str,
        kind: int,
        parts: Sequence[Part],
        *,
        name: str = "",
        category: str = "",
        height_source: str = "",
        width_m: float = np.nan,
    ) -> None:
        """One feature; areas leave the width out."""
        self.ids.append(feature_id)
        self.kinds.append(kind)
        self.names.append(name)
        self.categories.append(category)
        self.sources.append(height_source)
        self.widths.append(width_m)
        self.parts.append(parts)

    def table(self) -> FeatureTable:
        """All rows as columns, in the order in which they were added."""
        parts = [part for row in self.parts for part in row]
        rings = [ring for part in parts for ring in part.rings]
        part_offsets = offsets_of(len(row) for row in self.parts)
        base = np.array([part.base_m for part in parts], dtype=np.float64)
        height = np.array([part.height_m for part in parts], dtype=np.float64)
        starts = part_offsets[:-1]
        return FeatureTable(
            ids=Strings.of(self.ids),
            kind=np.array(self.kinds, dtype=np.uint8),
            name=Strings.of(self.names),
            base_m=np.minimum.reduceat(base, starts) if len(starts) else base,
            height_m=np.maximum.reduceat(height, starts) if len(starts) else height,
            height_source=Strings.of(self.sources),
            width_m=np.array(self.widths, dtype=np.float64),
            category=Strings.of(self.categories),
            part_offsets=part_offsets,
            part_base_m=base,
            part_height_m=height,
            ring_offsets=offsets_of(len(part.rings) for part in parts),
            coord_offsets=offsets_of(len(ring) for ring in rings),
            lonlat=np.concatenate(rings) if rings else np.zeros((0, 2)),
        )
