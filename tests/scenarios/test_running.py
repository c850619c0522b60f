from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engagement import jobs
from engagement.models import Job, LiveEvent, Project, User
from privacy.firewall import is_planning
from scenarios import planning, running
from scenarios.library import registry
from scenarios.library.what_if import INDICATORS
from scenarios.models import IndicatorValue, Network, Run, Scenario
from scenarios.running import NotFinished, TooDear
from tests.scenarios.conftest import BRIDGE, CLOSE_BRIDGE, computed, work
from tests.scenarios.villages import FOOTPATH, village

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard() -> Any:
    """Run ids that ``run_finished`` named."""
    ids: list[str] = []

    def hear(run_id: str, **_signal: object) -> None:
        assert not is_planning()
        ids.append(run_id)

    running.run_finished.connect(hear)
    yield ids
    running.run_finished.disconnect(hear)


@pytest.mark.django_db(transaction=True)
def test_a_run_is_computed_in_the_worker_with_progress_and_announced(
    bridge_closed: Scenario, planner: User, heard: list[str]
) -> None:
    run = running.request_run(planner, bridge_closed)
    assert run.job is not None and not run.is_finished
    work()
    run.refresh_from_db()
    run.job.refresh_from_db()
    assert (run.job.state, run.job.fraction) == ("done", 1.0)
    assert run.is_finished
    assert heard == [run.pk]
    told = LiveEvent.objects.filter(topic=f"job.{run.job.pk}").values_list("payload__message", flat=True)
    assert "Today and with the measure" in list(told)


def test_both_sides_carry_a_certificate_below_the_gap(bridge_closed: Scenario) -> None:
    run = computed(bridge_closed)
    for side in ("before", "after"):
        assert run.certificate[side]["relative_gap"] <= 1e-6
        assert run.certificate[side]["converged"] is True
        assert run.certificate[side]["assigned"] + run.certificate[side]["unreachable"] == pytest.approx(
            run.certificate[side]["demand"]
        )
    assert run.summary["worst_gap"] <= 1e-6
    assert run.summary["model_error"] == "not checked here"


def test_a_closed_bridge_carries_nobody_and_traffic_diverts_over_the_ring(bridge_closed: Scenario) -> None:
    run = computed(bridge_closed)
    found = running.results(run)
    bridge = np.isin(found.way_id, BRIDGE)
    assert (found.way_before[bridge] > 50).all()
    assert (found.way_after[bridge] == 0).all()
    assert found.way_class[bridge].tolist() == [-2, -2]
    ring = IndicatorValue.objects.get(run=run, indicator="vehicle_km_ring", stage="change")
    assert ring.mean > 0 and ring.p_sign == 1.0
    assert ring.p05 <= ring.mean <= ring.p95
    assert 0 < run.summary["ring_share"]["distance"] < run.summary["ring_share"]["change"] <= 1
    assert run.summary["unreachable"] == []


def test_cutting_a_part_of_the_city_off_is_computed_and_lists_who_cannot_travel(
    project: Project, planner: User, tmp_path: Path
) -> None:
    planning.import_network(project, village(tmp_path, open_edges=False))
    scenario = planning.create_scenario(project, title={"en": "Cut"}, measures=[CLOSE_BRIDGE], planner=planner)
    run = computed(scenario)
    after = run.certificate["after"]
    assert after["unreachable"] > 0
    assert after["assigned"] + after["unreachable"] == pytest.approx(run.certificate["before"]["assigned"])
    listed = run.summary["unreachable"]
    assert listed and all(row["trips_vph"] > 0 for row in listed)
    lost = IndicatorValue.objects.get(run=run, indicator="unreachable_trips", stage="change")
    assert lost.mean == pytest.approx(after["unreachable"])
    assert lost.p_sign == 1.0


def test_every_indicator_stands_with_its_range_before_after_and_as_change(bridge_closed: Scenario) -> None:
    run = computed(bridge_closed)
    stored = set(run.indicators.values_list("indicator", "stage"))
    assert stored == {(name, stage) for name in INDICATORS for stage in ("before", "after", "change")}
    assert all(value.p05 <= value.p95 for value in run.indicators.all())
    rests_on = {value.indicator: value.sources[-1] for value in run.indicators.all()}
    assert rests_on["vehicle_hours"] == "user equilibrium"
    assert rests_on["noisy_homes"] == "noise at façades"
    assert rests_on["no2_streets"] == "air beside streets"


