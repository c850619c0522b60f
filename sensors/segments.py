"""Stretches of street: a traffic counter is shown by the stretch that it counts, not by the window behind which it is."""

from __future__ import annotations

import itertools
import math

import numpy as np
from django.contrib.gis.geos import LineString
from django.db import transaction

from engagement.geo import WGS84, metres_per_degree, point, square
from sensors.models import Segment
from sources.table import Floats, RoadTable

REACH_M = 60.0  # a window looks no further


@transaction.atomic
def index(source: str, roads: RoadTable) -> int:
    """Keep the stretches of a scene's streets, each once for both directions. Idempotent; returns how many there are."""
    kept: dict[str, Segment] = {}
    for link in range(len(roads)):
        ends = sorted((int(roads.node_id[roads.start[link]]), int(roads.node_id[roads.end[link]])))
        key = f"way/{roads.way_id[link]}/{ends[0]}-{ends[1]}"
        if key not in kept:
            kept[key] = _segment(source, key, str(roads.name[link]), roads.course(link), float(roads.length_m[link]))
    Segment.objects.bulk_create(
        kept.values(),
        batch_size=500,
        update_conflicts=True,
        unique_fields=["source", "key"],
        update_fields=["name", "line", "middle", "length_m"],
    )
    Segment.objects.filter(source=source).exclude(key__in=kept).delete()
    return len(kept)


def _segment(source: str, key: str, name: str, course: Floats, length_m: float) -> Segment:
    lon, lat = middle_of(course)
    line = LineString([tuple(corner) for corner in course.tolist()], srid=WGS84)
    return Segment(source=source, key=key, name=name[:200], line=line, middle=point(lon, lat), length_m=length_m)


def middle_of(course: Floats) -> tuple[float, float]:
    """The point half-way along a course of longitudes and latitudes, shape ``(k, 2)``; six decimals."""
    east_m, north_m = metres_per_degree(float(course[:, 1].mean()))
    lengths = np.hypot(np.diff(course[:, 0]) * east_m, np.diff(course[:, 1]) * north_m)
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    half = along[-1] / 2
    lon, lat = (float(np.interp(half, along, course[:, axis])) for axis in (0, 1))
    return round(lon, 6), round(lat, 6)


def nearest(source: str, lon: float, lat: float) -> Segment | None:
    """The stretch whose street passes closest, at most 60 m away; None where the scene has no street so near."""
    around = Segment.objects.filter(source=source, line__bboverlaps=square(lon, lat, REACH_M))
    measured = [(distance_m(lon, lat, segment), segment.pk, segment) for segment in around]
    within = [found for found in measured if found[0] <= REACH_M]
    return min(within)[2] if within else None


def distance_m(lon: float, lat: float, segment: Segment) -> float:
    """From a point to the nearest point of the stretch, metres."""
    east_m, north_m = metres_per_degree(lat)
    course = [((x - lon) * east_m, (y - lat) * north_m) for x, y in segment.line.coords]
    return min(_to_piece(*start, *end) for start, end in itertools.pairwise(course))


def _to_piece(x1: float, y1: float, x2: float, y2: float) -> float:
    """Distance of the origin from the straight piece between two points."""
    dx, dy = x2 - x1, y2 - y1
    length2 = dx * dx + dy * dy
    share = 0.0 if length2 == 0 else min(1.0, max(0.0, -(x1 * dx + y1 * dy) / length2))
    return math.hypot(x1 + share * dx, y1 + share * dy)
