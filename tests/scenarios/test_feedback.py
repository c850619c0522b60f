from __future__ import annotations

import pytest

from engagement.models import Round, User
from privacy import models as privacy_models
from privacy.certificate import CertificateRefused
from scenarios import comparing, feedback, planning
from scenarios.comparing import Comparison
from scenarios.feedback import CannotWeigh
from scenarios.models import Scenario, Weighting
from tests.scenarios.conftest import CLOSE_BRIDGE, computed, released

pytestmark = pytest.mark.django_db
SPEAKS = {"time": "vehicle_hours", "quiet": "vehicle_km_streets"}


@pytest.fixture
def weighting(bridge_closed: Scenario, planner: User) -> Weighting:
    return feedback.set_weighting(planner, bridge_closed.project, "matters", {**SPEAKS, "other": ""})


def test_without_a_release_there_are_no_weights(bridge_closed: Scenario, weighting: Weighting) -> None:
    assert feedback.latest_release(bridge_closed.project) is None
    said = comparing.compared(bridge_closed, computed(bridge_closed))
    assert said == "No release of answers is published yet; the results are shown without weights."


def test_answers_set_the_weights_with_their_error(
    bridge_closed: Scenario,
    weighting: Weighting,
    open_round: Round,
    officer: User,
    second_officer: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release = released(open_round, {"time": 240, "quiet": 120, "other": 40}, officer, second_officer, monkeypatch)
    weighed = feedback.weigh([computed(bridge_closed)], weighting, release.pk)
    assert weighed.release.id == release.pk
    time, quiet = weighed.weights
    assert (time.indicator, quiet.indicator) == ("vehicle_hours", "vehicle_km_streets")
    # 240 and 120 of those who chose one of the two; the noise of the release moves it by some points.
    assert time.mean == pytest.approx(2 / 3, abs=0.08)
    assert time.p05 < time.mean < time.p95
    assert 0.02 < (time.p95 - time.p05) / 2 < 0.12
    assert time.mean + quiet.mean == pytest.approx(1.0)


def test_what_people_want_decides_only_where_it_is_clear(
    bridge_closed: Scenario,
    weighting: Weighting,
    open_round: Round,
    officer: User,
    second_officer: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Closing the bridge costs time and takes kilometres off the streets of the map: weights decide.
    release = released(open_round, {"time": 380, "quiet": 15, "other": 5}, officer, second_officer, monkeypatch)
    run = computed(bridge_closed)
    weighed = feedback.weigh([run], weighting, release.pk)
    leave, close = weighed.options
    assert (leave.run, close.run) == (None, run)
    assert leave.first_with + close.first_with == pytest.approx(1.0)
    assert leave.first_with > leave.first_without
    assert weighed.winner == (leave if leave.first_with >= 0.8 else None)
    assert 0.2 < leave.first_without < 0.8
    assert weighed.winner_without is None


def test_the_same_release_and_runs_give_the_same_figures(
    bridge_closed: Scenario,
    weighting: Weighting,
    open_round: Round,
    officer: User,
    second_officer: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release = released(open_round, {"time": 200, "quiet": 190, "other": 10}, officer, second_officer, monkeypatch)
    run = computed(bridge_closed)
    assert feedback.weigh([run], weighting, release.pk) == feedback.weigh([run], weighting, release.pk)


def test_a_changed_release_is_not_believed(
    bridge_closed: Scenario,
    weighting: Weighting,
    open_round: Round,
    officer: User,
    second_officer: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    release = released(open_round, {"time": 200, "quiet": 190, "other": 10}, officer, second_officer, monkeypatch)
    run = computed(bridge_closed)
    forged = release.document.replace('"option":"time"', '"option":"thyme"')
    # An attacker at the database, past the room's own guards.
    changed = privacy_models.Release(pk=release.pk)
    monkeypatch.setattr("privacy.release.load", lambda _id: _read(forged, release.sha256))
    with pytest.raises(CertificateRefused):
        feedback.weigh([run], weighting, changed.pk)


def _read(text: str, sha256: str) -> object:
    from django.conf import settings

    from privacy import release, signing

    return release.read(text, sha256, signing.register(settings.DATA_DIR))


@pytest.mark.parametrize(
    ("speaks", "said"),
    [
        ({"time": "noise"}, "“noise” is not computed"),
        ({"time": "", "quiet": ""}, "at least one answer"),
        ({"time": "vehicle_hours", "quiet": "vehicle_hours"}, "Two answers speak for the same result"),
    ],
)
def test_a_weighting_names_computed_results_once(
    bridge_closed: Scenario, planner: User, speaks: dict[str, str], said: str
) -> None:
    with pytest.raises(CannotWeigh, match=said):
        feedback.set_weighting(planner, bridge_closed.project, "matters", speaks)


def test_runs_on_different_baselines_are_not_compared(
    bridge_closed: Scenario,
    weighting: Weighting,
    planner: User,
    open_round: Round,
    officer: User,
    second_officer: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = computed(bridge_closed)
    rows = [(900.0, 50.0, 2000.0)] * 16
    planning.change_ring(planner, bridge_closed.network, rows)
    elsewhere = planning.create_scenario(
        bridge_closed.project, title={"en": "Again"}, measures=[CLOSE_BRIDGE], planner=planner
    )
    release = released(open_round, {"time": 200, "quiet": 190, "other": 10}, officer, second_officer, monkeypatch)
    with pytest.raises(CannotWeigh, match="one and the same network"):
        feedback.weigh([first, computed(elsewhere)], weighting, release.pk)


def test_the_page_compares_published_options_of_one_baseline(
    bridge_closed: Scenario, street_closed: Scenario, weighting: Weighting, planner: User,
    open_round: Round, officer: User, second_officer: User, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    run, other = computed(bridge_closed), computed(street_closed)
    assert comparing.shared_runs(bridge_closed, run) == [run]
    planning.publish_scenario(planner, street_closed, published=True)
    assert comparing.shared_runs(bridge_closed, run) == [run, other]
    released(open_round, {"time": 200, "quiet": 190, "other": 10}, officer, second_officer, monkeypatch)
    said = comparing.compared(bridge_closed, run)
    assert isinstance(said, Comparison)
    titles = [row.title for row in said.options]
    assert titles == ["Leave it as it is", "What if the bridge closed?", "What if Satamakatu closed?"]
    assert sum(row.with_answers for row in said.options) == pytest.approx(100, abs=2)
