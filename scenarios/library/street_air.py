"""What traffic adds to the air beside a street: the Dutch standard calculation method 1 (SRM-1), annual means.

Source: Regeling beoordeling luchtkwaliteit 2007 (Netherlands), annex 1; coefficients checked by the continuity of the
near and the far law at 30 m.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from scenarios.library.arrays import Floats
from scenarios.library.emission_factors import TIER_1
from scenarios.library.registry import Model, Port
from scenarios.library.ways import Ways

NEAREST_M: Final = 3.5
NEAR_UNTIL_M: Final = 30.0
FARTHEST_M: Final = 60.0
REFERENCE_WIND_M_S: Final = 5.0
SCALE: Final = 0.62
NO2_B: Final = 0.6
NO2_K: Final = 100.0
FAR_POWER: Final = -0.747
STREET_TYPES: Final[Mapping[int, tuple[float, float, float, float | None]]] = {
    1: (3.25e-4, -2.05e-2, 0.39, 0.856),
    2: (4.88e-4, -3.08e-2, 0.59, None),
    3: (5.00e-4, -3.16e-2, 0.57, None),
    4: (3.10e-4, -1.82e-2, 0.33, 0.799),
}
"""a, b, c and the far coefficient: 1 open, 2 base type with buildings on both sides at some distance, 3 street canyon,
4 buildings on one side."""
TREE_FACTORS: Final = (1.0, 1.25, 1.5)
STREET_TYPE: Final = 2
KERB_M: Final = 10.0
MATERIAL_UG_M3: Final = 0.4
"""One per cent of the limit value of 40 µg/m³ (Directive 2008/50/EC): less is not worth a colour."""
STRONG_UG_M3: Final = 2.0


def dilution(distance_m: Floats, street_type: int) -> Floats:
    """How much of the emission is left at a distance from the axis, s/m² times 1e-6, shape ``(n,)``.

    Raises:
        ValueError: outside the range of the method, or for a type of street that it does not know.
    """
    if street_type not in STREET_TYPES:
        raise ValueError(f"street type {street_type} is not one of 1 to 4")
    a, b, c, far = STREET_TYPES[street_type]
    limit = NEAR_UNTIL_M if far is None else FARTHEST_M
    if (distance_m < NEAREST_M).any() or (distance_m > limit).any():
        raise ValueError(f"SRM-1 holds from {NEAREST_M:g} to {limit:g} m for street type {street_type}")
    near = a * distance_m**2 + b * distance_m + c
    return near if far is None else np.where(distance_m <= NEAR_UNTIL_M, near, far * distance_m**FAR_POWER)


def nox_ug_m3(
    emission_ug_m_s: Floats, distance_m: Floats, *, street_type: int, trees: float = 1.0, wind_m_s: float
) -> Floats:
    """Nitrogen oxides from this street's traffic, annual mean, µg/m³, shape ``(n,)``.

    Args:
        emission_ug_m_s: of both directions, µg/(m·s).
        trees: 1, 1.25 or 1.5 for none, some, many crowns over the street.
        wind_m_s: annual mean over the city.
    """
    added: Floats = (
        SCALE * emission_ug_m_s * dilution(distance_m, street_type) * trees * (REFERENCE_WIND_M_S / wind_m_s)
    )
    return added


def no2_ug_m3(nox: Floats, *, no2_share: float, ozone_ug_m3: float) -> Floats:
    """NO2 of that: what leaves the exhaust as NO2, and what ozone makes of the rest, µg/m³, shape ``(n,)``."""
    rest = nox * (1 - no2_share)
    added: Floats = no2_share * nox + NO2_B * ozone_ug_m3 * rest / (rest + NO2_K)
    return added


def _beside_streets(nox_ug_m_s: Floats, streets: Ways, wind_m_s: float, ozone_ug_m3: float) -> Mapping[str, Any]:
    emission = streets.flow(nox_ug_m_s)
    at_kerb = np.full(len(emission), KERB_M)
    nox = nox_ug_m3(emission, at_kerb, street_type=STREET_TYPE, wind_m_s=wind_m_s)
    return {"no2_ug_m3": no2_ug_m3(nox, no2_share=TIER_1.no2_share, ozone_ug_m3=ozone_ug_m3)}


MODELS = (
    Model(
        name="air beside streets",
        version="1",
        inputs={
            "nox_ug_m_s": Port("per link", "ug/m/s"),
            "streets": Port("streets"),
            "wind_m_s": Port("number", "m/s"),
            "ozone_ug_m3": Port("number", "ug/m3"),
        },
        outputs={"no2_ug_m3": Port("per street", "ug/m3")},
        validity="Annual mean at 10 m from the axis (the method holds from 3.5 to 30 m), street type 2 everywhere. Only "
        "what this street's own cars add: no background, no other streets, no ships or heating.",
        source="SRM-1: Regeling beoordeling luchtkwaliteit 2007, annex 1",
        compute=_beside_streets,
    ),
)