def test_the_same_question_is_computed_once(bridge_closed: Scenario, planner: User) -> None:
    first = computed(bridge_closed)
    again = running.request_run(planner, bridge_closed)
    assert again.pk == first.pk and again.is_finished
    assert Job.objects.count() == 1


def test_asking_twice_while_it_waits_queues_one_job(bridge_closed: Scenario, planner: User) -> None:
    first = running.request_run(planner, bridge_closed)
    assert running.request_run(planner, bridge_closed).job == first.job
    assert (Run.objects.count(), Job.objects.count()) == (1, 1)


def test_a_run_that_is_started_again_after_a_kill_ends_the_same_way(bridge_closed: Scenario, heard: list[str]) -> None:
    run = computed(bridge_closed)
    stored = bytes(run.results or b"")
    progress = jobs.Progress(run.job)  # type: ignore[arg-type]
    running.run_scenario(progress, run.pk)
    run.refresh_from_db()
    assert bytes(run.results or b"") == stored
    assert run.indicators.count() == 3 * len(INDICATORS)
    assert heard == [run.pk, run.pk]


def test_the_same_run_gives_the_same_figures_on_another_day(bridge_closed: Scenario) -> None:
    first = computed(bridge_closed)
    values = list(first.indicators.values_list("indicator", "stage", "mean", "p05", "p95"))
    flows = running.results(first).flow_after.tobytes()
    digest = first.pk
    first.delete()
    second = computed(bridge_closed)
    assert second.pk == digest
    assert list(second.indicators.values_list("indicator", "stage", "mean", "p05", "p95")) == values
    assert running.results(second).flow_after.tobytes() == flows


def test_scenarios_of_one_baseline_share_their_assumptions(bridge_closed: Scenario, street_closed: Scenario) -> None:
    one, other = (running.results(computed(scenario)) for scenario in (bridge_closed, street_closed))
    assert one.values[:, 0].tolist() == other.values[:, 0].tolist()


def test_a_run_that_would_take_too_long_is_refused_before_it_is_queued(
    bridge_closed: Scenario, planner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "SECONDS_PER_LINK_AND_ZONE", 1.0)
    with pytest.raises(TooDear, match="15 are allowed"):
        running.request_run(planner, bridge_closed)
    assert not Run.objects.exists()
    assert not Job.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_failing_receiver_does_not_fail_the_run(bridge_closed: Scenario) -> None:
    def broken(**_signal: object) -> None:
        raise RuntimeError("the scene is on fire")

    running.run_finished.connect(broken)
    try:
        run = running.request_run(None, bridge_closed)
        work()
    finally:
        running.run_finished.disconnect(broken)
    run.refresh_from_db()
    assert run.is_finished
    assert Job.objects.get().state == "done"


def test_a_scene_gets_figures_per_street_and_never_takes_unmodelled_for_unchanged(bridge_closed: Scenario) -> None:
    run = computed(bridge_closed)
    laid = running.overlay_input(run)
    assert laid.scene_slug == "harbour"
    assert laid.title == {"en": "What if the bridge closed?"}
    assert laid.closed == ["way/101", "way/102"]
    assert laid.not_modelled == [f"way/{FOOTPATH}"]
    assert not set(laid.feature_ids) & set(laid.not_modelled)
    assert len(laid.feature_ids) == len(laid.before) == len(laid.after) == len(laid.cls) == len(laid.p_sign)
    assert laid.cls.dtype == np.int8 and set(laid.cls.tolist()) <= {-2, -1, 0, 1, 2}
    assert laid.run_id == run.pk


def test_a_run_without_results_lays_nothing(bridge_closed: Scenario) -> None:
    with pytest.raises(NotFinished):
        running.overlay_input(running.request_run(None, bridge_closed))


def test_the_recipe_names_models_inputs_baseline_and_code(bridge_closed: Scenario, network: Network) -> None:
    recipe = running.recipe(bridge_closed)
    assert recipe["baseline"] == network.digest
    assert [step["model"] for step in recipe["chain"]][-1] == "air beside streets"
    assert {step["model"] for step in recipe["chain"]} <= set(registry.models())
    assert all(span["source"] for span in recipe["inputs"].values())
    assert len(recipe["code"]) == 16
