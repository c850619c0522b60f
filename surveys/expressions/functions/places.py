"""Places written as OpenRosa does: ``latitude longitude [altitude [accuracy]]``, points parted by semicolons."""

from __future__ import annotations

import math
from itertools import pairwise

from surveys.expressions.evaluation import Context, Evaluation, function
from surveys.expressions.functions.logic import Arguments, flat
from surveys.expressions.values import Value, to_text

# The radius that the ODK XForms specification names for area() and distance(), metres.
EARTH_RADIUS_M = 6_378_100

Point = tuple[float, float]
"""Latitude and longitude, degrees."""


@function("area", "enclosed-area")
def area(run: Evaluation, given: Arguments, context: Context) -> Value:
    """Square metres inside a shape, to two decimals; NaN for anything that is no shape.

    Source: spherical excess by trapezoids, L. Bevis, G. Cambareri, *Computing the area of a spherical polygon* (1987).
    """
    points = _points(run, given, context)
    if points is None or len(points) < 3:
        return math.nan if points is None else 0.0
    total = 0.0
    for (latitude, longitude), (next_latitude, next_longitude) in pairwise([*points, points[0]]):
        width = math.radians(next_longitude - longitude)
        total += width * (2 + math.sin(math.radians(latitude)) + math.sin(math.radians(next_latitude)))
    return _two_decimals(abs(total * EARTH_RADIUS_M**2 / 2))


@function("distance")
def distance(run: Evaluation, given: Arguments, context: Context) -> Value:
    """Metres along the points on the great circle, to two decimals (haversine formula)."""
    points = _points(run, given, context)
    if points is None or len(points) < 2:
        return math.nan
    return _two_decimals(sum(_great_circle_m(start, end) for start, end in pairwise(points)))


def _great_circle_m(start: Point, end: Point) -> float:
    (latitude, longitude), (other_latitude, other_longitude) = (
        tuple(map(math.radians, point)) for point in (start, end)
    )
    half = math.sin((other_latitude - latitude) / 2) ** 2
    half += math.cos(latitude) * math.cos(other_latitude) * math.sin((other_longitude - longitude) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(min(1.0, half)))


@function("geofence")
def geofence(run: Evaluation, given: Arguments, context: Context) -> Value:
    """Whether a point lies inside a shape (even–odd rule)."""
    point, shape = _points(run, given[:1], context), _points(run, given[1:], context)
    if point is None or shape is None or len(point) != 1:
        return False
    latitude, longitude = point[0]
    inside = False
    for (south, west), (north, east) in pairwise([*shape, shape[0]]):
        if (south > latitude) != (north > latitude):
            crossing = west + (latitude - south) / (north - south) * (east - west)
            inside ^= longitude < crossing
    return inside


@function("intersects")
def intersects(run: Evaluation, given: Arguments, context: Context) -> Value:
    """Whether a line or a shape crosses itself."""
    points = _points(run, given, context) or []
    lines = [(start, end) for start, end in pairwise(points) if start != end]
    closed = len(lines) > 2 and lines[0][0] == lines[-1][1]
    for at, (start, end) in enumerate(lines):
        for other in range(at + 2, len(lines)):
            meet_at_start = closed and at == 0 and other == len(lines) - 1
            if not meet_at_start and _cross(start, end, *lines[other]):
                return True
        run.spend(len(lines))
    return False


def _cross(start: Point, end: Point, other: Point, other_end: Point) -> bool:
    sides = (_side(start, end, other), _side(start, end, other_end))
    others = (_side(other, other_end, start), _side(other, other_end, end))
    if sides[0] * sides[1] < 0 and others[0] * others[1] < 0:
        return True
    touching = zip(
        (*sides, *others),
        (other, other_end, start, end),
        (start, start, other, other),
        (end, end, other_end, other_end),
        strict=True,
    )
    return any(side == 0 and _between(point, low, high) for side, point, low, high in touching)


def _side(start: Point, end: Point, point: Point) -> float:
    return (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0])


def _between(point: Point, low: Point, high: Point) -> bool:
    return all(min(low[axis], high[axis]) <= point[axis] <= max(low[axis], high[axis]) for axis in (0, 1))


def _points(run: Evaluation, given: Arguments, context: Context) -> list[Point] | None:
    """All points of the arguments in order; ``None`` if one is no place on Earth."""
    written = ";".join(to_text(value) for value in flat(run, given, context)).split(";")
    if written and not written[-1].strip():
        written.pop()
    points = [_point(text) for text in written]
    run.spend(len(points))
    found = [point for point in points if point is not None]
    return found if found and len(found) == len(points) else None


def _point(text: str) -> Point | None:
    try:
        latitude, longitude, *_rest = (float(part) for part in text.split())
    except ValueError:
        return None
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else None


def _two_decimals(value: float) -> float:
    return math.floor(value * 100 + 0.5) / 100
