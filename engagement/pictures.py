"""Pictures of a place, drawn from its real geometry as SVG.

A room that holds geometry registers a provider; this module knows only GeoJSON features. Coordinates are WGS 84 degrees
in, pixels of the picture out. Colours live in the style sheet (``sheet/picture.css``), so that dark mode needs no second picture.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.gis.geos import Point
from django.core.cache import cache
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from shapely import affinity, clip_by_rect
from shapely.geometry import MultiPolygon, Polygon, shape
from shapely.geometry.base import BaseGeometry

from engagement.geo import metres_per_degree
from engagement.languages import pick
from engagement.models import Project

Feature = Mapping[str, Any]
"""A GeoJSON feature; ``properties.kind`` is one of ``KINDS``, buildings have ``properties.height_m``. Other kinds are not drawn."""
Provider = Callable[[Project], Iterable[Feature]]
Bounds = tuple[float, float, float, float]  # west, south, east, north in degrees

KINDS = ("water", "green", "street", "bridge", "building", "closed")
WIDTH, HEIGHT = 800, 600
TILT = 0.62  # how much north to south is foreshortened when the picture looks down at a slant
MOST_BUILDINGS = 260  # about 30 kB of SVG
SMALLEST_PX2 = 14.0
KEPT_S = 600

_providers: list[Provider] = []


def register(provider: Provider) -> Provider:
    """Let a room give features for pictures of a project. Registering twice is harmless."""
    if provider not in _providers:
        _providers.append(provider)
    return provider


@dataclass(frozen=True, slots=True)
class Frame:
    """The rectangle of the Earth that a picture shows, and how it lands on the page."""

    lon: float
    lat: float
    metres_per_px: float
    tilt: float = 1.0

    @classmethod
    def around(cls, west: float, south: float, east: float, north: float, *, tilt: float = 1.0) -> Frame:
        """The frame that shows a rectangle (degrees) whole, with a twelfth of margin on each side."""
        lat = (south + north) / 2
        across_m = (east - west) * metres_per_degree(lat)[0]
        along_m = (north - south) * metres_per_degree(lat)[1] * tilt
        return cls((west + east) / 2, lat, max(across_m / WIDTH, along_m / HEIGHT, 0.2) * 7 / 6, tilt)

    def within(self, bounds: Bounds) -> Frame:
        """The same frame, moved and drawn closer until it shows nothing beyond ``bounds``."""
        west, south, east, north = bounds
        east_m, north_m = metres_per_degree(self.lat)
        along_m = north_m * self.tilt
        scale = min(self.metres_per_px, (east - west) * east_m / WIDTH, (north - south) * along_m / HEIGHT)
        half_lon, half_lat = WIDTH * scale / 2 / east_m, HEIGHT * scale / 2 / along_m
        lon = min(max(self.lon, west + half_lon), east - half_lon)
        return Frame(lon, min(max(self.lat, south + half_lat), north - half_lat), scale, self.tilt)

    def matrix(self) -> list[float]:
        """Affine coefficients [a, b, d, e, x, y] from degrees to pixels (y grows downwards)."""
        east_m, north_m = metres_per_degree(self.lat)
        x_scale, y_scale = east_m / self.metres_per_px, north_m * self.tilt / self.metres_per_px
        return [x_scale, 0, 0, -y_scale, WIDTH / 2 - self.lon * x_scale, HEIGHT / 2 + self.lat * y_scale]

    def to_px(self, lon: float, lat: float) -> tuple[float, float]:
        a, _b, _d, e, x, y = self.matrix()
        return a * lon + x, e * lat + y


def of_project(project: Project) -> SafeString:
    """The place of a project seen at a slant, buildings standing up; empty where there is no geometry."""
    if project.area is None:
        return mark_safe("")
    key = f"picture.{project.pk}"
    body = cache.get(key)
    if body is None:
        features = list(_features(project))
        known = extent_of(features)
        frame = Frame.around(*project.area.extent, tilt=TILT)
        body = slanted(features, frame.within(known)) if known else ""
        cache.set(key, body, KEPT_S if body else 1)
    return _svg(body, _("The place as it stands, drawn from map data: %(place)s") % {"place": _place(project)})


def overview(projects: Sequence[Project], *, you: Point | None = None) -> SafeString:
    """A plan with the areas of several projects, numbered like the list beside it; empty if none has an area.

    ``you`` is the place that was searched for, drawn as a dot.
    """
    placed = [(number, project) for number, project in enumerate(projects, 1) if project.area is not None]
    if not placed:
        return mark_safe("")
    areas = [project.area.extent for _number, project in placed if project.area is not None]
    frame = Frame.around(
        *(min(e[0] for e in areas), min(e[1] for e in areas), max(e[2] for e in areas), max(e[3] for e in areas))
    )
    key = "picture.overview." + ".".join(str(project.pk) for _number, project in placed)
    ground = cache.get(key)
    if ground is None:
        features = [feature for _number, project in placed for feature in _features(project)]
        known = extent_of(features)
        ground = (_ground(known, frame) if known else "") + plan(features, frame)
        cache.set(key, ground, KEPT_S if known else 1)
    pins = "".join(_area(project, frame) + _pin(number, project, frame) for number, project in placed)
    return _svg(ground + pins + (_dot(you, frame) if you else ""), _("Map of the places in the list"))


def forget(project: Project) -> None:
    """Draw anew: the geometry of the place was imported again."""
    cache.delete(f"picture.{project.pk}")


def _features(project: Project) -> Iterator[Feature]:
    for provider in _providers:
        yield from provider(project)


def extent_of(features: Sequence[Feature]) -> Bounds | None:
    """Where the map data end. Buildings tell best: streets and shores stick out of an extract."""
    solid = [feature for feature in features if feature["properties"].get("kind") == "building"] or features
    boxes = [shape(feature["geometry"]).bounds for feature in solid]
    if not boxes:
        return None
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def _ground(known: Bounds, frame: Frame) -> str:
    """The known part of the Earth; the rest of the picture stays blank."""
    left, low = frame.to_px(known[0], known[1])
    right, high = frame.to_px(known[2], known[3])
    return f'<path class="p-ground" d="M{left:.0f} {high:.0f}H{right:.0f}V{low:.0f}H{left:.0f}z"/>'


def _place(project: Project) -> str:
    return pick(project.place_name) or str(project)


def _svg(body: str, label: str) -> SafeString:
    if not body:
        return mark_safe("")
    # The body is numbers and our own class names.
    return format_html(
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}" preserveAspectRatio="xMidYMid slice">{}</svg>',
        WIDTH, HEIGHT, label, mark_safe(body),
    )  # fmt: skip


def plan(features: Iterable[Feature], frame: Frame) -> str:
    """SVG elements of water, green and streets seen from straight above."""
    layers = _layers(features, frame)
    return "".join(_flat(kind, layers.get(kind, [])) for kind in ("water", "green", "street", "bridge"))


def slanted(features: Iterable[Feature], frame: Frame) -> str:
    """SVG elements of everything, buildings drawn with walls from the far side to the near side."""
    layers = _layers(features, frame)
    ground = "".join(_flat(kind, layers.get(kind, [])) for kind in ("water", "green", "street", "bridge", "closed"))
    largest = sorted(layers.get("building", []), key=lambda entry: -entry[0].area)[:MOST_BUILDINGS]
    nearest_last = sorted(largest, key=lambda entry: entry[0].bounds[3])
    return ground + "".join(
        _standing(footprint, height_m / frame.metres_per_px) for footprint, height_m in nearest_last
    )


def _layers(features: Iterable[Feature], frame: Frame) -> dict[str, list[tuple[BaseGeometry, float]]]:
    """Geometry by kind, clipped to the frame and thinned to what a pixel can show, with its height in metres."""
    layers: dict[str, list[tuple[BaseGeometry, float]]] = {}
    for feature in features:
        kind = feature["properties"].get("kind")
        if kind not in KINDS:
            continue
        drawn = affinity.affine_transform(shape(feature["geometry"]), frame.matrix())
        margin = 40 if kind == "building" else 4
        drawn = clip_by_rect(drawn, -margin, -margin, WIDTH + margin, HEIGHT + margin).simplify(0.7)
        if drawn.is_empty or (drawn.area < SMALLEST_PX2 if drawn.area else drawn.length < 6):
            continue
        layers.setdefault(kind, []).append((drawn, float(feature["properties"].get("height_m") or 0)))
    return layers


def _flat(kind: str, drawn: list[tuple[BaseGeometry, float]]) -> str:
    parts = [part for geometry, _height in drawn for part in _parts(geometry)]
    if not parts:
        return ""
    areas = "".join(_path(part) for part in parts if isinstance(part, Polygon))
    lines = "".join(_path(part) for part in parts if not isinstance(part, Polygon))
    body = f'<path class="p-{kind} area" fill-rule="evenodd" d="{areas}"/>' if areas else ""
    if lines:
        body += f'<path class="p-{kind}" d="{lines}"/>'
    if kind == "closed":
        body += f'<path class="p-closed-stripe" d="{areas}{lines}"/>'
    return body


def _parts(geometry: BaseGeometry) -> Iterator[BaseGeometry]:
    yield from getattr(geometry, "geoms", [geometry])


def _path(part: BaseGeometry) -> str:
    if isinstance(part, Polygon):
        return "".join(f"{_moves(ring.coords[:-1])}z" for ring in (part.exterior, *part.interiors))
    return _moves(part.coords) if part.geom_type == "LineString" else ""


def _moves(points: Iterable[Sequence[float]]) -> str:
    """Whole pixels, relative moves: a third of the bytes of absolute decimals."""
    rounded = [(round(x), round(y)) for x, y, *_z in points]
    steps = [(x - px, y - py) for (px, py), (x, y) in itertools.pairwise(rounded)]
    first = f"M{rounded[0][0]} {rounded[0][1]}" if rounded else ""
    return first + "".join(f"l{dx} {dy}" for dx, dy in steps if dx or dy)


def _standing(footprint: BaseGeometry, rise_px: float) -> str:
    """A building: the walls that face the viewer, then the roof."""
    rise = max(round(rise_px * math.sqrt(1 - TILT**2)), 2)
    polygons = list(footprint.geoms) if isinstance(footprint, MultiPolygon) else [footprint]
    solid = [part for part in polygons if isinstance(part, Polygon)]
    walls = "".join(wall for part in solid for wall in _walls(part, rise))
    roof = "".join(_path(affinity.translate(part, yoff=-rise)) for part in solid)
    return f'<path class="p-wall" d="{walls}"/><path class="p-roof" fill-rule="evenodd" d="{roof}"/>' if roof else ""


def _walls(part: Polygon, rise: int) -> Iterator[str]:
    ring = [(round(x), round(y)) for x, y, *_z in part.exterior.coords]
    if not part.exterior.is_ccw:
        ring.reverse()
    for (x, y), (next_x, next_y) in itertools.pairwise(ring):
        if next_x < x:  # its outside looks towards the viewer
            yield f"M{x} {y}l{next_x - x} {next_y - y}v{-rise}L{x} {y - rise}z"


def _area(project: Project, frame: Frame) -> str:
    drawn = affinity.affine_transform(shape({"type": "Polygon", "coordinates": project.area.coords}), frame.matrix())  # type: ignore[union-attr]
    return f'<path class="p-area" d="{_path(drawn)}"/>'


def _pin(number: int, project: Project, frame: Frame) -> str:
    centre = project.area.centroid  # type: ignore[union-attr]
    x, y = frame.to_px(centre.x, centre.y)
    return f'<g class="p-pin"><circle cx="{x:.0f}" cy="{y:.0f}" r="20"/><text x="{x:.0f}" y="{y + 8:.0f}">{number}</text></g>'


def _dot(you: Point, frame: Frame) -> str:
    x, y = frame.to_px(you.x, you.y)
    return f'<circle class="p-you" cx="{x:.0f}" cy="{y:.0f}" r="11"/>'
