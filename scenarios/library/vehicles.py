"""From flows of the modelled hour to what drives on each link over a day: categories, speeds, day and night."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from scenarios.library.arrays import Floats
from scenarios.library.assignment import Assignment
from scenarios.library.registry import Model, Port

EQUILIBRIUM: Final = Port("equilibrium")
BY_CATEGORY: Final = Port("links and vehicle categories", "{vehicles}/h")
SPEEDS: Final = Port("links and vehicle categories", "km/h")


@dataclass(frozen=True)
class DayProfile:
    """How a day's traffic spreads over it. The periods are those of Directive 2002/49/EC: 12, 4 and 8 hours."""

    hour_share: float = 0.085
    """Share of a day's vehicles that drive in the modelled hour."""
    day_share: float = 0.78
    """Share between 7 and 19."""
    evening_share: float = 0.14
    """Share between 19 and 23; the rest drives at night."""
    source: str = "assumed: weekday profile of a city street; no counts are used"

    def per_hour(self) -> tuple[float, float, float]:
        """Mean traffic of an hour by day, evening and night, as multiples of the modelled hour."""
        day = 1 / self.hour_share
        night = 1 - self.day_share - self.evening_share
        return day * self.day_share / 12, day * self.evening_share / 4, day * night / 8


PROFILE: Final = DayProfile()


def by_category(flow_vph: Floats, heavy_share: float) -> Floats:
    """Vehicles per hour by category, shape ``(n_links, 5)``: of the heavy ones two in three are medium heavy (assumed)."""
    shares = np.array([1 - heavy_share, heavy_share * 2 / 3, heavy_share / 3, 0.0, 0.0])
    split: Floats = flow_vph[:, None] * shares
    return split


def _vehicles(equilibrium: Assignment, length_km: Floats, heavy_share: float) -> Mapping[str, Any]:
    speed = length_km / np.maximum(equilibrium.cost / 60, 1e-9)
    return {
        "vehicles_per_h": by_category(equilibrium.flow, heavy_share),
        "speed_kmh": np.repeat(speed[:, None], 5, axis=1),
    }


MODELS = (
    Model(
        name="vehicles and speeds",
        version="1",
        inputs={
            "equilibrium": EQUILIBRIUM,
            "length_km": Port("per link", "km"),
            "heavy_share": Port("number", "1"),
        },
        outputs={"vehicles_per_h": BY_CATEGORY, "speed_kmh": SPEEDS},
        validity="All categories drive at the mean speed of the link; one share of heavy vehicles everywhere.",
        source="own",
        compute=_vehicles,
    ),
)
