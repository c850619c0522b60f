"""What vehicles emit per kilometre: data with source and year, since they age faster than any formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from scenarios.library.arrays import Floats
from scenarios.library.cnossos_tables import CATEGORIES
from scenarios.library.registry import Model, Port

SECONDS_PER_DAY: Final = 86_400.0
MICROGRAMS_PER_M: Final = 1000.0
"""1 g/km is 1,000 µg/m."""


@dataclass(frozen=True, eq=False)
class EmissionFactors:
    """Nitrogen oxides by vehicle category, g/km (as NO2), when traffic flows and when it stands; shape ``(5,)``."""

    source: str
    year: int
    nox_flowing: Floats
    nox_stagnant: Floats
    no2_share: float
    """Share of the nitrogen oxides that leaves the exhaust as NO2, 0 to 1."""


TIER_1: Final = EmissionFactors(
    source="EMEP/EEA air pollutant emission inventory guidebook, 1.A.3.b, tier 1: NOx per kg of fuel times typical "
    "fuel use; cars two in three petrol; two-wheelers petrol. Mean of an ageing fleet, no cold starts apart.",
    year=2019,
    nox_flowing=np.array([0.67, 8.01, 8.01, 0.13, 0.23]),
    nox_stagnant=np.array([0.67, 8.01, 8.01, 0.13, 0.23]),
    no2_share=0.2,
)


def from_csv(text: str) -> EmissionFactors:
    """A city's own table.

    Columns ``category, nox_flowing_g_km, nox_stagnant_g_km, no2_share, source, year``, one row per category.

    Raises:
        ValueError: naming the category or the column that is missing or no number.
    """
    rows = {str(row.get("category", "")).strip(): row for row in csv.DictReader(io.StringIO(text))}
    if missing := [category for category in CATEGORIES if category not in rows]:
        raise ValueError(f"the table has no row for {', '.join(missing)}; it needs {', '.join(CATEGORIES)}")
    columns = {
        name: np.array([_number(rows[category], name, category) for category in CATEGORIES])
        for name in ("nox_flowing_g_km", "nox_stagnant_g_km", "no2_share", "year")
    }
    if (columns["no2_share"] > 1).any():
        raise ValueError("no2_share is a share from 0 to 1")
    return EmissionFactors(
        source=str(rows[CATEGORIES[0]].get("source") or "not stated"),
        year=int(columns["year"].min()),
        nox_flowing=columns["nox_flowing_g_km"],
        nox_stagnant=columns["nox_stagnant_g_km"],
        no2_share=float(columns["no2_share"][0]),
    )


def _number(row: Mapping[str, Any], name: str, category: str) -> float:
    try:
        value = float(row.get(name) or "")
    except ValueError:
        raise ValueError(f"{name} of {category} is no number") from None
    if not np.isfinite(value) or value < 0:
        raise ValueError(f"{name} of {category} must not be negative")
    return value


def nox_ug_per_m_s(
    vehicles_per_day: Floats, stagnation: Floats | float = 0.0, factors: EmissionFactors = TIER_1
) -> Floats:
    """Nitrogen oxides from a metre of road, µg/(m·s), shape ``(n_links,)``.

    Args:
        vehicles_per_day: by link and category, shape ``(n_links, 5)``.
        stagnation: share of the vehicles in standing traffic, 0 to 1, shape ``(n_links,)`` or one for all.

    Source: Rijkswaterstaat, Regeling beoordeling luchtkwaliteit 2007, annex 1 (SRM-1).
    """
    share = np.broadcast_to(np.asarray(stagnation, dtype=np.float64), (len(vehicles_per_day),))[:, None]
    grams = vehicles_per_day * ((1 - share) * factors.nox_flowing + share * factors.nox_stagnant)
    emitted: Floats = grams.sum(axis=1) * MICROGRAMS_PER_M / SECONDS_PER_DAY
    return emitted


def _exhaust(vehicles_per_h: Floats, emission_scale: float, hour_share: float) -> Mapping[str, Any]:
    return {"nox_ug_m_s": emission_scale * nox_ug_per_m_s(vehicles_per_h / hour_share)}


MODELS = (
    Model(
        name="exhaust",
        version="1",
        inputs={
            "vehicles_per_h": Port("links and vehicle categories", "{vehicles}/h"),
            "emission_scale": Port("number", "1"),
            "hour_share": Port("number", "1"),
        },
        outputs={"nox_ug_m_s": Port("per link", "ug/m/s")},
        validity=f"Mean factors of the year {TIER_1.year} for a mixed fleet; no cold starts, no hills, no stop and go.",
        source=TIER_1.source,
        compute=_exhaust,
    ),
)
