"""What clients write: repeated, many at once, patched, linked, refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.core.checks import run_checks
from django.test import Client

from sensors.models import Datastream, Observation
from tests.sensors.sensorthings.service import NORTH, ROOT, build, get, place, post, send


@pytest.fixture
def service(open_service: Client) -> Client:
    build(open_service)
    return open_service


def series(client: Client, name: str) -> int:
    return int(get(client, f"Datastreams?$filter=name eq '{name}'")["value"][0]["@iot.id"])


def test_the_same_reading_twice_is_stored_once(service: Client) -> None:
    path = f"Datastreams({series(service, 'air north')})/Observations"
    body = {"phenomenonTime": "2025-05-05T00:00:00Z", "result": 7, "parameters": {"a": 1}}

    first, again = send(service, "post", path, body), send(service, "post", path, body)
    other = send(service, "post", path, body | {"result": 8})

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 409)
    assert first["Location"] == again["Location"]
    assert Observation.objects.count() == 9


def test_a_reading_without_a_time_is_of_now(service: Client) -> None:
    key = post(service, f"Datastreams({series(service, 'air north')})/Observations", {"result": 7})

    assert len(get(service, f"Observations?$filter=@iot.id eq {key} and phenomenonTime gt 2026-01-01")["value"]) == 1


def test_many_readings_are_created_as_arrays(service: Client) -> None:
    north, south = series(service, "air north"), series(service, "air south")
    feature = get(service, "FeaturesOfInterest")["value"][0]["@iot.id"]
    body = [
        {
            "Datastream": {"@iot.id": north},
            "components": ["phenomenonTime", "result", "FeatureOfInterest/id"],
            "dataArray@iot.count": 3,
            "dataArray": [
                ["2025-07-01T00:00:00Z", 20, feature],
                ["2025-07-02T00:00:00Z", "damp", feature],
                ["2025-01-01T00:00:00Z", 99, feature],
            ],
        },
        {
            "Datastream": {"@iot.id": south},
            "components": ["result", "phenomenonTime", "resultTime"],
            "dataArray": [[21, "2025-07-01T00:00:00Z/2025-07-01T01:00:00Z", "2025-07-01T02:00:00Z"]],
        },
    ]

    response = send(service, "post", "CreateObservations", body)

    assert response.status_code == 201
    first, second, conflict, last = response.json()
    assert get(service, first)["result"] == 20
    assert get(service, second)["result"] == "damp"
    assert conflict.startswith("error: This series has another reading for the same moment.")
    assert get(service, last)["phenomenonTime"] == "2025-07-01T00:00:00.000Z/2025-07-01T01:00:00.000Z"
    assert get(service, last)["resultTime"] == "2025-07-01T02:00:00.000Z"


@pytest.mark.parametrize(
    "body",
    [
        {},
        [{}],
        [{"Datastream": {"@iot.id": 99999}, "components": ["result"], "dataArray": [[1]]}],
        [{"Datastream": {"@iot.id": 1}, "components": "result", "dataArray": [[1]]}],
        [{"Datastream": {"@iot.id": 1}, "components": ["result"], "dataArray": [[1, 2]]}],
        [{"Datastream": {"@iot.id": 1}, "components": ["phenomenonTime"], "dataArray": [["2025-01-01T00:00:00Z"]]}],
    ],
)
def test_a_wrong_data_array_stores_nothing(service: Client, body: Any) -> None:
    before = Observation.objects.count()

    assert send(service, "post", "CreateObservations", body).status_code == 400
    assert Observation.objects.count() == before


def test_a_json_patch_changes_members(service: Client) -> None:
    key = get(service, "Things?$filter=name eq 'North pier'")["value"][0]["@iot.id"]
    patch = [
        {"op": "test", "path": "/name", "value": "North pier"},
        {"op": "replace", "path": "/properties/floors", "value": 4},
        {"op": "add", "path": "/properties/tags", "value": ["a"]},
        {"op": "add", "path": "/properties/tags/-", "value": "b"},
        {"op": "remove", "path": "/properties/owner"},
        {"op": "move", "from": "/properties/size/width", "path": "/properties/width"},
        {"op": "copy", "from": "/name", "path": "/description"},
    ]

    response = send(service, "patch", f"Things({key})", patch, "application/json-patch+json")

    assert response.status_code == 200
    assert response.json()["description"] == "North pier"
    assert response.json()["properties"] == {"floors": 4, "open": True, "size": {}, "tags": ["a", "b"], "width": 2.5}


@pytest.mark.parametrize(
    "patch",
    [
        {"op": "remove", "path": "/name"},
        [{"op": "test", "path": "/name", "value": "another"}, {"op": "replace", "path": "/name", "value": "x"}],
        [{"op": "remove", "path": "/properties/absent"}],
        [{"op": "explode", "path": "/name"}],
        [{"op": "remove", "path": "/name"}],
        [{"op": "add", "path": "name", "value": "x"}],
    ],
)
def test_a_json_patch_that_cannot_be_done_changes_nothing(service: Client, patch: Any) -> None:
    before = get(service, "Things")["value"]

    key = before[0]["@iot.id"]

    assert send(service, "patch", f"Things({key})", patch, "application/json-patch+json").status_code == 400
    assert get(service, "Things")["value"] == before


def test_a_thing_that_moves_remembers_where_it_was(service: Client) -> None:
    key = get(service, "Things?$filter=name eq 'North pier'")["value"][0]["@iot.id"]

    post(service, f"Things({key})/Locations", place("east", {"type": "Point", "coordinates": [12, 60]}))

    assert [each["name"] for each in get(service, f"Things({key})/Locations")["value"]] == ["east"]
    history = get(service, f"Things({key})/HistoricalLocations?$expand=Locations&$orderby=time")["value"]
    assert [each["Locations"][0]["name"] for each in history] == ["north", "east"]


def test_readings_before_and_after_a_move_are_about_two_places(service: Client) -> None:
    key = get(service, "Things?$filter=name eq 'North pier'")["value"][0]["@iot.id"]
    post(service, f"Things({key})/Locations", place("east", {"type": "Point", "coordinates": [12, 60]}))

    later = post(service, f"Datastreams({series(service, 'air north')})/Observations", {"result": 5})

    assert get(service, f"Observations({later})/FeatureOfInterest")["name"] == "At east"
    found = get(service, "FeaturesOfInterest?$filter=name eq 'At north'&$expand=Observations($count=true)")
    assert found["value"][0]["Observations@iot.count"] == 5


@pytest.mark.parametrize(
    ("path", "body", "where"),
    [
        ("Things", {"description": "x"}, "name"),
        ("Things", {"name": " ", "description": "x"}, "name"),
        ("Things", {"name": "x" * 256}, "name"),
        ("Things", {"name": "x", "properties": [1]}, "properties"),
        ("Things", {"name": "x", "colour": "red"}, "colour"),
        ("Things", {"name": "x", "Locations": {"@iot.id": 1}}, "Locations"),
        ("Things", {"name": "x", "Locations": [{"@iot.id": 99999}]}, None),
        ("Things", [], None),
        ("Locations", place("x", {"type": "Point", "coordinates": ["a", 1]}), "location"),
        ("Locations", place("x", {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]}), "location"),
        ("HistoricalLocations", {"time": "soon", "Thing": {"@iot.id": 1}}, "time"),
        ("Sensors", {"name": "x", "encodingType": "y", "metadata": None}, "metadata"),
        ("Observations", {"result": None, "Datastream": {"@iot.id": 1}}, "result"),
        (
            "Observations",
            {"result": 1, "phenomenonTime": "2025-02-01T00:00:00Z/2025-01-01T00:00:00Z"},
            "phenomenonTime",
        ),
    ],
)
def test_a_wrong_entity_is_told_what_is_wrong_and_where(
    service: Client, path: str, body: Any, where: str | None
) -> None:
    response = send(service, "post", path, body)

    assert response.status_code == 400
    assert response.json()["detail"]
    if where is not None:
        assert response.json()["where"] == where


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[" * 5000,
        b'{"name": "a\\u0000b"}',
        b'{"name": "\\ud800"}',
        b'{"name": NaN}',
        b"\xff\xfe",
        b'{"name": "x", "properties": {"a": 1e999}}',
        b'{"name": "x", "properties": ' + b'{"a":' * 60 + b"1" + b"}" * 61,
    ],
)
def test_a_body_that_no_database_can_hold_is_refused(open_service: Client, content: bytes) -> None:
    response = open_service.post(f"{ROOT}/Things", content, content_type="application/json")

    assert response.status_code == 400
    assert get(open_service, "Things")["value"] == []


def test_a_client_series_is_no_series_of_a_site(service: Client) -> None:
    assert Datastream.objects.count() == 0
    assert Datastream.everywhere.count() == 3


def test_deleting_a_thing_leaves_no_series_behind(service: Client) -> None:
    for thing in get(service, "Things")["value"]:
        assert service.delete(thing["@iot.selfLink"]).status_code == 200

    assert Datastream.everywhere.count() == Observation.objects.count() == 0


def test_a_batch_does_requests_in_order_and_links_them(open_service: Client) -> None:
    requests = [
        {"id": "thing", "method": "post", "url": "Things", "body": {"name": "t", "description": "t"}},
        {"id": "rename", "method": "patch", "url": "$thing", "body": {"name": "renamed"}},
        {"id": "read", "method": "get", "url": "$thing?$select=name"},
        {
            "id": "history",
            "method": "post",
            "url": "HistoricalLocations",
            "body": {"time": "2025-01-01T00:00:00Z", "Thing": {"@iot.id": "$thing"}},
        },
        {"id": "wrong", "method": "get", "url": "Things?$filter=x eq 1"},
    ]

    response = send(open_service, "post", "$batch", {"requests": requests})

    assert response.status_code == 200
    answers = {each["id"]: each for each in response.json()["responses"]}
    assert [answers[name]["status"] for name in ("thing", "rename", "read", "history", "wrong")] == [
        201,
        200,
        200,
        201,
        400,
    ]
    assert answers["rename"]["body"]["name"] == "renamed"


def test_an_atomic_group_is_done_all_or_none(open_service: Client) -> None:
    requests = [
        {"id": 1, "atomicityGroup": "a", "method": "post", "url": "Things", "body": NORTH},
        {"id": 2, "atomicityGroup": "a", "method": "post", "url": "Things", "body": {"description": "no name"}},
        {"id": 3, "method": "get", "url": "Things?$count=true"},
    ]

    answers = send(open_service, "post", "$batch", {"requests": requests}).json()["responses"]

    assert [each["status"] for each in answers] == [424, 400, 200]
    assert answers[2]["body"]["@iot.count"] == 0


def test_a_wrong_batch_is_refused(open_service: Client) -> None:
    wrong: list[Any] = [
        [],
        {"requests": 1},
        {"requests": [{}]},
        {"requests": [{"id": 1, "method": "trace", "url": "x"}]},
    ]
    for body in wrong:
        assert send(open_service, "post", "$batch", body).status_code == 400


def test_a_public_site_with_open_writes_fails_the_deploy_check(settings: Any) -> None:
    def found() -> list[str]:
        return [str(each.id) for each in run_checks(tags=["security"], include_deployment_checks=True)]

    assert site_settings.LOGGIA_SENSORTHINGS_OPEN_WRITES is False
    assert "sensors.E001" not in found()
    settings.LOGGIA_SENSORTHINGS_OPEN_WRITES = True
    assert "sensors.E001" in found()


def test_nothing_is_open_without_the_flag(db: None, client: Client) -> None:
    for method, path in (
        ("post", "Things"),
        ("post", "CreateObservations"),
        ("put", "Things(1)"),
        ("delete", "Things(1)"),
    ):
        response = getattr(client, method)(f"{ROOT}/{path}", json.dumps([]), content_type="application/json")
        assert response.status_code == 401
