"""Reference systems: WGS 84 in the database and at the doors, true metres for measuring."""

from __future__ import annotations

import math

from django.contrib.gis.geos import Point, Polygon

WGS84 = 4326


def point(lon: float, lat: float) -> Point:
    """A point in WGS 84. Raises ValueError when the numbers are no place on Earth."""
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise ValueError(f"{lon}, {lat} is not a longitude and latitude")
    return Point(lon, lat, srid=WGS84)


def lon_lat(place: Point) -> list[float]:
    """GeoJSON order, seven decimals (about a centimetre)."""
    return [round(place.x, 7), round(place.y, 7)]


def metres_per_degree(lat: float) -> tuple[float, float]:
    """Length of one degree to the east and to the north, metres; good to 0.6 % within a city."""
    return 111_320 * max(math.cos(math.radians(lat)), 0.01), 111_132.0


def distance_m(lon: float, lat: float, place: Point) -> float:
    """Straight distance between two points of one city, metres."""
    east_m, north_m = metres_per_degree(lat)
    return math.hypot((place.x - lon) * east_m, (place.y - lat) * north_m)


def square(lon: float, lat: float, radius_m: float) -> Polygon:
    """The square of ``2 radius_m`` side around a point."""
    east_m, north_m = metres_per_degree(lat)
    east, north = radius_m / east_m, radius_m / north_m
    area = Polygon.from_bbox((lon - east, lat - north, lon + east, lat + north))
    area.srid = WGS84
    return area
