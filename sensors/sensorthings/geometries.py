"""Written places into geometries: GeoJSON geometries and features, in degrees."""

from __future__ import annotations

import json
import math
from typing import Any

from django.contrib.gis.gdal import GDALException
from django.contrib.gis.geos import GEOSException, GEOSGeometry

from engagement.geo import WGS84

MOST_POINTS = 10_000


class NoGeometry(ValueError):
    """The text says what is wrong."""


def geometry_of(written: Any) -> GEOSGeometry | None:
    """The flat geometry of GeoJSON; None for a place that is written otherwise.

    Raises:
        NoGeometry: it says that it is GeoJSON, but is none.
    """
    if not isinstance(written, dict) or not isinstance(written.get("type"), str):
        return None
    if written["type"] == "Feature":
        return geometry_of(written.get("geometry"))
    if "coordinates" not in written and "geometries" not in written:
        return None
    try:
        found = GEOSGeometry(json.dumps(written), srid=WGS84)
        if found.hasz:
            found = GEOSGeometry(found.wkt.replace(" Z ", " "), srid=WGS84)
        edges = found.extent if not found.empty else (math.nan,)
    except (ValueError, TypeError, GEOSException, GDALException, RecursionError):
        raise NoGeometry("it is no GeoJSON geometry") from None
    if not all(math.isfinite(edge) for edge in edges) or found.num_coords > MOST_POINTS:
        raise NoGeometry(f"it is empty, or has more than {MOST_POINTS} points")
    return found
