"""One what-if: a city before and after a measure, in every draw of what is not known exactly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from scenarios.library import demand, difference, registry
from scenarios.library.arrays import Floats
from scenarios.library.assignment import Assignment
from scenarios.library.city import CORDON, RING, STREET, CityNetwork
from scenarios.library.demand import TripRates
from scenarios.library.emission_factors import SECONDS_PER_DAY
from scenarios.library.ensemble import Span
from scenarios.library.layers import loudest_facade
from scenarios.library.measures import Measures
from scenarios.library.registry import Chain, Port, Step
from scenarios.library.ways import Ways

SPANS: Final[Mapping[str, Span]] = {
    "demand": Span(0.8, 1.0, 1.2, "1", "assumed: level of car traffic in the hour"),
    "cordon": Span(0.75, 1.0, 1.25, "1", "assumed: traffic over the edge of the map"),
    "deterrence_power": Span(0.5, 1.0, 1.5, "1", "assumed: how unlikely very short car trips are (Tanner 1961)"),
    "deterrence_rate": Span(0.15, 0.25, 0.35, "1/min", "assumed: how quickly trips become rarer with time"),
    "capacity": Span(0.85, 1.0, 1.1, "1", "assumed: planning values of capacity per lane"),
    "ring_speed": Span(0.7, 1.0, 1.3, "1", "assumed: speed on the ring of outside links"),
    "heavy_share": Span(0.03, 0.06, 0.1, "1", "assumed: buses and lorries among the vehicles"),
    "emission": Span(0.6, 1.0, 1.4, "1", "assumed: how far the fleet here is from the emission factors"),
    "wind": Span(3.5, 4.5, 5.5, "m/s", "assumed: annual mean wind over the city"),
    "ozone": Span(40.0, 50.0, 60.0, "ug/m3", "assumed: annual mean of ozone away from streets"),
}
RATES: Final = TripRates(
    homes_out=0.05,
    homes_in=0.08,
    works_out=0.10,
    works_in=0.06,
    source="assumed: weekday afternoon hour, car trips per 100 m² of floor in a centre with good public transport",
)
INDICATORS: Final[Mapping[str, str]] = {
    "vehicle_hours": "h",
    "mean_travel_time": "min",
    "vehicle_km_streets": "km",
    "vehicle_km_ring": "km",
    "unreachable_trips": "{vehicles}/h",
    "busier_streets": "km",
    "noisy_homes": "%",
    "noisy_homes_at_night": "%",
    "nox_streets": "kg/d",
    "no2_streets": "ug/m3",
}
"""Indicators with their UCUM units; traffic refers to the modelled hour, noise and air to a year of such days. Less is
better in all of them. NaN where a network has no buildings to compute noise for."""
RESTS_ON: Final = {
    "noisy_homes": "lden_after",
    "noisy_homes_at_night": "lnight_after",
    "nox_streets": "nox_after",
    "no2_streets": "no2_after",
}
"""The value of the chain from which an indicator is taken; the equilibrium itself where none is named."""
NOISY_DB: Final = 55.0
NOISY_AT_NIGHT_DB: Final = 50.0
"""From these levels on the strategic noise maps of Directive 2002/49/EC count people."""
UG_PER_KG: Final = 1e9


def chain() -> Chain:
    """The models of a what-if, in their order: demand, then equilibrium before and after the measure."""
    models = registry.models()
    given = {
        "network": Port("road network"),
        "measures": Port("measures"),
        "out_vph": Port("zones", "{vehicles}/h"),
        "into_vph": Port("zones", "{vehicles}/h"),
        "deterrence_power": Port("number", "1"),
        "deterrence_rate": Port("number", "1/min"),
        # From the second calculation on: where to start, and how far to go.
        "start_before": Port("equilibrium"),
        "start_after": Port("equilibrium"),
        "gap": Port("number", "1"),
        "length_km": Port("per link", "km"),
        "heavy_share": Port("number", "1"),
        "hour_share": Port("number", "1"),
        "sound_paths": Port("ways of sound"),
        "streets": Port("streets"),
        "emission": Port("number", "1"),
        "wind": Port("number", "m/s"),
        "ozone": Port("number", "ug/m3"),
    }
    steps = (
        Step(models["network of today"], {}, {"network": "network_before"}),
        Step(models["times on empty streets"], {"network": "network_before"}),
        Step(models["gravity demand"]),
        Step(
            models["user equilibrium"],
            {"network": "network_before", "start": "start_before"},
            {"equilibrium": "before"},
        ),
        Step(models["apply measures"], {}, {"network": "network_after", "demand": "demand_after"}),
        Step(
            models["user equilibrium"],
            {"network": "network_after", "demand": "demand_after", "start": "start_after"},
            {"equilibrium": "after"},
        ),
        *_environment("before"),
        *_environment("after"),
    )
    return Chain(given, steps)


def models_behind(indicator: str) -> list[str]:
    """Names of the models on which an indicator rests."""
    return chain().behind(RESTS_ON.get(indicator, "after"))


def _environment(side: str) -> tuple[Step, ...]:
    """From an equilibrium to noise and air."""
    models = registry.models()
    vehicles, speed, power, nox = (f"{name}_{side}" for name in ("vehicles", "speed", "sound_power", "nox"))
    driving = {"vehicles_per_h": vehicles, "speed_kmh": speed}
    air = {"nox_ug_m_s": nox, "wind_m_s": "wind", "ozone_ug_m3": "ozone"}
    return (
        Step(models["vehicles and speeds"], {"equilibrium": side}, driving),
        Step(models["road noise emission"], driving, {"sound_power_db": power}),
        Step(
            models["noise at façades"],
            {"sound_power_db": power},
            {"lden_db": f"lden_{side}", "lnight_db": f"lnight_{side}"},
        ),
        Step(models["exhaust"], {"vehicles_per_h": vehicles, "emission_scale": "emission"}, {"nox_ug_m_s": nox}),
        Step(models["air beside streets"], air, {"no2_ug_m3": f"no2_{side}"}),
    )


def both_sides(city: CityNetwork, ways: Ways, found: Mapping[str, Any]) -> list[list[float]]:
    """Every indicator before and after, shape ``(2, n_indicators)``."""
    return [
        indicators(city, found[side], found["before"])
        + _noisy_homes(city, found[f"lden_{side}"], found[f"lnight_{side}"])
        + _air(city, ways, found[f"nox_{side}"], found[f"no2_{side}"])
        for side in ("before", "after")
    ]


def _noisy_homes(city: CityNetwork, lden: Floats, lnight: Floats) -> list[float]:
    """Share of the floor of dwellings in buildings whose loudest façade is noisy, per cent: all day, and at night."""
    homes = city.building_homes_m2
    total = float(homes.sum())
    if not len(city.receptor_building) or not total:
        return [np.nan, np.nan]
    noisy = (loudest_facade(city, lden) >= NOISY_DB, loudest_facade(city, lnight) >= NOISY_AT_NIGHT_DB)
    return [100 * float(homes[where].sum()) / total for where in noisy]


def _air(city: CityNetwork, ways: Ways, nox_ug_m_s: Floats, no2_ug_m3: Floats) -> list[float]:
    """Nitrogen oxides of a day on the streets of the map, kg; and NO2 added beside them, mean by length, µg/m³."""
    streets = city.kind == STREET
    emitted = float(np.sum(nox_ug_m_s[streets] * city.length_m[streets])) * SECONDS_PER_DAY / UG_PER_KG
    return [emitted, float(np.average(no2_ug_m3, weights=ways.length_m))]


def given(city: CityNetwork, measures: Measures, values: Mapping[str, float], level: float = 1.0) -> dict[str, Any]:
    """What a chain starts from, in one draw of the uncertain inputs, in an hour with ``level`` times the traffic."""
    out, into = demand.trip_ends(city.homes_m2, city.works_m2, RATES)
    outside = city.zone_kind == CORDON
    scale = np.where(outside, values["cordon"], 1.0) * values["demand"] * level
    return {
        "network": city.road_network(capacity=values["capacity"], ring_speed=values["ring_speed"]),
        "measures": measures,
        "out_vph": (out + city.cordon_out_vph) * scale,
        "into_vph": (into + city.cordon_in_vph) * scale,
        "deterrence_power": values["deterrence_power"],
        "deterrence_rate": values["deterrence_rate"],
        **{name: values[name] for name in ("heavy_share", "emission", "wind", "ozone")},
    }


def indicators(city: CityNetwork, found: Assignment, base: Assignment) -> list[float]:
    """The indicators of traffic for one equilibrium, in their order; ``base`` is the one before the measure."""
    km = city.length_m / 1000
    streets, ring = city.kind == STREET, city.kind == RING
    travelled = float(np.sum(found.flow * found.cost))
    assigned = found.certificate.assigned
    busier = streets & (found.flow > 1.25 * base.flow) & (found.flow - base.flow >= difference.STRONG_VPH)
    return [
        travelled / 60,
        travelled / assigned if assigned else 0.0,
        float(np.sum(found.flow[streets] * km[streets])),
        float(np.sum(found.flow[ring] * km[ring])),
        found.certificate.unreachable,
        float(np.sum(km[busier])),
    ]
