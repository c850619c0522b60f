"""Runs: a scenario computed once per question, in the worker process, with progress; its results as other rooms take them.

A run is named by the SHA-256 of its recipe (scenario, models, inputs, draws, code version). Asking again for the same
gives the finished run; a job that is started again after a kill finds what is there and ends the same way.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, fields
from typing import Any, Final

import numpy as np
from django.db import transaction
from django.dispatch import Signal
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from engagement import audit, jobs
from engagement.jobs import Progress
from engagement.models import User
from engagement.problems import Refused
from privacy.canonical import sha256
from privacy.firewall import planning_only
from scenarios import computing, limits, measuring
from scenarios.library import comparison, difference, ensemble, what_if
from scenarios.library.arrays import Floats
from scenarios.library.assignment import DRAW_GAP, SHIPPED_GAP, Assignment
from scenarios.library.city import CityNetwork
from scenarios.library.comparison import WhatIf
from scenarios.library.layers import KINDS, Layer
from scenarios.library.version import code_version
from scenarios.library.ways import Ways
from scenarios.library.what_if import INDICATORS
from scenarios.models import IndicatorValue, Run, Scenario
from scenarios.results import Results, StoredLayer

log = logging.getLogger("loggia.scenarios")

DRAWS: Final = 20
MOST_SECONDS: Final = 900.0
SECONDS_PER_LINK_AND_ZONE: Final = 1e-6
"""Time of one equilibrium on one core; measured 0.1 s at 1,700 links and 70 zones."""
MOST_LISTED: Final = 20
UNIT_FLOW: Final = "{vehicles}/h"
LAYER_WORDS: Final = {
    "traffic": gettext_lazy("traffic"),
    "noise": gettext_lazy("noise at houses"),
    "air": gettext_lazy("air beside streets"),
}

run_finished = Signal()
"""Sent with ``run_id`` once a run has results, after the commit; sent again when its job is started again."""

STEPS: Final = {
    "demand": gettext_noop("Working out who drives where"),
    "best": gettext_noop("Today and with the measure"),
    "draw": gettext_noop("Again with other assumptions, for the range"),
    "done": gettext_noop("Writing the results"),
}


class TooDear(Refused):
    status = 422
    code = "run-too-dear"
    title = gettext_lazy("This run would take too long.")


class NotFinished(Refused):
    status = 409
    code = "run-not-finished"
    title = gettext_lazy("This run has no results yet.")


@dataclass(frozen=True)
class OverlayInput:
    """What a scene needs to show one layer of a run: one row per street (both directions together) or building."""

    scene_slug: str
    title: dict[str, str]
    unit: str
    """UCUM."""
    feature_ids: list[str]
    """``way/<id>``."""
    before: Floats
    after: Floats
    cls: np.ndarray[Any, np.dtype[np.int8]]
    """−2 much less … 2 much more; 0 is "no clear change"."""
    p_sign: Floats
    closed: list[str]
    not_modelled: list[str]
    """Streets and paths of the scene on which no model computed anything: never "no clear change"."""
    run_id: str
    layer: str = "traffic"
    """``traffic``, ``noise`` or ``air``."""


def recipe(scenario: Scenario) -> dict[str, Any]:
    """Everything that determines a run of this scenario with the present code."""
    return {
        "scenario": scenario.digest,
        "baseline": scenario.network.digest,
        "chain": what_if.chain().described(),
        "inputs": {name: _span(span) for name, span in what_if.SPANS.items()},
        "trip_rates": {column.name: getattr(what_if.RATES, column.name) for column in fields(what_if.RATES)},
        "measures": measuring.VERSION,
        "draws": DRAWS,
        "gap": SHIPPED_GAP,
        "gap_of_draws": DRAW_GAP,
        "code": code_version(),
    }


def _span(span: ensemble.Span) -> dict[str, Any]:
    return {column.name: getattr(span, column.name) for column in fields(span)}


def estimated_seconds(city: CityNetwork) -> float:
    """What a run of this network will take on one core, roughly."""
    return 2 * (DRAWS + 1) * SECONDS_PER_LINK_AND_ZONE * city.n_links * len(city.zone_node)


@transaction.atomic
def request_run(planner: User | None, scenario: Scenario) -> Run:
    """The run of this scenario: the finished one if there is one, else one whose job waits or works.

    Raises:
        TooDear: with the estimate, before anything is queued.
    """
    made_of = recipe(scenario)
    run, created = Run.objects.select_for_update().get_or_create(
        digest=sha256(made_of), defaults={"scenario": scenario, "recipe": made_of}
    )
    if run.is_finished:
        return run
    if (seconds := estimated_seconds(scenario.network.city())) > MOST_SECONDS:
        raise TooDear(
            _("It would take about %(minutes)d minutes; %(most)d are allowed. Use a smaller map.")
            % {"minutes": seconds / 60, "most": MOST_SECONDS / 60}
        )
    run.job = jobs.enqueue(run_scenario, run.digest, ref=run.digest, project=scenario.project, label=str(scenario))
    run.save(update_fields=["job"])
    if created:
        audit.record(planner, "run.requested", f"run:{run.digest}", {"scenario": scenario.digest})
    return run


@jobs.job("scenarios.run")
def run_scenario(progress: Progress, run_id: str) -> None:
    """Compute a run and keep its results; a run that is finished is only announced again."""
    with planning_only():
        run = Run.objects.select_related("scenario__network__project").get(pk=run_id)
        if not run.is_finished:
            _finish(run, _computed(run, progress))
    for receiver, answer in run_finished.send_robust(sender=Run, run_id=run_id):
        if isinstance(answer, Exception):
            log.error("run-receiver-failed", extra={"receiver": repr(receiver), "run": run_id}, exc_info=answer)


def _computed(run: Run, progress: Progress) -> WhatIf:
    scenario = run.scenario
    plan = measuring.plan_of(scenario)
    # Scenarios of one baseline share their draws, so that options are compared under the same assumptions.
    seed = ensemble.seed_of(scenario.network.digest, "draws")
    with computing.executor() as executor:
        return comparison.compare(
            plan.city,
            plan.measures,
            level=plan.level,
            environment=plan.all_day,
            draws=run.recipe["draws"],
            seed=seed,
            report=lambda done, step: progress(0.95 * done, _(STEPS[step])),
            executor=executor,
        )


@transaction.atomic
def _finish(run: Run, found: WhatIf) -> None:
    """Write everything or nothing."""
    plan = measuring.plan_of(run.scenario)
    city = plan.city
    run.results = _results(city, found).to_bytes()
    run.certificate = {side: getattr(found, side).certificate.as_dict() for side in ("before", "after")}
    run.summary = _summary(city, found) | {"hour": plan.hour}
    run.finished_at = timezone.now()
    if Run.objects.filter(pk=run.pk, finished_at__isnull=True).exists():  # another worker may have been quicker
        run.save()
        IndicatorValue.objects.bulk_create(_indicator_rows(run, found))


def _results(city: CityNetwork, found: WhatIf) -> Results:
    ways, change = Ways.of(city), found.way_after - found.way_before
    p_sign = found.p_sign
    low, high = np.percentile(change, ensemble.RANGE, axis=0)
    before, after = found.way_before[0], found.way_after[0]
    return Results(
        flow_before=found.before.flow,
        flow_after=found.after.flow,
        way_id=ways.id,
        way_before=before,
        way_after=after,
        way_change_p05=low,
        way_change_p95=high,
        way_p_sign=p_sign,
        way_class=difference.classes(before, after, p_sign, found.noise_floor),
        values=found.values,
        layers={layer.kind: _stored(layer) for layer in found.layers},
    )


def _stored(layer: Layer) -> StoredLayer:
    ids = np.array(layer.feature_id, dtype=np.str_)
    return StoredLayer(ids, layer.before[0], layer.after[0], layer.p_sign, layer.classes())


def _summary(city: CityNetwork, found: WhatIf) -> dict[str, Any]:
    return {
        "ring_share": comparison.ring_share(city, found),
        "noise_floor_vph": found.noise_floor,
        "shown_from_vph": max(found.noise_floor, difference.MATERIAL_VPH),
        "worst_gap": found.worst_gap,
        "unreachable": _unreachable(city, found.after),
        "model_error": "not checked here",
        "limits": limits.CODES,
    }


def _unreachable(city: CityNetwork, after: Assignment) -> list[dict[str, Any]]:
    """The largest flows that cannot travel any more, by the names of their zones."""
    trips = after.trips
    largest = np.argsort(-trips.lost_volume, kind="stable")[:MOST_LISTED]
    return [
        {
            "from": str(city.zone_name[trips.lost_origin[i]]),
            "to": str(city.zone_name[trips.lost_destination[i]]),
            "trips_vph": round(float(trips.lost_volume[i]), 2),
        }
        for i in largest
    ]


def _indicator_rows(run: Run, found: WhatIf) -> list[IndicatorValue]:
    stages = {
        "before": found.values[:, 0],
        "after": found.values[:, 1],
        "change": found.values[:, 1] - found.values[:, 0],
    }
    rows = []
    for position, (indicator, unit) in enumerate(INDICATORS.items()):
        sources = what_if.models_behind(indicator)
        for stage, values in stages.items():
            drawn = values[:, position]
            if not np.isfinite(drawn).all():
                continue  # not modelled here
            low, high = ensemble.range_of(drawn)
            sure = float(difference.sign_probability(drawn[:1], drawn[:, None])[0]) if stage == "change" else 1.0
            rows.append(
                IndicatorValue(
                    run=run, indicator=indicator, stage=stage, unit=unit, mean=float(drawn[0]), p05=low, p95=high,
                    p_sign=sure, sources=sources,
                )
            )  # fmt: skip
    return rows


def results(run: Run) -> Results:
    """The arrays of a run. Raises NotFinished."""
    if run.results is None:
        raise NotFinished(_("It is still being computed, or was stopped. Start it again from the desk."))
    return Results.from_bytes(bytes(run.results))


def overlay_inputs(run: Run) -> list[OverlayInput]:
    """What the scene of the run's project shows, traffic first. Raises NotFinished."""
    with planning_only():
        found = results(run)
        return [overlay_input(run), *(_layer_input(run, name, layer) for name, layer in found.layers.items())]


