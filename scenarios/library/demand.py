"""Who drives where: trip ends from floor area, trips by a doubly constrained gravity model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from scenarios.library.arrays import Floats
from scenarios.library.registry import Model, Port

MOST_ROUNDS = 2000
BALANCED = 1e-10


@dataclass(frozen=True)
class TripRates:
    """Car trips in the modelled hour per 100 m² of floor, for homes and for workplaces, shops and schools."""

    homes_out: float
    homes_in: float
    works_out: float
    works_in: float
    source: str


def trip_ends(homes_m2: Floats, works_m2: Floats, rates: TripRates) -> tuple[Floats, Floats]:
    """Car trips that begin and end in each zone, vehicles per hour, shape ``(n_zones,)`` each.

    Args:
        homes_m2: floor area of dwellings in each zone, square metres.
        works_m2: floor area of everything else that people travel to.
    """
    out = (rates.homes_out * homes_m2 + rates.works_out * works_m2) / 100
    into = (rates.homes_in * homes_m2 + rates.works_in * works_m2) / 100
    return out, into


def tanner(time_min: Floats, power: float, rate_per_min: float) -> Floats:
    """How attractive a trip of this length is: ``t^power exp(-rate t)``; 0 where nothing leads.

    Rises first, since nobody drives around the corner, then falls. Source: Tanner, *Factors affecting the amount of
    travel*, Road Research Technical Paper 51 (1961).
    """
    finite = np.where(np.isfinite(time_min), time_min, 0.0)
    return np.where(np.isfinite(time_min), finite**power * np.exp(-rate_per_min * finite), 0.0)


def balance(prior: Floats, out: Floats, into: Floats) -> Floats:
    """Scale rows and columns of ``prior`` until rows add up to ``out`` and columns to ``into``.

    The table nearest to the prior in information that keeps both sums. Source: Furness, *Traffic Engineering and
    Control* 7 (1965) 458.

    Args:
        prior: willingness to travel between zones, shape ``(n, n)``, not negative.
        out: trips from each zone, shape ``(n,)``; ``into`` likewise, with the same total.
    Raises:
        ValueError: if the totals differ, or trips cannot be placed because nothing leads to or from a zone.
    """
    if not np.isclose(out.sum(), into.sum(), rtol=1e-9):
        raise ValueError(f"{out.sum():g} trips begin and {into.sum():g} end: scale one of the two first")
    stuck = ((out > 0) & (prior.sum(axis=1) == 0)) | ((into > 0) & (prior.sum(axis=0) == 0))
    if stuck.any():
        raise ValueError(f"nothing leads to or from zone {int(np.flatnonzero(stuck)[0])}")
    trips = prior.astype(np.float64)
    for _ in range(MOST_ROUNDS):
        trips = trips * _factor(out, trips.sum(axis=1))[:, None]
        arriving = trips.sum(axis=0)
        if np.abs(arriving - into).max(initial=0.0) <= BALANCED * max(float(into.sum()), 1.0):
            return trips
        trips = trips * _factor(into, arriving)[None, :]
    raise ValueError("the trips cannot be balanced: some zones can only be reached from zones with too few trips")


def _factor(wanted: Floats, present: Floats) -> Floats:
    return np.divide(wanted, present, out=np.zeros_like(present), where=present > 0)


def gravity(out: Floats, into: Floats, time_min: Floats, *, power: float, rate_per_min: float) -> Floats:
    """Trips from zone to zone, vehicles per hour, shape ``(n, n)``.

    Args:
        out: car trips that begin in each zone, vehicles per hour, shape ``(n,)``.
        into: car trips that end in each zone; scaled to the total of ``out``.
        time_min: travel time between zones, minutes, shape ``(n, n)``; its diagonal is ignored.
        power, rate_per_min: of the deterrence :func:`tanner`.
    """
    between = tanner(time_min, power, rate_per_min)
    np.fill_diagonal(between, 0.0)
    total = float(into.sum())
    return balance(between, out, into * (float(out.sum()) / total) if total > 0 else into)


TRIP_ENDS = Port("zones", "{vehicles}/h")


def _gravity(
    out_vph: Floats, into_vph: Floats, time_min: Floats, deterrence_power: float, deterrence_rate: float
) -> Mapping[str, Any]:
    return {"demand": gravity(out_vph, into_vph, time_min, power=deterrence_power, rate_per_min=deterrence_rate)}


MODELS = (
    Model(
        name="gravity demand",
        version="1",
        inputs={
            "out_vph": TRIP_ENDS,
            "into_vph": TRIP_ENDS,
            "time_min": Port("zone pairs", "min"),
            "deterrence_power": Port("number", "1"),
            "deterrence_rate": Port("number", "1/min"),
        },
        outputs={"demand": Port("zone pairs", "{vehicles}/h")},
        validity="Car trips of one hour; nobody changes destination, mode or time because of the measure.",
        source="Furness (1965); deterrence of Tanner (1961)",
        compute=_gravity,
    ),
)
