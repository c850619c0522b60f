"""A city before and after measures in every draw of what is not known exactly, in one process or in many.

A draw depends on nothing but the city, the measures and its own inputs, so any number of processes gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor, as_completed
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from scenarios.library import difference, ensemble, noise_map, what_if
from scenarios.library.arrays import Bools, Floats
from scenarios.library.assignment import DRAW_GAP, Assignment
from scenarios.library.city import RING, CityNetwork
from scenarios.library.layers import Layer, loudest_facade
from scenarios.library.measures import Measures
from scenarios.library.vehicles import PROFILE
from scenarios.library.ways import Ways
from scenarios.library.what_if import SPANS

Report = Callable[[float, str], None]
PARCELS: Final = 4
"""Draws are handed out in so many parcels: each carries the whole city once."""
SIDES: Final = ("before", "after")


@dataclass(frozen=True, eq=False)
class WhatIf:
    """The city before and after a measure."""

    before: Assignment
    """With the best value of every input."""
    after: Assignment
    noise_floor: float
    """Vehicles per hour below which a flow difference is noise of the solver."""
    values: Floats
    """Indicators, shape ``(n_draws, 2, n_indicators)``: before and after in each draw."""
    way_before: Floats
    """Vehicles per hour on each way, shape ``(n_draws, n_ways)``; the first row is the best value."""
    way_after: Floats
    draws: list[dict[str, float]]
    worst_gap: float
    """The largest relative gap of any draw, before or after."""
    layers: tuple[Layer, ...] = ()
    """Noise at buildings and air beside streets."""

    @property
    def p_sign(self) -> Floats:
        """How sure the sign of each way's change is, shape ``(n_ways,)``."""
        change = self.way_after - self.way_before
        return difference.sign_probability(change[0], change)


@dataclass(frozen=True, eq=False)
class Task:
    """What every draw of a run has in common."""

    city: CityNetwork
    measures: Measures
    fixed: Mapping[str, Any]
    level: float
    environment: bool

    @classmethod
    def of(cls, city: CityNetwork, measures: Measures, *, level: float, environment: bool) -> Task:
        fixed = {
            "length_km": city.length_m / 1000,
            "hour_share": PROFILE.hour_share,
            "sound_paths": noise_map.of_city(city),
            "streets": Ways.of(city),
        }
        return cls(city, measures, fixed, level, environment)

    def run(self, values: Mapping[str, float], start: Mapping[str, Any]) -> dict[str, Any]:
        """The whole chain with one draw of the inputs."""
        return what_if.chain().run(
            what_if.given(self.city, self.measures, values, self.level) | dict(self.fixed) | dict(start)
        )


@dataclass(frozen=True, eq=False)
class Drawn:
    """What is kept of one draw; pairs are before and after."""

    values: Floats
    """Shape ``(2, n_indicators)``."""
    way_flow: Floats
    """Shape ``(2, n_ways)``."""
    no2: Floats
    noise: Floats
    """Lden at the loudest façade, shape ``(2, n_buildings)``."""
    gap: float


def compare(
    city: CityNetwork,
    measures: Measures,
    *,
    draws: int,
    seed: int,
    report: Report,
    level: float = 1.0,
    environment: bool = True,
    executor: Executor | None = None,
) -> WhatIf:
    """Compute a city with and without measures, once with the best inputs and ``draws`` times within their spans.

    Args:
        report: called with the share that is done, 0 to 1, and a key of what comes next; what it raises stops the work.
        level: traffic of the modelled hour as a share of the afternoon's.
        environment: whether noise and air of a day follow from this hour; without, they are not modelled.
        executor: computes the draws; here and now without one.
    """
    report(0.0, "demand")
    task = Task.of(city, measures, level=level, environment=environment)
    inputs = [ensemble.central(SPANS), *ensemble.draws(SPANS, draws, seed)]
    report(0.1, "best")
    best = task.run(inputs[0], {})
    start = {"start_before": best["before"], "start_after": best["after"], "gap": DRAW_GAP}
    report(0.25, "draw")
    drawn = [_kept(task, best), *_all(task, start, inputs[1:], executor, report)]
    report(1.0, "done")
    return WhatIf(
        before=best["before"],
        after=best["after"],
        noise_floor=difference.noise_floor(best["before"], best["after"]),
        values=np.array([one.values for one in drawn]),
        way_before=np.array([one.way_flow[0] for one in drawn]),
        way_after=np.array([one.way_flow[1] for one in drawn]),
        draws=inputs,
        worst_gap=max(one.gap for one in drawn),
        layers=_layers(task, drawn),
    )


