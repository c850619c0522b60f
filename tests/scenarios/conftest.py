"""A village with a bridge, and what planners do with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import call_command

from engagement.jobs import Progress
from engagement.models import Job, Project, Round, User
from privacy import models as privacy_models
from privacy import publishing, snapshot
from privacy.counts import TableSpec
from privacy.proposing import propose
from privacy.snapshot import Column, Option, SnapshotInput
from scenarios import planning, running
from scenarios.library import comparison
from scenarios.library.city import CityNetwork
from scenarios.library.comparison import Report, WhatIf
from scenarios.library.measures import Measures
from scenarios.models import Network, Run, Scenario
from tests.scenarios.villages import BRIDGE_NORTHBOUND, BRIDGE_SOUTHBOUND, village

BRIDGE = [BRIDGE_NORTHBOUND, BRIDGE_SOUTHBOUND]
CLOSE_BRIDGE = {"kind": "close_links", "ways": BRIDGE, "for": "all"}


def work() -> None:
    """Let the worker do what waits."""
    call_command("worker", batch=True)


@pytest.fixture(autouse=True)
def keys_of_its_own(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path


@pytest.fixture(autouse=True)
def few_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enough for a range; the draws themselves are tested in the library."""
    monkeypatch.setattr(running, "DRAWS", 4)


_compared: dict[tuple[object, ...], WhatIf] = {}


@pytest.fixture(autouse=True)
def computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same question has the same answer, byte for byte (``test_comparison``): many tests ask it, one computes it."""
    compute = comparison.compare

    def remembered(
        city: CityNetwork, measures: Measures, *, draws: int, seed: int, report: Report, **more: Any
    ) -> WhatIf:
        arrays = (measures.closed, measures.added, measures.speed, measures.capacity)
        key = (city.digest, *(a.tobytes() for a in arrays), measures.demand, draws, seed, more.get("level", 1.0))
        if key not in _compared:
            _compared[key] = compute(city, measures, draws=draws, seed=seed, report=report, **more)
        for done, step in ((0.0, "demand"), (0.1, "best"), (0.25, "draw"), (1.0, "done")):
            report(done, step)
        return _compared[key]

    monkeypatch.setattr(comparison, "compare", remembered)


@pytest.fixture
def network(project: Project, tmp_path: Path) -> Network:
    """The village whose streets go on beyond the map."""
    return planning.import_network(project, village(tmp_path))


@pytest.fixture
def bridge_closed(network: Network, planner: User) -> Scenario:
    title = {"en": "What if the bridge closed?"}
    return planning.create_scenario(network.project, title=title, measures=[CLOSE_BRIDGE], planner=planner)


@pytest.fixture
def street_closed(network: Network, planner: User) -> Scenario:
    measure = {"kind": "close_links", "ways": [200], "for": "cars"}
    title = {"en": "What if Satamakatu closed?"}
    return planning.create_scenario(network.project, title=title, measures=[measure], planner=planner)


def computed(scenario: Scenario) -> Run:
    """The finished run of a scenario, computed here and now instead of in the worker."""
    run = running.request_run(None, scenario)
    if run.job is not None and not run.is_finished:
        mine = Job.objects.filter(pk=run.job.pk)
        mine.update(state=Job.State.RUNNING)
        running.run_scenario(Progress(run.job), run.pk)
        mine.update(state=Job.State.DONE)
        run.refresh_from_db()
    return run


def answers_about(shares: dict[str, int]) -> SnapshotInput:
    """Answers to “What matters most?”, so many per option."""
    codes = np.repeat(np.arange(len(shares)), list(shares.values())).astype(np.int16)
    options = [Option(value, {"en": value}) for value in shares]
    units = [f"{place:032x}" for place in range(len(codes))]
    return SnapshotInput(units, [Column("matters", "one", {"en": "What matters most?"}, options, codes)])


def released(
    round: Round, shares: dict[str, int], first: User, second: User, monkeypatch: pytest.MonkeyPatch
) -> privacy_models.Release:
    """A real release of these answers: private, paid, signed twice."""
    monkeypatch.setattr(snapshot, "_sources", {"test": lambda _round: answers_about(shares)})
    draft = propose(round, [TableSpec("matters")], first)
    publishing.sign(draft, first)
    return publishing.countersign(draft, second)
