from __future__ import annotations

import re

import pytest
from django.test import Client

from engagement.models import Membership, Project, Round, User
from scenarios import decisions, feedback, planning
from scenarios.models import Decision, Network, Run, Scenario, Weighting
from tests.scenarios.conftest import computed, released, work
from tests.scenarios.test_decisions import written

pytestmark = pytest.mark.django_db


def as_(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


@pytest.fixture
def shown(bridge_closed: Scenario, planner: User) -> Scenario:
    computed(bridge_closed)
    planning.publish_scenario(planner, bridge_closed, published=True)
    return bridge_closed


class TestResultPage:
    def test_it_says_before_and_after_with_ranges_and_draws_the_map(self, client: Client, shown: Scenario) -> None:
        page = client.get(f"/scenarios/{shown.pk}/")
        text = page.content.decode()
        assert page.status_code == 200
        assert "What if the bridge closed?" in text
        assert "Time of an average car trip" in text
        assert 'class="d-closed"' in text and 'class="d-ring"' in text
        assert "Every car trip is still possible." in text
        assert "lie on assumed streets outside the map" in text
        assert "not checked here" in text
        assert str(shown.latest_run and shown.latest_run.pk) in text

    def test_not_modelled_and_no_clear_change_are_never_the_same(self, client: Client, shown: Scenario) -> None:
        text = client.get(f"/scenarios/{shown.pk}/").content.decode()
        assert "not modelled" in text
        assert "no clear change" in text
        assert "Walking, cycling, buses and trams" in text
        assert "Noise at houses" in text

    def test_an_unpublished_what_if_looks_absent(
        self, client: Client, bridge_closed: Scenario, outsider: User, planner: User
    ) -> None:
        computed(bridge_closed)
        url = f"/scenarios/{bridge_closed.pk}/"
        assert client.get(url).status_code == 404
        assert as_(client, outsider).get(url).status_code == 404
        assert as_(client, planner).get(url).status_code == 200

    def test_it_shows_weights_with_and_without_the_answers(
        self, client: Client, shown: Scenario, planner: User, open_round: Round, officer: User, second_officer: User,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        feedback.set_weighting(
            planner, shown.project, "matters", {"time": "vehicle_hours", "quiet": "vehicle_km_streets"}
        )
        release = released(open_round, {"time": 240, "quiet": 120, "other": 40}, officer, second_officer, monkeypatch)
        text = client.get(f"/scenarios/{shown.pk}/").content.decode()
        assert "With the answers" in text and "Without them" in text
        assert f"/releases/{release.pk}/" in text
        assert "Below 80 % nothing is called first." in text

    def test_an_earlier_run_keeps_its_page(self, client: Client, shown: Scenario) -> None:
        run = shown.latest_run
        assert run is not None
        assert client.get(f"/scenarios/{shown.pk}/?run={run.pk}").status_code == 200
        assert client.get(f"/scenarios/{shown.pk}/?run={'0' * 64}").status_code == 404


class TestPlannersDesk:
    @pytest.mark.django_db(transaction=True)
    def test_a_planner_asks_computes_and_publishes(self, client: Client, network: Network, planner: User) -> None:
        as_(client, planner)
        assert client.get("/desk/scenarios/").status_code == 200
        assert "Pitkasilta" in client.get("/desk/scenarios/new/bridge/").content.decode()
        given = {"title_en": "What if it closed?", "title_fi": "", "streets": "Pitkasilta", "closed_for": "all"}
        asked = client.post("/desk/scenarios/new/bridge/", given)
        scenario = Scenario.objects.get()
        assert asked.status_code == 302
        page = client.get(asked["Location"]).content.decode()
        assert f'data-job="{Run.objects.get().job_id}"' in page
        work()
        assert "Before and after" in client.get(f"/desk/scenarios/{scenario.pk}/").content.decode()
        client.post(f"/desk/scenarios/{scenario.pk}/", {"act": "publish"})
        client.logout()
        assert client.get(f"/scenarios/{scenario.pk}/").status_code == 200

    def test_a_street_that_is_not_there_keeps_what_was_typed(
        self, client: Client, network: Network, planner: User
    ) -> None:
        given = {"title_en": "What if?", "streets": "Pitkasilta\nBroadway", "closed_for": "all"}
        page = as_(client, planner).post("/desk/scenarios/new/bridge/", given)
        text = page.content.decode()
        assert page.status_code == 422
        assert "No street called “Broadway”" in text
        assert "Pitkasilta\nBroadway" in text and "What if?" in text
        assert not Scenario.objects.exists()

    def test_the_ring_is_shown_and_changed(self, client: Client, network: Network, planner: User) -> None:
        url = f"/desk/scenarios/networks/{network.pk}/"
        assert "assumed: outside the map" in as_(client, planner).get(url).content.decode()
        given: dict[str, object] = {"form-TOTAL_FORMS": 8, "form-INITIAL_FORMS": 8}
        for row in range(8):
            given |= {f"form-{row}-length_m": 700, f"form-{row}-speed_kmh": 50, f"form-{row}-capacity_vph": 1800}
        changed = client.post(url, given)
        assert changed.status_code == 302
        assert Network.objects.count() == 2
        assert "set by a planner" in client.get(changed["Location"]).content.decode()
        assert client.post(url, given | {"form-3-speed_kmh": -5}).status_code == 422

    def test_the_weighting_is_set_from_a_release(
        self, client: Client, shown: Scenario, planner: User, open_round: Round, officer: User, second_officer: User,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:  # fmt: skip
        url = "/desk/scenarios/weighting/bridge/"
        assert "No release of this project is published yet" in as_(client, planner).get(url).content.decode()
        released(open_round, {"time": 240, "quiet": 120, "other": 40}, officer, second_officer, monkeypatch)
        assert "What matters most?" in client.get(url).content.decode()
        given = {"option_0": "vehicle_hours", "option_1": "vehicle_km_streets", "option_2": ""}
        assert client.post(url, given).status_code == 302
        assert Weighting.objects.get(project=shown.project).indicators == {
            "time": "vehicle_hours",
            "quiet": "vehicle_km_streets",
        }

    @pytest.mark.parametrize(
        "path", ["scenarios/", "scenarios/new/bridge/", "scenarios/{scenario}/", "scenarios/networks/{network}/",
                 "scenarios/weighting/bridge/", "decisions/", "decisions/new/bridge/"]
    )  # fmt: skip
    def test_outsiders_and_volunteers_stay_out(
        self, client: Client, bridge_closed: Scenario, outsider: User, volunteer: User, path: str
    ) -> None:
        url = "/desk/" + path.format(scenario=bridge_closed.pk, network=bridge_closed.network_id)
        assert client.get(url).status_code == 302
        for person in (outsider, volunteer):
            assert as_(client, person).get(url).status_code == 403

    def test_a_planner_of_another_project_sees_nothing_of_this_one(
        self, client: Client, bridge_closed: Scenario, outsider: User
    ) -> None:
        other = Project.objects.create(slug="other", title={"en": "Other"}, languages=["en"])
        Membership.objects.create(user=outsider, project=other, role="planner")
        as_(client, outsider)
        assert "What if the bridge closed?" not in client.get("/desk/scenarios/").content.decode()
        assert client.get(f"/desk/scenarios/{bridge_closed.pk}/").status_code == 404
        assert client.get(f"/desk/scenarios/networks/{bridge_closed.network_id}/").status_code == 404
        assert client.get("/desk/scenarios/new/bridge/").status_code == 403


class TestDecisionPages:
    def test_an_officer_writes_looks_and_publishes(self, client: Client, shown: Scenario, officer: User) -> None:
        as_(client, officer)
        given = {
            "title_en": "The bridge closes", "plain_text_en": "From May on.", "outcome": "done", "reason": "safety",
            "decided_on": "2026-11-01", "runs": [shown.latest_run.pk],  # type: ignore[union-attr]
        }  # fmt: skip
        kept = client.post("/desk/decisions/new/bridge/", given)
        decision = Decision.objects.get()
        assert kept["Location"] == f"/desk/decisions/{decision.pk}/"
        assert client.get(f"/decisions/{decision.pk}/").status_code == 200
        published = client.post(f"/desk/decisions/{decision.pk}/publish/")
        assert published["Location"] == f"/decisions/{decision.pk}/"
        client.logout()
        text = client.get(f"/decisions/{decision.pk}/").content.decode()
        assert "The bridge closes" in text and "From May on." in text
        assert f"/scenarios/{shown.pk}/" in text
        brief = client.get(f"/decisions/{decision.pk}/brief").content.decode()
        assert "What we do not know" in brief and "Time of an average car trip" in brief

    def test_what_a_decision_rests_on_becomes_public_with_it(
        self, client: Client, bridge_closed: Scenario, officer: User
    ) -> None:
        decision = written(officer, bridge_closed.project, runs=[computed(bridge_closed)])
        assert client.get(f"/scenarios/{bridge_closed.pk}/").status_code == 404
        decisions.publish(officer, decision)
        assert client.get(f"/scenarios/{bridge_closed.pk}/").status_code == 200

    def test_an_unpublished_decision_looks_absent(
        self, client: Client, project: Project, officer: User, planner: User
    ) -> None:
        decision = written(officer, project)
        for path in (f"/decisions/{decision.pk}/", f"/decisions/{decision.pk}/brief"):
            assert client.get(path).status_code == 404
            assert as_(client, planner).get(path).status_code == 404
            client.logout()

    def test_a_decision_in_the_future_keeps_what_was_typed(
        self, client: Client, project: Project, officer: User
    ) -> None:
        decision = written(officer, project, plain_text={"en": ""})
        refused = as_(client, officer).post(f"/desk/decisions/{decision.pk}/publish/")
        assert refused.status_code == 422
        assert "in plain words" in refused.content.decode()

    def test_a_published_decision_is_shown_as_final_on_the_desk(
        self, client: Client, project: Project, officer: User
    ) -> None:
        decision = decisions.publish(officer, written(officer, project))
        assert "cannot be changed" in as_(client, officer).get(f"/desk/decisions/{decision.pk}/").content.decode()


def test_every_figure_leads_to_the_model_behind_it(client: Client, bridge_closed: Scenario, planner: User) -> None:
    computed(bridge_closed)
    planning.publish_scenario(planner, bridge_closed, published=True)
    result = client.get(f"/scenarios/{bridge_closed.pk}/").content.decode()
    models = client.get("/scenarios/models/").content.decode()
    anchors = set(re.findall(r'href="/scenarios/models/#([-\w]+)"', result))
    assert {"user-equilibrium", "noise-at-facades", "air-beside-streets"} <= anchors
    assert all(f'id="{anchor}"' in models for anchor in anchors)


def test_machines_read_what_this_twin_is_good_for(client: Client) -> None:
    twin = client.get("/api/v1/twin/").json()
    assert twin["mim8_class"] == "predictive"
    assert "Only cars are modelled. Walking, cycling, buses, trams and ships are not." in twin["not_good_for"]
    noise = next(model for model in twin["models"] if model["name"] == "noise at façades")
    assert noise["outputs"][0] == {"name": "lden_db", "kind": "receptors", "unit": "dB", "optional": False}