def _all(
    task: Task,
    start: Mapping[str, Any],
    inputs: Sequence[Mapping[str, float]],
    executor: Executor | None,
    report: Report,
) -> list[Drawn]:
    """The draws in their order."""
    parcels = [inputs[first::PARCELS] for first in range(min(PARCELS, len(inputs)))]
    if executor is None:
        done = []
        for number, values in enumerate(inputs, 1):
            done.append(_kept(task, task.run(values, start)))
            report(0.25 + 0.75 * number / len(inputs), "draw")
        return done
    futures = [executor.submit(_parcel, task, start, parcel) for parcel in parcels]
    try:
        for number, future in enumerate(as_completed(futures), 1):
            future.result()  # an error in any parcel ends the run at once
            report(0.25 + 0.75 * number / len(futures), "draw")
    finally:
        for future in futures:
            future.cancel()
    found = [future.result() for future in futures]
    return [found[number % PARCELS][number // PARCELS] for number in range(len(inputs))]


def _parcel(task: Task, start: Mapping[str, Any], inputs: Sequence[Mapping[str, float]]) -> list[Drawn]:
    return [_kept(task, task.run(values, start)) for values in inputs]


def _kept(task: Task, found: Mapping[str, Any]) -> Drawn:
    ways: Ways = task.fixed["streets"]
    return Drawn(
        values=_values(task, found),
        way_flow=np.array([ways.flow(found[side].flow) for side in SIDES]),
        no2=np.array([found[f"no2_{side}"] for side in SIDES]),
        noise=np.array([loudest_facade(task.city, found[f"lden_{side}"]) for side in SIDES]),
        gap=max(found[side].certificate.relative_gap for side in SIDES),
    )


def _values(task: Task, found: Mapping[str, Any]) -> Floats:
    """Indicators; those of noise and air are NaN where they do not follow from the modelled hour."""
    values = np.array(what_if.both_sides(task.city, task.fixed["streets"], found))
    if not task.environment:
        values[:, [name in what_if.RESTS_ON for name in what_if.INDICATORS]] = np.nan
    return values


def _layers(task: Task, drawn: Sequence[Drawn]) -> tuple[Layer, ...]:
    if not task.environment:
        return ()
    ways: Ways = task.fixed["streets"]
    air = [np.array([one.no2[side] for one in drawn]) for side in (0, 1)]
    layers = [Layer("air", [f"way/{way}" for way in ways.id.tolist()], *air)]
    if len(task.city.receptor_building):
        noise = [np.array([one.noise[side] for one in drawn]) for side in (0, 1)]
        layers.append(Layer("noise", task.city.building_id.tolist(), *noise))
    return tuple(layers)


def ring_share(city: CityNetwork, found: WhatIf) -> dict[str, float]:
    """How much of the result rests on assumed outside links, 0 to 1.

    ``distance``: share of all vehicle-kilometres before the measure; ``change``: share of all changes of flow, weighted
    by length, of which only those above the noise floor count.
    """
    km, ring = city.length_m / 1000, city.kind == RING
    change = np.abs(difference.shown(found.before.flow, found.after.flow, found.noise_floor)) * km
    return {"distance": _share(found.before.flow * km, ring), "change": _share(change, ring)}


def _share(amount: Floats, part: Bools) -> float:
    total = float(amount.sum())
    return float(amount[part].sum()) / total if total else 0.0
