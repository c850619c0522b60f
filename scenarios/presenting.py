"""Results as people read them: a figure never without its range, "no clear change" never for what was not modelled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from django.utils.functional import Promise
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement import units
from scenarios import limits, running
from scenarios.library.city import STREET, CityNetwork
from scenarios.library.difference import SURE
from scenarios.library.layers import KINDS
from scenarios.models import IndicatorValue, Run
from scenarios.results import Results

LABELS: Final[dict[str, Promise]] = {
    "vehicle_hours": gettext_lazy("Time that all cars spend on the way"),
    "mean_travel_time": gettext_lazy("Time of an average car trip"),
    "vehicle_km_streets": gettext_lazy("Distance driven on the streets of the map"),
    "vehicle_km_ring": gettext_lazy("Distance driven on assumed streets outside"),
    "unreachable_trips": gettext_lazy("Car trips that are no longer possible"),
    "busier_streets": gettext_lazy("Length of streets that get much busier"),
    "noisy_homes": gettext_lazy("Homes in houses with 55 dB or more at the loudest wall (day, evening and night)"),
    "noisy_homes_at_night": gettext_lazy("Homes in houses with 50 dB or more at the loudest wall at night"),
    "nox_streets": gettext_lazy("Nitrogen oxides from cars on the streets of the map"),
    "no2_streets": gettext_lazy("Nitrogen dioxide that cars add to the air beside a street, on average"),
}
UNIT_WORDS: Final[dict[str, Promise]] = {
    "h": gettext_lazy("hours"),
    "min": gettext_lazy("minutes"),
    "km": gettext_lazy("km"),
    "{vehicles}/h": gettext_lazy("cars per hour"),
    "kg/d": gettext_lazy("kg a day"),
}
LAYER_LABELS: Final[dict[str, Promise]] = {
    "noise": gettext_lazy("Noise at houses"),
    "air": gettext_lazy("Air beside streets"),
}
LAYER_MEANING: Final[dict[str, Promise]] = {
    "noise": gettext_lazy("At the loudest wall of each house. A change of less than 1 dB cannot be heard."),
    "air": gettext_lazy("Nitrogen dioxide that cars add 10 m from the middle of the street, mean of a year."),
}
DECIMALS: Final = {
    "no2_streets": 2,
    "noisy_homes": 1,
    "noisy_homes_at_night": 1,
    "vehicle_hours": 0,
    "mean_travel_time": 2,
    "busier_streets": 2,
}
NOTHING: Final = 1e-9
MOST_STREETS: Final = 10


@dataclass(frozen=True)
class Figure:
    """One value with its range."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True)
class IndicatorRow:
    """One indicator before and after. ``change_class`` is −1 less, 1 more, 0 no clear change."""

    name: str
    label: str
    unit: str
    decimals: int
    before: Figure
    after: Figure
    change: Figure
    change_class: int
    how: str
    """Anchor of the model behind it on the page of models."""


@dataclass(frozen=True)
class StreetRow:
    """One street with its largest change, vehicles per hour in both directions together."""

    name: str
    before: float
    after: float
    change: Figure
    change_class: int
    closed: bool


@dataclass(frozen=True)
class Lost:
    """Car trips between two zones that are no longer possible."""

    origin: str
    destination: str
    trips_vph: float


def unit_words(code: str) -> str:
    """``km``, ``cars per hour``: a UCUM code as people say it."""
    return str(UNIT_WORDS[code]) if code in UNIT_WORDS else units.symbol(code)


def indicator_rows(run: Run) -> list[IndicatorRow]:
    """Every indicator of a run in its order."""
    stages: dict[str, dict[str, IndicatorValue]] = {}
    for value in run.indicators.all():
        stages.setdefault(value.indicator, {})[value.stage] = value
    return [_indicator_row(name, found) for name, found in stages.items()]


def _indicator_row(name: str, stages: dict[str, IndicatorValue]) -> IndicatorRow:
    change = stages["change"]
    clear = change.p_sign >= SURE and abs(change.mean) > NOTHING
    figures = {stage: Figure(value.mean, value.p05, value.p95) for stage, value in stages.items()}
    return IndicatorRow(
        name=name,
        label=str(LABELS.get(name, name)),
        unit=unit_words(change.unit),
        decimals=DECIMALS.get(name, 0),
        change_class=int(np.sign(change.mean)) if clear else 0,
        how=slugify(change.sources[-1]) if change.sources else "",
        **figures,
    )


