from __future__ import annotations

import pytest
from django.test import Client

from engagement.models import Project, User
from scenarios import planning
from scenarios.models import Network, Scenario
from tests.scenarios.conftest import CLOSE_BRIDGE, computed, work

pytestmark = pytest.mark.django_db
ASKED = {"project": "bridge", "title": {"en": "What if?"}, "measures": [CLOSE_BRIDGE]}


@pytest.mark.django_db(transaction=True)
def test_a_planner_asks_and_computes_through_the_api(client: Client, network: Network, planner: User) -> None:
    client.force_login(planner)
    asked = client.post("/api/v1/scenarios/", ASKED, content_type="application/json")
    assert asked.status_code == 201
    scenario = asked.json()
    assert scenario["baseline"] == network.digest
    assert scenario["measures"] == [{"position": 1, "kind": "close_links", "body": CLOSE_BRIDGE}]
    runs = f"/api/v1/scenarios/{scenario['id']}/runs/"
    first = client.post(runs)
    assert (first.status_code, first.json()["state"]) == (202, "queued")
    work()
    again = client.post(runs)
    assert (again.status_code, again.json()["state"]) == (200, "done")
    found = client.get(f"/api/v1/runs/{first.json()['digest']}/").json()
    assert found["certificate"]["after"]["relative_gap"] <= 1e-6
    change = {row["indicator"]: row for row in found["indicators"] if row["stage"] == "change"}
    assert change["vehicle_km_ring"]["p05"] <= change["vehicle_km_ring"]["mean"]
    assert len(client.get(runs).json()) == 1


@pytest.mark.parametrize(
    ("changes", "detail"),
    [
        (
            {"measures": [{"kind": "close_links", "ways": [999]}]},
            "The network has no way/999. Look it up on the map of this project.",
        ),
        ({"measures": []}, "A scenario needs at least one measure; without one it is the baseline."),
    ],
)
def test_a_refused_question_says_why_in_the_shape_of_rfc_9457(
    client: Client, network: Network, planner: User, changes: dict[str, object], detail: str
) -> None:
    client.force_login(planner)
    refused = client.post("/api/v1/scenarios/", ASKED | changes, content_type="application/json")
    assert refused.status_code == 422
    assert refused["Content-Type"] == "application/problem+json"
    assert (refused.json()["type"], refused.json()["detail"]) == ("/problems/bad-measure", detail)


def test_outsiders_read_only_what_is_published(
    client: Client, bridge_closed: Scenario, planner: User, outsider: User
) -> None:
    run = computed(bridge_closed)
    paths = [
        f"/api/v1/scenarios/{bridge_closed.pk}/",
        f"/api/v1/scenarios/{bridge_closed.pk}/runs/",
        f"/api/v1/runs/{run.pk}/",
    ]
    client.force_login(outsider)
    assert client.get("/api/v1/scenarios/").json() == []
    assert [client.get(path).status_code for path in paths] == [404, 404, 404]
    planning.publish_scenario(planner, bridge_closed, published=True)
    client.logout()
    assert [s["id"] for s in client.get("/api/v1/scenarios/?project=bridge").json()] == [bridge_closed.pk]
    assert [client.get(path).status_code for path in paths] == [200, 200, 200]


def test_outsiders_ask_and_compute_nothing(client: Client, bridge_closed: Scenario, outsider: User) -> None:
    runs = f"/api/v1/scenarios/{bridge_closed.pk}/runs/"
    assert client.post(runs).status_code == 403
    client.force_login(outsider)
    assert client.post(runs).status_code == 403
    assert client.post("/api/v1/scenarios/", ASKED, content_type="application/json").status_code == 403


def test_a_planner_of_another_project_asks_nothing_here(
    client: Client, bridge_closed: Scenario, outsider: User
) -> None:
    from engagement.models import Membership

    other = Project.objects.create(slug="other", title={"en": "Other"}, languages=["en"])
    Membership.objects.create(user=outsider, project=other, role="planner")
    client.force_login(outsider)
    assert client.post("/api/v1/scenarios/", ASKED, content_type="application/json").status_code == 403
    assert client.post(f"/api/v1/scenarios/{bridge_closed.pk}/runs/").status_code == 404
