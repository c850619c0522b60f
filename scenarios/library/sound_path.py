"""How much quieter sound gets on its way over flat ground (CNOSSOS-EU), in still air and with the wind.

Source: Directive (EU) 2015/996, annex, 2.5; air absorption: ISO 9613-1:1993. Screens, buildings, reflections and slopes
are not in it: it is right where the receiver sees the road, and too loud behind houses.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from scenarios.library.arrays import Floats
from scenarios.library.cnossos_tables import BANDS_HZ

FAVOURABLE_SHARE: Final = 0.5
"""Share of the time in which wind or layers of air bend sound down to the ground; the Directive's default by day."""
BENDING_PER_M: Final = 2e-4
TURBULENCE_M: Final = 6e-3
FLAT_ENOUGH: Final = 30.0
FARTHEST_M: Final = 800.0
LOWEST_RECEIVER_M: Final = 2.0
OCTAVES_FROM_1_KHZ: Final = np.arange(-4, 4)
KELVIN: Final = 273.15
REFERENCE_K: Final = 293.15
SPEED_OF_SOUND: Final = 340.0


def air_absorption_db_per_km(temperature_c: float = 10.0, humidity_percent: float = 70.0) -> Floats:
    """Absorption in air at sea level by octave band, dB per km, shape ``(8,)``. Source: ISO 9613-1, formulas 3 to 5."""
    frequency = 1000.0 * 10.0 ** (3 * OCTAVES_FROM_1_KHZ / 10)
    kelvin = temperature_c + KELVIN
    relative = kelvin / REFERENCE_K
    saturation = 10 ** (-6.8346 * (273.16 / kelvin) ** 1.261 + 4.6151)
    vapour = humidity_percent * saturation
    oxygen = 24 + 4.04e4 * vapour * (0.02 + vapour) / (0.391 + vapour)
    nitrogen = relative**-0.5 * (9 + 280 * vapour * np.exp(-4.170 * (relative ** (-1 / 3) - 1)))
    relaxation = 0.01275 * np.exp(-2239.1 / kelvin) / (oxygen + frequency**2 / oxygen)
    relaxation = relaxation + 0.1068 * np.exp(-3352.0 / kelvin) / (nitrogen + frequency**2 / nitrogen)
    per_m: Floats = 8.686 * frequency**2 * (1.84e-11 * np.sqrt(relative) + relative**-2.5 * relaxation)
    return per_m * 1000


def level_change_db(
    distance_m: Floats,
    source_height_m: float,
    receiver_height_m: float,
    ground: Floats | float,
    *,
    ground_at_source: float = 0.0,
    favourable_share: float = FAVOURABLE_SHARE,
    absorption_db_per_km: Floats | None = None,
) -> Floats:
    """Level at a receiver minus the sound power level of a point source, dB by octave band.

    Args:
        distance_m: horizontal distance, metres, shape ``(n,)``; valid up to 800 m.
        source_height_m, receiver_height_m: above flat ground; receivers from 2 m up.
        ground: 0 hard … 1 porous along the path (a mean weighted by length), shape ``(n,)`` or one for all.
        ground_at_source: the same at the source; 0 on a road.
        favourable_share: share of the time with downward refraction, 0 to 1.
    Returns:
        Shape ``(n, 8)``, negative.
    """
    still = homogeneous_db(
        distance_m, source_height_m, receiver_height_m, ground, ground_at_source, absorption_db_per_km
    )
    bent = favourable_db(distance_m, source_height_m, receiver_height_m, ground, ground_at_source, absorption_db_per_km)
    energy = favourable_share * 10 ** (bent / 10) + (1 - favourable_share) * 10 ** (still / 10)
    level: Floats = 10 * np.log10(energy)
    return level


def homogeneous_db(
    distance_m: Floats, zs: float, zr: float, ground: Floats | float, at_source: float, absorption: Floats | None = None
) -> Floats:
    """Level change in still air, dB, shape ``(n, 8)``; ``zs`` and ``zr`` are heights over the ground."""
    d, g = _columns(distance_m, ground)
    near = _ground_near(d, zs + zr, g, at_source)
    floor = -3 * (1 - near)
    reflected = _ground_db(d, zs, zr, near)
    lost = np.where(g > 0, np.maximum(reflected, floor), -3.0)
    return -_spreading_db(distance_m, zs, zr, absorption) - lost


def favourable_db(
    distance_m: Floats, zs: float, zr: float, ground: Floats | float, at_source: float, absorption: Floats | None = None
) -> Floats:
    """Level change when wind or layers of air bend sound down, dB, shape ``(n, 8)``."""
    d, g = _columns(distance_m, ground)
    near = _ground_near(d, zs + zr, g, at_source)
    reach = FLAT_ENOUGH * (zs + zr)
    farther = np.where(d > reach, 1 + 2 * (1 - reach / np.maximum(d, reach)), 1.0)
    floor = -3 * (1 - near) * farther
    wobble = TURBULENCE_M * d / (zs + zr)
    raised = [z + BENDING_PER_M * (z / (zs + zr)) ** 2 * d**2 / 2 + wobble for z in (zs, zr)]
    reflected = _ground_db(d, raised[0], raised[1], g)
    lost = np.where(g > 0, np.maximum(reflected, floor), floor)
    return -_spreading_db(distance_m, zs, zr, absorption) - lost


def _columns(distance_m: Floats, ground: Floats | float) -> tuple[Floats, Floats]:
    d = np.maximum(np.asarray(distance_m, dtype=np.float64), 1e-3)[:, None]
    return d, np.broadcast_to(np.asarray(ground, dtype=np.float64), (len(d),))[:, None]


def _ground_near(d: Floats, heights: float, g: Floats, at_source: float) -> Floats:
    """Ground near to the road counts more the nearer the receiver is."""
    share = np.minimum(d / (FLAT_ENOUGH * heights), 1.0)
    return g * share + at_source * (1 - share)


def _ground_db(d: Floats, zs: Floats | float, zr: Floats | float, g: Floats) -> Floats:
    """Attenuation by the ground before it is bounded, dB, shape ``(n, 8)``."""
    k = 2 * np.pi * BANDS_HZ / SPEED_OF_SOUND
    w = 0.0185 * BANDS_HZ**2.5 * g**2.6 / (BANDS_HZ**1.5 * g**2.6 + 1.3e3 * BANDS_HZ**0.75 * g**1.3 + 1.16e6)
    c = d * (1 + 3 * w * d * np.exp(-np.sqrt(w * d))) / (1 + w * d)
    at_source = zs**2 - np.sqrt(2 * c / k) * zs + c / k
    at_receiver = zr**2 - np.sqrt(2 * c / k) * zr + c / k
    attenuation: Floats = -10 * np.log10(4 * k**2 / d**2 * at_source * at_receiver)
    return attenuation


def _spreading_db(distance_m: Floats, zs: float, zr: float, absorption: Floats | None) -> Floats:
    per_km = air_absorption_db_per_km() if absorption is None else absorption
    direct = np.hypot(np.maximum(np.asarray(distance_m, dtype=np.float64), 1e-3), zr - zs)[:, None]
    return 20 * np.log10(direct) + 11 + per_km * direct / 1000
