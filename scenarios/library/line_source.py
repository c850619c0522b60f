"""What a straight road in open terrain adds to the air: a finite line of point plumes, integrated exactly.

Source: Gaussian plume with reflection at the ground (Turner, *Workbook of Atmospheric Dispersion Estimates*, 1970);
Briggs' rural dispersion for neutral air (class D), held at the downwind distance of the road's nearest part.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
from scipy.special import erf

from scenarios.library.arrays import Floats
from scenarios.library.registry import Model, Port

LEAST_M: Final = 1.0


def dispersion_m(downwind_m: Floats) -> tuple[Floats, Floats]:
    """Crosswind and vertical spread of a plume in neutral air over open country, metres. Source: Briggs (1973)."""
    x = np.maximum(downwind_m, LEAST_M)
    return 0.08 * x / np.sqrt(1 + 1e-4 * x), 0.06 * x / np.sqrt(1 + 1.5e-3 * x)


def concentration_ug_m3(
    downwind_m: Floats,
    from_m: Floats,
    to_m: Floats,
    *,
    emission_ug_m_s: Floats | float,
    wind_m_s: float,
    receptor_height_m: float = 1.5,
    source_height_m: float = 0.5,
) -> Floats:
    """Concentration downwind of a road at right angles to the wind, µg/m³, shape ``(n,)``.

    Args:
        downwind_m: distance of the receptor from the road along the wind, metres; 0 upwind and on the road gives 0.
        from_m, to_m: ends of the road across the wind, seen from the receptor, metres, ``from_m <= to_m``.
        emission_ug_m_s: of a metre of road, µg/(m·s).
        wind_m_s: at source height, above 0.
    Raises:
        ValueError: without wind the plume has no direction.
    """
    if wind_m_s <= 0:
        raise ValueError("the wind must blow: a plume without wind has no direction")
    across, up = dispersion_m(downwind_m)
    z, h = receptor_height_m, source_height_m
    vertical = np.exp(-((z - h) ** 2) / (2 * up**2)) + np.exp(-((z + h) ** 2) / (2 * up**2))
    part = (erf(to_m / (np.sqrt(2) * across)) - erf(from_m / (np.sqrt(2) * across))) / 2
    found = emission_ug_m_s / (np.sqrt(2 * np.pi) * up * wind_m_s) * vertical * part
    return np.where(downwind_m > 0, found, 0.0)


def _open_terrain(
    downwind_m: Floats, from_m: Floats, to_m: Floats, emission_ug_m_s: Floats, wind_m_s: float
) -> Mapping[str, Any]:
    return {
        "nox_ug_m3": concentration_ug_m3(downwind_m, from_m, to_m, emission_ug_m_s=emission_ug_m_s, wind_m_s=wind_m_s)
    }


MODELS = (
    Model(
        name="air in open terrain",
        version="1",
        inputs={
            "downwind_m": Port("receptors", "m"),
            "from_m": Port("receptors", "m"),
            "to_m": Port("receptors", "m"),
            "emission_ug_m_s": Port("receptors", "ug/m/s"),
            "wind_m_s": Port("number", "m/s"),
        },
        outputs={"nox_ug_m3": Port("receptors", "ug/m3")},
        validity="Flat open country, neutral air, wind across the road and above 1 m/s, 10 m to 1 km. Not for streets "
        "between houses.",
        source="Turner (1970); dispersion of Briggs (1973), class D",
        compute=_open_terrain,
    ),
)
