"""Places on the ellipsoid and true metres.

Globe coordinates are EPSG:4978 (earth-centred, earth-fixed); local ones are east, north, up at an origin. Formulas with
their constants: WGS 84, NIMA TR8350.2 (2000); ENU rotation: Misra & Enge, *Global Positioning System* (2006), 4.A.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyproj

from sources.table import Floats, Ints

WGS84_A: Final = 6_378_137.0
WGS84_F: Final = 1 / 298.257223563
WGS84_E2: Final = WGS84_F * (2 - WGS84_F)
ETRS_TM35FIN: Final = 3067

_GEOD: Final = pyproj.Geod(ellps="WGS84")


def to_ecef(lonlat: Floats, height_m: Floats | float = 0.0) -> Floats:
    """Degrees ``(n, 2)`` and ellipsoidal heights in metres ``(n,)`` to EPSG:4978 metres ``(n, 3)``."""
    lon, lat = np.radians(lonlat[:, 0]), np.radians(lonlat[:, 1])
    prime_vertical = WGS84_A / np.sqrt(1 - WGS84_E2 * np.sin(lat) ** 2)
    return np.stack(
        [
            (prime_vertical + height_m) * np.cos(lat) * np.cos(lon),
            (prime_vertical + height_m) * np.cos(lat) * np.sin(lon),
            (prime_vertical * (1 - WGS84_E2) + height_m) * np.sin(lat),
        ],
        axis=1,
    )


def from_ecef(xyz: Floats) -> tuple[Floats, Floats]:
    """EPSG:4978 metres ``(n, 3)`` to degrees ``(n, 2)`` and ellipsoidal heights ``(n,)``.

    Source: Bowring (1985), one step: below 0.1 mm for heights under 10 km.
    """
    x, y, z = xyz.T
    minor = WGS84_A * (1 - WGS84_F)
    across = np.hypot(x, y)
    angle = np.arctan2(z * WGS84_A, across * minor)
    second = WGS84_E2 / (1 - WGS84_E2)
    lat = np.arctan2(z + second * minor * np.sin(angle) ** 3, across - WGS84_E2 * WGS84_A * np.cos(angle) ** 3)
    prime_vertical = WGS84_A / np.sqrt(1 - WGS84_E2 * np.sin(lat) ** 2)
    height = across * np.cos(lat) + z * np.sin(lat) - WGS84_A**2 / prime_vertical
    return np.degrees(np.stack([np.arctan2(y, x), lat], axis=1)), height


@dataclass(frozen=True)
class LocalFrame:
    """East, north, up in metres at one origin."""

    lon: float
    lat: float
    height_m: float = 0.0

    @property
    def rotation(self) -> Floats:
        """Rows are the east, north and up unit vectors in EPSG:4978, shape ``(3, 3)``."""
        lon, lat = np.radians(self.lon), np.radians(self.lat)
        return np.array(
            [
                [-np.sin(lon), np.cos(lon), 0.0],
                [-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)],
                [np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)],
            ]
        )

    @property
    def position(self) -> Floats:
        """The origin in EPSG:4978 metres, shape ``(3,)``."""
        at: Floats = to_ecef(np.array([[self.lon, self.lat]]), self.height_m)[0]
        return at

    def to_local(self, lonlat: Floats, height_m: Floats | float = 0.0) -> Floats:
        """Degrees ``(n, 2)`` to east, north, up in metres ``(n, 3)``."""
        return (to_ecef(lonlat, height_m) - self.position) @ self.rotation.T

    def from_local(self, enu: Floats) -> Floats:
        """East, north, up in metres ``(n, 3)`` to degrees ``(n, 2)``."""
        return from_ecef(enu @ self.rotation + self.position)[0]

    @property
    def matrix(self) -> list[float]:
        """ENU → EPSG:4978 as the 16 numbers, column by column, that 3D Tiles calls ``transform``."""
        full = np.eye(4)
        full[:3, :3], full[:3, 3] = self.rotation.T, self.position
        return [float(v) for v in full.T.reshape(-1)]


def metres(lonlat: Floats, epsg: int = ETRS_TM35FIN) -> Floats:
    """Degrees ``(n, 2)`` to easting and northing in a national grid, by default ETRS-TM35FIN."""
    grid = pyproj.Transformer.from_crs(4326, epsg, always_xy=True)
    return np.stack(grid.transform(lonlat[:, 0], lonlat[:, 1]), axis=1)


def degrees(easting_northing: Floats, epsg: int = ETRS_TM35FIN) -> Floats:
    """The way back from ``metres``."""
    grid = pyproj.Transformer.from_crs(epsg, 4326, always_xy=True)
    return np.stack(grid.transform(easting_northing[:, 0], easting_northing[:, 1]), axis=1)


def line_lengths_m(lonlat: Floats, offsets: Ints) -> Floats:
    """Length on the ellipsoid of each line of a ragged array, shape ``(len(offsets) - 1,)``. Source: Karney (2013)."""
    steps = np.zeros(len(lonlat) + 1)
    if len(lonlat) > 1:
        _, _, steps[1:-1] = _GEOD.inv(lonlat[:-1, 0], lonlat[:-1, 1], lonlat[1:, 0], lonlat[1:, 1])
    steps[offsets[1:-1]] = 0.0  # from the end of one line to the start of the next
    total = np.cumsum(steps)
    lengths: Floats = total[np.maximum(offsets[1:] - 1, 0)] - total[offsets[:-1]]
    return lengths
