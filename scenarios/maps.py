"""The map of differences, drawn from the network's own geometry as SVG: colour, pattern and words say the same."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from typing import Final

import numpy as np
from django.core.cache import cache
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from engagement.pictures import Frame
from scenarios import running
from scenarios.library.arrays import Floats, Ints
from scenarios.library.city import RING, STREET, CityNetwork
from scenarios.models import Run

STYLES: Final = {0: "same", -1: "less-1", -2: "less-2", 1: "more-1", 2: "more-2"}
"""Style by difference class, drawn in this order: what changes lies on top."""
KEPT_S: Final = 3600
MARGIN_PX: Final = 12


def of_run(run: Run) -> SafeString:
    """The picture of a finished run. Raises NotFinished."""
    key = f"scenarios.map.{run.pk}"
    body = cache.get(key)
    if body is None:
        body = _drawn(run)
        cache.set(key, body, KEPT_S)
    return _svg(body, run.scenario.network.city(), _("Map of the streets: what changes is in the table beside it."))


def of_network(city: CityNetwork) -> SafeString:
    """Streets and ring of a network before anything was computed."""
    frame = _frame(city)
    body = _path("d-plain", city, np.flatnonzero(city.kind == STREET), frame) + _ring(city, frame)
    return _svg(body, city, _("Map of the streets in the network, with the assumed ring around it."))


def _svg(body: str, city: CityNetwork, label: str) -> SafeString:
    """The picture, cut to what is drawn. The body is numbers and our own class names."""
    pixels = np.array(_pixels(city.lonlat, _frame(city)))
    left, top = pixels.min(axis=0) - MARGIN_PX
    width, height = pixels.max(axis=0) + MARGIN_PX - (left, top)
    return format_html(
        '<svg class="difference" viewBox="{} {} {} {}" role="img" aria-label="{}">{}</svg>',
        left, top, width, height, label, mark_safe(body),
    )  # fmt: skip


def _drawn(run: Run) -> str:
    found, city = running.results(run), run.scenario.network.city()
    frame = _frame(city)
    closed = city.links_of(np.array(run.scenario.closed_ways(), dtype=np.int64))
    position = np.searchsorted(found.way_id, city.way_id)
    cls = np.where(city.kind == STREET, found.way_class[np.minimum(position, len(found.way_id) - 1)], 0)
    layers = [_ring(city, frame)]
    for value, style in STYLES.items():
        links = np.flatnonzero((city.kind == STREET) & ~closed & (cls == value))
        layers.append(_path(f"d-{style}", city, links, frame))
    shut = np.flatnonzero(closed)
    layers += [_path("d-closed", city, shut, frame), _path("d-closed-stripe", city, shut, frame)]
    return "".join(layers)


def _frame(city: CityNetwork) -> Frame:
    street = np.repeat(city.kind, np.diff(city.coord_offsets)) == STREET
    west, south = city.lonlat[street].min(axis=0)
    east, north = city.lonlat[street].max(axis=0)
    return Frame.around(float(west), float(south), float(east), float(north))


def _ring(city: CityNetwork, frame: Frame) -> str:
    return _path("d-ring", city, np.flatnonzero(city.kind == RING), frame)


def _path(style: str, city: CityNetwork, links: Ints, frame: Frame) -> str:
    """One path element for many links; both directions of a street are drawn once."""
    drawn: set[tuple[tuple[int, int], ...]] = set()
    moves = []
    for link in links.tolist():
        points = _thinned(_pixels(city.course(link), frame))
        way = min(tuple(points), tuple(reversed(points)))
        if len(points) > 1 and way not in drawn:
            drawn.add(way)
            moves.append(_moves(points))
    return f'<path class="{style}" d="{"".join(moves)}"/>' if moves else ""


def _pixels(course: Floats, frame: Frame) -> list[tuple[int, int]]:
    a, _b, _d, e, x, y = frame.matrix()
    return [(round(a * lon + x), round(e * lat + y)) for lon, lat in course.tolist()]


def _thinned(points: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Points that fall on the same pixel as the one before say nothing."""
    return [point for point, _same in itertools.groupby(points)]


def _moves(points: list[tuple[int, int]]) -> str:
    """Whole pixels, relative moves: a third of the bytes of absolute decimals."""
    steps = "".join(f"l{bx - ax} {by - ay}" for (ax, ay), (bx, by) in itertools.pairwise(points))
    return f"M{points[0][0]} {points[0][1]}{steps}"
