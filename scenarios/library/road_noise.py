"""How loud traffic is at its source: sound power of a metre of road by octave band (CNOSSOS-EU).

Source: Directive (EU) 2015/996, annex, 2.2, amended by Delegated Directive (EU) 2021/1226.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from scenarios.library import cnossos_tables as tables
from scenarios.library.arrays import Floats
from scenarios.library.cnossos_tables import CATEGORIES, EDITION_2021, Coefficients
from scenarios.library.registry import Model, Port

REFERENCE_KMH: Final = 70.0
SLOWEST_KMH: Final = 20.0
JUNCTION_REACH_M: Final = 100.0
STEEPEST_PERCENT: Final = 12.0
SILENT_DB: Final = -99.0


@dataclass(frozen=True)
class Conditions:
    """What else the sound of a road depends on."""

    temperature_c: float = 20.0
    surface: str = "reference"
    slope_percent: float = 0.0
    """Uphill positive, in the direction of travel."""
    junction_m: float = 1000.0
    """Distance to the nearest signalled crossing or roundabout; it matters below 100 m."""
    junction_kind: int = tables.CROSSING
    studded_share: float = 0.0
    """Share of light vehicles with studded tyres in the months when they are used, 0 to 1."""
    studded_months: float = 0.0


def sound_power_db(
    vehicles_per_h: Floats,
    speed_kmh: Floats,
    conditions: Conditions | None = None,
    coefficients: Coefficients = EDITION_2021,
) -> Floats:
    """Sound power level of one metre of road, dB re 1 pW per metre.

    Args:
        vehicles_per_h: by link and category, shape ``(n_links, 5)``; categories as in ``CATEGORIES``.
        speed_kmh: mean speed, same shape; below 20 km/h counts as 20, since the method ends there.
    Returns:
        Shape ``(n_links, 8)`` for the bands 63 Hz to 8 kHz, not A-weighted; -99 where nothing drives.
    Raises:
        ValueError: for a negative flow, or a surface that the edition does not have.
    """
    given = conditions or Conditions()
    if (vehicles_per_h < 0).any():
        raise ValueError("vehicles per hour must not be negative")
    if given.surface not in coefficients.surfaces:
        known = ", ".join(coefficients.surfaces)
        raise ValueError(f"the edition {coefficients.edition} has no surface {given.surface!r}; it has {known}")
    speed = np.maximum(speed_kmh, SLOWEST_KMH)[..., None]
    one_vehicle = 10.0 ** (_vehicle_db(speed, given, coefficients) / 10)
    per_metre = vehicles_per_h[..., None] / (1000.0 * speed)
    power = np.sum(one_vehicle * per_metre, axis=1)
    with np.errstate(divide="ignore"):
        level: Floats = np.maximum(10 * np.log10(power), SILENT_DB)
    return level


def _vehicle_db(speed: Floats, given: Conditions, edition: Coefficients) -> Floats:
    """Sound power of one vehicle of each category, dB, shape ``(n_links, 5, 8)``; ``speed`` is ``(n_links, 5, 1)``."""
    decades = np.log10(speed / REFERENCE_KMH)
    surface = edition.surfaces[given.surface]
    nearness = max(1 - abs(given.junction_m) / JUNCTION_REACH_M, 0.0)
    colder = tables.TEMPERATURE_DB_PER_K * (20.0 - given.temperature_c)
    rolling = edition.rolling + edition.rolling_per_decade * decades
    rolling = rolling + surface.alpha_db + surface.beta_db[:, None] * decades
    rolling = rolling + (nearness * tables.JUNCTION_ROLLING_DB[given.junction_kind] + colder)[:, None]
    rolling = rolling + _studded_db(speed, given)
    propulsion = edition.propulsion + edition.propulsion_per_speed * (speed - REFERENCE_KMH) / REFERENCE_KMH
    propulsion = propulsion + np.minimum(surface.alpha_db, 0.0)
    propulsion = propulsion + (nearness * tables.JUNCTION_PROPULSION_DB[given.junction_kind])[:, None]
    propulsion = propulsion + _slope_db(speed, given.slope_percent)
    rolls = np.array([True, True, True, False, False])[:, None]  # two-wheelers are heard by their engines alone
    both: Floats = 10 * np.log10(np.where(rolls, 10 ** (rolling / 10), 0.0) + 10 ** (propulsion / 10))
    return both


def _studded_db(speed: Floats, given: Conditions) -> Floats:
    share = given.studded_share * given.studded_months / 12
    louder = tables.STUDDED_A_DB + tables.STUDDED_B_DB * np.log10(np.clip(speed, 50, 90) / REFERENCE_KMH)
    added = 10 * np.log10((1 - share) + share * 10 ** (louder / 10))
    light = np.array([True, False, False, False, False])[:, None]
    return np.where(light, added, 0.0)


def _slope_db(speed: Floats, slope_percent: float) -> Floats:
    """Engines work harder uphill, and brake steep downhill."""
    down, up = min(STEEPEST_PERCENT, -slope_percent), min(STEEPEST_PERCENT, slope_percent)
    share = speed / 100
    added = np.zeros_like(share)
    added[:, 0] = max(down - 6, 0.0) + share[:, 0] * max(up - 2, 0.0) / 1.5
    added[:, 1] = (share[:, 1] - 0.2) * max(down - 4, 0.0) / 0.7 + share[:, 1] * max(up, 0.0)
    added[:, 2] = (share[:, 2] - 0.1) * max(down - 4, 0.0) / 0.5 + share[:, 2] * max(up, 0.0) / 0.8
    return added


def _sound_power(vehicles_per_h: Floats, speed_kmh: Floats) -> Mapping[str, Any]:
    return {"sound_power_db": sound_power_db(vehicles_per_h, speed_kmh)}


MODELS = (
    Model(
        name="road noise emission",
        version="1",
        inputs={
            "vehicles_per_h": Port("links and vehicle categories", "{vehicles}/h"),
            "speed_kmh": Port("links and vehicle categories", "km/h"),
        },
        outputs={"sound_power_db": Port("links and octave bands", "dB")},
        validity="Steady traffic from 20 to 130 km/h at 20 °C on the reference surface. Engines at idle, horns, sirens "
        "and trams are not in it.",
        source="CNOSSOS-EU: Directive (EU) 2015/996, annex 2.2, amended by (EU) 2021/1226; "
        f"categories: {', '.join(CATEGORIES)}",
        compute=_sound_power,
    ),
)