def street_rows(city: CityNetwork, found: Results, closed: list[int]) -> list[StreetRow]:
    """The named streets that change most, each with its most changed stretch; closed ones first."""
    rows = list(_changed_streets(city, found, closed))
    ranked = sorted(rows, key=lambda row: (not row.closed, -abs(row.change.mean)))
    return ranked[:MOST_STREETS]


def _changed_streets(city: CityNetwork, found: Results, closed: list[int]) -> Iterator[StreetRow]:
    name_of = dict(zip(city.way_id[city.kind == STREET].tolist(), city.name[city.kind == STREET].tolist(), strict=True))
    change = found.way_after - found.way_before
    seen: set[str] = set()
    shut = np.isin(found.way_id, closed)
    told = np.flatnonzero((found.way_class != 0) | shut)
    for row in sorted(told.tolist(), key=lambda i: (not shut[i], -abs(change[i]))):
        name = name_of.get(int(found.way_id[row]), "")
        if not name or name in seen:
            continue
        seen.add(name)
        yield StreetRow(
            name=name,
            before=float(found.way_before[row]),
            after=float(found.way_after[row]),
            change=Figure(float(change[row]), float(found.way_change_p05[row]), float(found.way_change_p95[row])),
            change_class=int(found.way_class[row]),
            closed=bool(shut[row]),
        )


@dataclass(frozen=True)
class LayerRow:
    """What one layer says about the map, in numbers of features."""

    label: str
    meaning: str
    more: int
    less: int
    same: int
    largest: float
    """The largest clear change in either direction, 0 where there is none."""
    unit: str


def layer_rows(found: Results) -> list[LayerRow]:
    """Noise and air in the words that stand beside their colours; none for runs of earlier code."""
    rows = []
    for name, layer in found.layers.items():
        change = (layer.after - layer.before)[layer.cls != 0]
        rows.append(
            LayerRow(
                label=str(LAYER_LABELS[name]),
                meaning=str(LAYER_MEANING[name]),
                more=int(np.sum(layer.cls > 0)),
                less=int(np.sum(layer.cls < 0)),
                same=int(np.sum(layer.cls == 0)),
                largest=float(change[np.argmax(np.abs(change))]) if len(change) else 0.0,
                unit=unit_words(KINDS[name].unit),
            )
        )
    return rows


def lost_trips(run: Run) -> list[Lost]:
    """The largest flows that cannot travel any more."""
    rows = run.summary.get("unreachable", [])
    return [Lost(zone_words(row["from"]), zone_words(row["to"]), row["trips_vph"]) for row in rows]


def zone_words(name: str) -> str:
    """``B3`` is a square of the map's grid; anything else the street over which one leaves the map."""
    inside = len(name) <= 4 and name[-1:].isdigit()
    return (_("square %(name)s of the map") if inside else _("beyond %(name)s")) % {"name": name}


def calculation(run: Run) -> dict[str, Any]:
    """Everything behind “How was this calculated?”."""
    return {
        "run": run,
        "recipe": run.recipe,
        "certificate": run.certificate,
        "summary": run.summary,
        "ring_percent": {name: round(100 * share) for name, share in run.summary["ring_share"].items()},
        "inputs": [{"name": name, **span} for name, span in run.recipe["inputs"].items()],
        "limits": [limits.SENTENCES[code] for code in run.summary["limits"]],
        "report": run.scenario.network.report,
    }


def _seconds(minutes: Figure) -> Figure:
    return Figure(60 * minutes.mean, 60 * minutes.low, 60 * minutes.high)


def result(run: Run) -> dict[str, Any]:
    """What the page of a finished run shows, apart from its map. Raises NotFinished."""
    found, city = running.results(run), run.scenario.network.city()
    closed = run.scenario.closed_ways()
    indicators = {row.name: row for row in indicator_rows(run)}
    return {
        "indicators": list(indicators.values()),
        "headline": _seconds(indicators["mean_travel_time"].change),
        "headline_class": indicators["mean_travel_time"].change_class,
        "streets": street_rows(city, found, closed),
        "layers": layer_rows(found),
        "counts": {str(cls): int(np.sum(found.way_class == cls)) for cls in (-2, -1, 0, 1, 2)},
        "not_modelled": len(city.unmodelled_way),
        "lost": lost_trips(run),
        "calculation": calculation(run),
    }
