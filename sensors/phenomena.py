"""What is measured: observed properties with their units and the limits that the checks use.

No database. A kind of payload (``sensors/kinds/``) names the properties that it delivers; a property that no file
here knows is declared in the kind's own file.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from engagement import units


class Summing(StrEnum):
    """How readings of an hour become one number: noise and wind have no arithmetic mean."""

    MEAN = "mean"
    SUM = "sum"
    ENERGY = "energy"
    CIRCULAR = "circular"


@dataclass(frozen=True)
class ObservedProperty:
    """One thing that can be measured (OGC SensorThings ``ObservedProperty``).

    Args:
        unit: UCUM code of every stored value.
        possible: outside of these limits a value is an error of the device and is refused.
        plausible: outside of these it is kept and flagged.
        step: the largest credible change between neighbouring readings; None where jumps are ordinary.
        stuck_h: so many hours without any change are not credible; None where constancy is ordinary.
        resting: the value at which constancy is ordinary (no car at night); None if there is none.
        decimals: digits after the point that people are shown.
        neighbour_ratio: so many times more or less than the neighbours, and at least ``neighbour_least`` apart, is worth a
            mark; None where places differ by nature.
    """

    code: str
    label: str | Promise
    unit: str
    possible: tuple[float, float]
    plausible: tuple[float, float]
    step: float | None = None
    stuck_h: float | None = None
    resting: float | None = None
    summing: Summing = Summing.MEAN
    decimals: int = 1
    neighbour_ratio: float | None = None
    neighbour_least: float = 0.0

    @property
    def symbol(self) -> str:
        return units.symbol(self.unit)

    def write(self, value: float) -> str:
        """The value with its unit, as people read it in their language."""
        number = number_format(value, decimal_pos=self.decimals, use_l10n=True, force_grouping=True)
        return f"{number.replace('-', '−')}\u00a0{self.symbol}".strip()


PM10 = ObservedProperty(
    "pm10",
    _("Particles PM10"),
    "ug/m3",
    (0, 2000),
    (0, 1000),
    step=400,
    stuck_h=8,
    resting=0.0,
    neighbour_ratio=8.0,
    neighbour_least=60.0,
)
PM2_5 = ObservedProperty(
    "pm2_5",
    _("Fine particles PM2.5"),
    "ug/m3",
    (0, 1000),
    (0, 500),
    step=200,
    stuck_h=8,
    resting=0.0,
    neighbour_ratio=8.0,
    neighbour_least=40.0,
)
TEMPERATURE = ObservedProperty("temperature", _("Temperature"), "Cel", (-80, 85), (-50, 50), step=12, stuck_h=12)
HUMIDITY = ObservedProperty("humidity", _("Humidity"), "%", (0, 100), (2, 100), step=45, stuck_h=12)
PRESSURE = ObservedProperty(
    "pressure", _("Air pressure"), "hPa", (300, 1100), (850, 1090), step=8, stuck_h=24, decimals=0
)
NOISE = ObservedProperty("noise", _("Noise level"), "dB[SPL]", (0, 140), (20, 120), stuck_h=6, summing=Summing.ENERGY)
WIND_SPEED = ObservedProperty("wind_speed", _("Wind speed"), "m/s", (0, 100), (0, 50), step=25, stuck_h=12, resting=0.0)
WIND_DIRECTION = ObservedProperty(
    "wind_direction", _("Wind direction"), "deg", (0, 360), (0, 360), stuck_h=12, summing=Summing.CIRCULAR, decimals=0
)
CARS = ObservedProperty(
    "cars", _("Cars"), "{vehicles}/h", (0, 10_000), (0, 4_000), stuck_h=6, resting=0.0, summing=Summing.SUM, decimals=0
)
HEAVY = ObservedProperty(
    "heavy",
    _("Lorries and buses"),
    "{vehicles}/h",
    (0, 5_000),
    (0, 1_500),
    stuck_h=12,
    resting=0.0,
    summing=Summing.SUM,
    decimals=0,
)
BIKES = ObservedProperty(
    "bikes",
    _("Bicycles"),
    "{vehicles}/h",
    (0, 10_000),
    (0, 3_000),
    stuck_h=6,
    resting=0.0,
    summing=Summing.SUM,
    decimals=0,
)
PEDESTRIANS = ObservedProperty(
    "pedestrians",
    _("People on foot"),
    "{people}/h",
    (0, 20_000),
    (0, 8_000),
    stuck_h=6,
    resting=0.0,
    summing=Summing.SUM,
    decimals=0,
)
SPEED_V85 = ObservedProperty("speed_v85", _("Speed, 85 of 100 cars stay below"), "km/h", (0, 250), (3, 150), decimals=0)
UPTIME = ObservedProperty("uptime", _("Counted share of the hour"), "1", (0, 1), (0, 1), resting=0.0, decimals=2)

# In the order in which pages show them.
CATALOGUE: dict[str, ObservedProperty] = {
    known.code: known
    for known in (
        PM2_5,
        PM10,
        CARS,
        HEAVY,
        BIKES,
        PEDESTRIANS,
        NOISE,
        TEMPERATURE,
        HUMIDITY,
        PRESSURE,
        WIND_SPEED,
        WIND_DIRECTION,
        SPEED_V85,
        UPTIME,
    )
}
