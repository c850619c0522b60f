"""Paging, expansion without a query per parent, result formats, methods and headers of the service."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from sensors.sensorthings.guarding import bounded
from tests.sensors.sensorthings.service import ROOT, get

pytestmark = pytest.mark.django_db
ENDLESS = {
    "sqlite": "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(60)",
}


def walked(client: Client, path: str) -> list[Any]:
    """Results of all pages, by following the next links."""
    body, found = get(client, path), []
    while True:
        found += [each["result"] for each in body["value"]]
        if "@iot.nextLink" not in body:
            return found
        body = get(client, body["@iot.nextLink"])


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", [1, 2.5, -3, "high", 4, 10, 11, 12.75]),
        ("$orderby=phenomenonTime", [10, 1, 2.5, -3, "high", 4, 11, 12.75]),
        ("$orderby=phenomenonTime desc", [12.75, 11, 4, "high", -3, 2.5, 1, 10]),
        ("$orderby=result", [-3, 1, 2.5, 4, 10, 11, 12.75, "high"]),
        ("$orderby=result desc", [12.75, 11, 10, 4, 2.5, 1, -3, "high"]),
        ("$orderby=resultTime,result desc", [10, 12.75, 11, 4, 2.5, 1, -3, "high"]),
        ("$orderby=Datastream/name desc,result", [4, "high", 10, 11, 12.75, -3, 1, 2.5]),
        ("$orderby=result mod 2,@iot.id desc", [-3, 10, 4, 2.5, 12.75, 11, 1, "high"]),
        ("$orderby=Datastream/Thing/properties/floors,result", [10, 11, 12.75, -3, 1, 2.5, 4, "high"]),
        ("$filter=result gt 2&$orderby=result desc", [12.75, 11, 10, 4, 2.5]),
        ("$skip=5&$orderby=result", [11, 12.75, "high"]),
    ],
)
@pytest.mark.parametrize("top", [1, 3, 100])
def test_next_links_give_every_reading_once_and_in_order(world: Client, query: str, found: list[Any], top: int) -> None:
    assert walked(world, f"Observations?$top={top}&{query}") == found


@pytest.mark.parametrize(
    "token", ["x", "W10", "WzFd", "WyJhIiwxXQ", "WzFlOTk5LDFd", "bnVsbA", "WyJcdTAwMDAiLDFd", "eyJhIjoxfQ"]
)
def test_a_foreign_skiptoken_is_refused_or_harmless(world: Client, token: str) -> None:
    response = world.get(f"{ROOT}/Observations?$orderby=phenomenonTime&$skiptoken={token}")

    assert response.status_code == 400
    assert "$skiptoken" in response.json()["detail"]


def newest(body: dict[str, Any]) -> dict[str, list[Any]]:
    return {each["name"]: [reading["result"] for reading in each["Observations"]] for each in body["value"]}


@pytest.mark.parametrize(
    ("inside", "found"),
    [
        ("$top=1;$orderby=phenomenonTime desc", {"air north": [-3], "water north": [4], "air south": [12.75]}),
        ("$top=2", {"air north": [1, 2.5], "water north": ["high", 4], "air south": [10, 11]}),
        ("$top=1;$skip=1", {"air north": [2.5], "water north": [4], "air south": [11]}),
        ("$top=1;$orderby=result desc", {"air north": [2.5], "water north": [4], "air south": [12.75]}),
        ("$filter=result gt 2;$top=1", {"air north": [2.5], "water north": [4], "air south": [10]}),
        ("$filter=result gt 99", {"air north": [], "water north": [], "air south": []}),
        ("$top=0", {"air north": [], "water north": [], "air south": []}),
    ],
)
def test_the_first_few_of_each_series_are_expanded(world: Client, inside: str, found: dict[str, list[Any]]) -> None:
    assert newest(get(world, f"Datastreams?$expand=Observations({inside})")) == found


def test_an_expanded_collection_has_its_own_count_and_next_link(world: Client) -> None:
    for order in ("phenomenonTime", "result"):
        query = f"Datastreams?$expand=Observations($top=1;$count=true;$orderby={order})&$filter=name eq 'air south'"
        body = get(world, query)["value"][0]

        assert body["Observations@iot.count"] == 3
        rest = get(world, body["Observations@iot.nextLink"])
        assert [each["result"] for each in rest["value"]] == [11]
        assert rest["@iot.count"] == 3


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("Observations", 2),
        ("Observations?$count=true", 3),
        ("Things?$expand=Locations,HistoricalLocations,Datastreams", 5),
        ("Datastreams?$expand=Observations($top=1;$orderby=phenomenonTime desc)", 4),
        ("Datastreams?$expand=Observations($top=1;$orderby=result)", 3),
        ("Things?$expand=Datastreams($expand=Observations($expand=FeatureOfInterest),Sensor,ObservedProperty)", 8),
        ("Observations?$expand=Datastream/Thing/Locations,FeatureOfInterest", 6),
    ],
)
def test_the_number_of_statements_does_not_grow_with_the_rows(world: Client, path: str, most: int) -> None:
    def statements(top: int) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            get(world, f"{path}{'&' if '?' in path else '?'}$top={top}")
        return len([each for each in captured if "FROM" in each["sql"]])

    assert statements(100) <= most


def test_too_much_expansion_is_refused_with_a_hint(world: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sensors.sensorthings.planning.MOST_EXPANDED", 5)

    response = world.get(f"{ROOT}/Datastreams?$expand=Observations")

    assert response.status_code == 400
    assert "smaller $top" in response.json()["detail"]


def test_observations_come_as_data_arrays_by_series(world: Client) -> None:
    body = get(world, "Observations?$resultFormat=dataArray&$select=result,phenomenonTime&$count=true")

    assert body["@iot.count"] == 8
    assert [part["components"] for part in body["value"]] == [["id", "result", "phenomenonTime"]] * 3
    assert [[row[1] for row in part["dataArray"]] for part in body["value"]] == [
        [1, 2.5, -3],
        ["high", 4],
        [10, 11, 12.75],
    ]
    assert body["value"][0]["Datastream@iot.navigationLink"].startswith(
        "http://testserver/sensorthings/v1.1/Datastreams("
    )


def test_observations_come_as_csv(world: Client) -> None:
    response = world.get(f"{ROOT}/Observations?$resultFormat=CSV&$filter=result gt 10")

    assert response["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(response.content.decode())))
    assert [(row["phenomenonTime"], row["result"]) for row in rows] == [
        ("2025-06-15T10:00:00.000Z", "11"),
        ("2026-01-01T00:00:00.000Z", "12.75"),
    ]


def test_locations_come_as_geojson(world: Client) -> None:
    response = world.get(f"{ROOT}/Locations?$resultFormat=GeoJSON")

    assert response["Content-Type"] == "application/geo+json"
    north = response.json()["features"][0]
    assert north["geometry"] == {"type": "Point", "coordinates": [10.0, 60.0]}
    assert north["properties"]["name"] == "north"


def test_a_wrong_method_is_405_and_says_which_are_right(world: Client) -> None:
    for path, allowed in (
        ("Things", "GET, HEAD, POST"),
        ("", "GET, HEAD, OPTIONS"),
        ("Things(1)/name", "GET, HEAD"),
        ("CreateObservations", "POST"),
    ):
        response = world.put(f"{ROOT}/{path}", "{}", content_type="application/json")
        assert (response.status_code, response["Allow"]) == (405, allowed)
    assert world.options(f"{ROOT}/Things")["Allow"] == "GET, HEAD, POST, OPTIONS"


def test_what_anyone_may_read_pages_elsewhere_may_read(world: Client) -> None:
    assert world.get(f"{ROOT}/Things")["Access-Control-Allow-Origin"] == "*"
    assert "Access-Control-Allow-Origin" not in world.post(f"{ROOT}/Things", "{}", content_type="application/json")


@pytest.mark.parametrize(
    "path",
    [
        "Nothing",
        "Things(1)/Nothing",
        "Things(x)",
        "Things('1')",
        "Things(-1)",
        "Things/1",
        "Things/name",
        "$batch",
        "Things/$value",
        "Things(1)/name/$ref",
        "Things(1)/properties/absent",
        "Things(1)/$ref/name",
        "Things((1))",
    ],
)
def test_an_address_that_means_nothing_is_404(world: Client, path: str) -> None:
    assert world.get(f"{ROOT}/{path}").status_code == 404


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("$search=x", "There is no option $search."),
        ("$top=many", "$top is a whole number from 0."),
        ("$skip=-1", "$skip is a whole number from 0."),
        ("$count=1", "$count is true or false."),
        ("$select=owner", "Thing has no “owner”."),
        ("$expand=Owner", "Thing is related to no “Owner”,"),
        ("$expand=Datastreams($top=1", "A bracket or quote is not closed."),
        ("$expand=Datastreams($depth=1)", "There is no option $depth."),
        ("$orderby=Datastreams/name", "A list cannot be ordered through Datastreams, which leads to many."),
        ("$orderby='a'", "A list cannot be ordered by text; name a property."),
        ("$resultFormat=xml", "$resultFormat is dataArray, CSV, GeoJSON or json, of the whole answer."),
        ("$expand=" + "Datastreams/Thing/" * 5 + "Datastreams", "$expand can go 5 relations deep."),
    ],
)
def test_a_wrong_option_is_told_what_is_wrong(world: Client, query: str, told: str) -> None:
    response = world.get(f"{ROOT}/Things?{query}")

    assert response.status_code == 400
    assert response.json()["detail"].startswith(told)
    assert response.json()["option"].startswith("$")


def test_a_statement_that_takes_too_long_is_broken_off_with_the_reason(
    world: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def no_time() -> Iterator[None]:
        with bounded(1), connection.cursor() as cursor:
            cursor.execute(ENDLESS[connection.vendor])
            yield

    monkeypatch.setattr("sensors.sensorthings.reading.bounded", no_time)
    refused = world.get(f"{ROOT}/Observations")
    monkeypatch.undo()

    assert refused.status_code == 400
    assert refused.json()["reason"] == "too-long"
    assert world.get(f"{ROOT}/Observations").status_code == 200
