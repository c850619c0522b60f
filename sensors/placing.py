"""How a site's place is shown, and the sealed place where the box really hangs.

Squares are cells of the European equal-area grid (ETRS89-LAEA, EPSG:3035, as INSPIRE statistics use it), so a cell has
one hectare or twenty-five everywhere. The 500 m cells are made of whole 100 m cells: changing between the two shows no
more than the smaller one. Nothing is random: saving a thousand times shows the same point a thousand times.
"""

from __future__ import annotations

import json
import math
import secrets
from functools import cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.contrib.gis.geos import Point
from pyproj import Transformer

from engagement import geo, keys
from sensors.models import ExactPlace, Site

KEY_NAME = "sensor-places"
NONCE_BYTES = 12
CELL_M = {Site.Shown.CELL_100: 100, Site.Shown.CELL_500: 500}


class CannotOpen(Exception):
    """The sealed place was made with another key, or for another site."""


@cache
def _grid() -> tuple[Transformer, Transformer]:
    there = Transformer.from_crs("EPSG:4326", "EPSG:3035", always_xy=True)
    back = Transformer.from_crs("EPSG:3035", "EPSG:4326", always_xy=True)
    return there, back


def cell_centre(lon: float, lat: float, cell_m: int) -> tuple[float, float]:
    """Centre of the grid cell that holds a point, degrees with six decimals."""
    there, back = _grid()
    x, y = there.transform(lon, lat)
    centre = (math.floor(x / cell_m) + 0.5) * cell_m, (math.floor(y / cell_m) + 0.5) * cell_m
    lon, lat = back.transform(*centre)
    return round(lon, 6), round(lat, 6)


def cell_corners(lon: float, lat: float, cell_m: int) -> list[tuple[float, float]]:
    """The four corners of the grid cell that holds a point, degrees, counter-clockwise from the south-west."""
    there, back = _grid()
    x, y = there.transform(lon, lat)
    west, south = math.floor(x / cell_m) * cell_m, math.floor(y / cell_m) * cell_m
    steps = ((0, 0), (cell_m, 0), (cell_m, cell_m), (0, cell_m))
    return [back.transform(west + right, south + up) for right, up in steps]


def shown_point(lon: float, lat: float, shown_as: str) -> Point | None:
    """What the public sees of an exact place; None where nothing. A segment is shown by :mod:`sensors.segments`."""
    if shown_as == Site.Shown.HIDDEN:
        return None
    if shown_as == Site.Shown.EXACT:
        return geo.point(round(lon, 6), round(lat, 6))
    return geo.point(*cell_centre(lon, lat, CELL_M[Site.Shown(shown_as)]))


def seal(site: Site, lon: float, lat: float) -> ExactPlace:
    """Keep the exact place, readable only with the site's key and only as the place of this very site."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    plain = json.dumps([round(lon, 7), round(lat, 7)]).encode()
    sealed = nonce + _cipher().encrypt(nonce, plain, _bound_to(site.pk))
    place, _created = ExactPlace.objects.update_or_create(site=site, defaults={"sealed": sealed})
    return place


def unseal(place: ExactPlace) -> tuple[float, float]:
    """Longitude and latitude. Raises CannotOpen."""
    sealed = bytes(place.sealed)
    try:
        plain = _cipher().decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], _bound_to(place.site_id))
    except InvalidTag:
        raise CannotOpen(f"the place of site {place.site_id} was sealed with another key") from None
    lon, lat = json.loads(plain)
    return lon, lat


def _cipher() -> AESGCM:
    return AESGCM(keys.secret(KEY_NAME))


def _bound_to(site_id: int) -> bytes:
    return f"site {site_id}".encode()
