"""Features as a table: ids, geometries and properties side by side, written out as GeoJSON or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from scenarios.library.arrays import Bools

Value = str | int | float | bool | None
DECIMALS = 7
"""Of a degree: a centimetre."""


@dataclass(frozen=True, eq=False)
class FeatureRows:
    """Features of one collection; geometries in degrees, longitude first (CRS84)."""

    ids: list[str]
    geometries: NDArray[np.object_]
    """Shapely geometries, shape ``(n,)``; None where a feature has no place."""
    properties: Mapping[str, Sequence[Value]]
    """Columns, each as long as ``ids``."""
    moments: Sequence[date | datetime | None] | None = None
    """When each feature was so, for collections with times."""

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, rows: Sequence[int]) -> FeatureRows:
        return FeatureRows(
            [self.ids[row] for row in rows],
            self.geometries[list(rows)],
            {name: [column[row] for row in rows] for name, column in self.properties.items()},
            None if self.moments is None else [self.moments[row] for row in rows],
        )

    def touching(self, west: float, south: float, east: float, north: float) -> Bools:
        """Which features share a point with a box in degrees; features without a place do not. Shape ``(n,)``."""
        found: Bools = shapely.intersects(self.geometries, shapely.box(west, south, east, north))
        return found

    def extent(self) -> list[float] | None:
        """West, south, east, north of all of them; None where nothing has a place."""
        bounds = shapely.total_bounds(self.geometries)
        return None if np.isnan(bounds).any() else [round(float(value), DECIMALS) for value in bounds]

    def geojson(self) -> list[dict[str, Any]]:
        """One GeoJSON feature per row (RFC 7946)."""
        columns = list(self.properties.items())
        return [
            {
                "type": "Feature",
                "id": feature_id,
                "geometry": None if geometry is None else shapely.geometry.mapping(geometry),
                "properties": {name: column[row] for name, column in columns},
            }
            for row, (feature_id, geometry) in enumerate(zip(self.ids, self.geometries, strict=True))
        ]

    def csv(self) -> str:
        """A line per feature: id, properties, and the geometry as WKT."""
        file = io.StringIO()
        writer = csv.writer(file)
        writer.writerow(["id", *self.properties, "wkt"])
        for row, (feature_id, geometry) in enumerate(zip(self.ids, self.geometries, strict=True)):
            place = "" if geometry is None else shapely.to_wkt(geometry, rounding_precision=DECIMALS)
            writer.writerow([feature_id, *(column[row] for column in self.properties.values()), place])
        return file.getvalue()