def _layer_input(run: Run, name: str, layer: StoredLayer) -> OverlayInput:
    scenario = run.scenario
    return OverlayInput(
        scene_slug=scenario.project.scene_slug,
        title=titled(name, scenario.title),
        unit=KINDS[name].unit,
        feature_ids=layer.feature_id.tolist(),
        before=layer.before,
        after=layer.after,
        cls=layer.cls,
        p_sign=layer.p_sign,
        closed=[f"way/{way}" for way in scenario.closed_ways()],
        not_modelled=[],
        run_id=run.pk,
        layer=name,
    )


def titled(layer: str, title: dict[str, str]) -> dict[str, str]:
    """The question with the name of a layer, in every language in which it was asked."""
    words = {}
    for code, text in title.items():
        with translation.override(code):
            words[code] = f"{text} – {LAYER_WORDS[layer]}"
    return words


def overlay_input(run: Run) -> OverlayInput:
    """What the scene of the run's project shows. Raises NotFinished."""
    with planning_only():
        found, scenario = results(run), run.scenario
        city = scenario.network.city()
        return OverlayInput(
            scene_slug=scenario.project.scene_slug,
            title=dict(scenario.title),
            unit=UNIT_FLOW,
            feature_ids=[f"way/{way}" for way in found.way_id.tolist()],
            before=found.way_before,
            after=found.way_after,
            cls=found.way_class,
            p_sign=found.way_p_sign,
            closed=[f"way/{way}" for way in scenario.closed_ways()],
            not_modelled=[f"way/{way}" for way in city.unmodelled_way.tolist()],
            run_id=run.pk,
        )
