"""Our registered sensors in the shape of the standard: what is shown, what never, who may send readings."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from engagement.models import Project, User
from sensors import writer
from sensors.gating import Row
from sensors.keyring import door_of
from sensors.models import Datastream, Observation, Site, Thing
from sensors.registering import Registered
from sensors.sensorthings import mirroring
from sensors.storing import Push
from sensors.times import of
from tests.conftest import person
from tests.sensors.pushing import HOME, basic
from tests.sensors.sensorthings.service import ROOT, get, place, post, send, stream


def measured(box: Registered, *values: tuple[str, str, float, int]) -> None:
    """Readings of a box, as its pushes bring them: property, time, value, flags."""
    rows = [Row(code, of(datetime.fromisoformat(at)), value, flags) for code, at, value, flags in values]
    writer.write_now(Push(door_of(box.device), of(timezone.now()), rows))


@pytest.fixture
def box(air_box: Registered) -> Registered:
    """The balcony, with a good and a doubtful reading of dust."""
    measured(air_box, ("pm2_5", "2026-11-20T10:00:00+00:00", 8.5, 0), ("pm2_5", "2026-11-20T11:00:00+00:00", 700, 1))
    return air_box


def everything(client: Client) -> str:
    """All bytes that the service shows."""
    found = [
        client.get(f"{ROOT}/{path}").content.decode()
        for path in (
            "Things?$expand=Locations,HistoricalLocations/Locations,Datastreams",
            "Datastreams?$expand=Thing,Sensor,ObservedProperty,Observations/FeatureOfInterest",
            "FeaturesOfInterest?$expand=Observations",
            "Locations?$expand=Things,HistoricalLocations",
            "Observations?$expand=Datastream/Thing,FeatureOfInterest",
            "Locations?$resultFormat=GeoJSON",
            "Things?$resultFormat=CSV",
        )
    ]
    return "".join(found)


def test_a_public_site_is_a_thing_with_its_public_place(client: Client, box: Registered) -> None:
    thing = get(client, "Things?$expand=Locations,Datastreams/ObservedProperty,Datastreams/Sensor")["value"][0]

    assert thing["name"] == "Air-quality box"  # the host's own name waits for a moderator
    assert thing["properties"]["licence"] == "CC-BY-4.0"
    assert thing["properties"]["shown_as"] == "cell100"
    assert thing["Locations"][0]["properties"] == {"cell_m": 100, "shown_as": "cell100"}
    series = thing["Datastreams"][0]
    assert series["unitOfMeasurement"]["symbol"] == "µg/m³"
    assert series["ObservedProperty"]["properties"] == {"code": "pm2_5", "ucum": "ug/m3"}
    assert series["Sensor"]["name"] == "Air-quality box"
    assert series["phenomenonTime"] == "2026-11-20T10:00:00.000Z/2026-11-20T11:00:00.000Z"


def test_the_marks_of_the_checks_are_the_quality_of_a_result(client: Client, box: Registered) -> None:
    found = get(client, "Observations?$select=result,resultQuality")["value"]

    assert found == [
        {"result": 8.5, "resultQuality": {"flags": [], "usable": True}},
        {"result": 700, "resultQuality": {"flags": ["range"], "usable": False}},
    ]


def test_readings_are_about_the_public_place(client: Client, box: Registered) -> None:
    site = Site.objects.get()
    assert site.public_point is not None

    feature = get(client, "Observations?$expand=FeatureOfInterest")["value"][0]["FeatureOfInterest"]

    assert feature["feature"] == {"type": "Point", "coordinates": [site.public_point.x, site.public_point.y]}
    assert get(client, f"FeaturesOfInterest({feature['@iot.id']})/Observations?$count=true")["@iot.count"] == 2


def test_the_exact_place_is_in_no_byte(client: Client, box: Registered) -> None:
    shown = everything(client)

    assert str(HOME[0])[:8] not in shown
    assert str(HOME[1])[:8] not in shown
    for word in ("Balcony", "volunteer@", "esp8266", box.device.code, "owner"):
        assert word not in shown


@pytest.mark.parametrize("way", ["hidden", "test mode", "unpublished"])
def test_a_site_that_the_public_may_not_see_has_no_row_and_no_reading(
    client: Client, box: Registered, project: Project, way: str
) -> None:
    site = Site.objects.get()
    if way == "hidden":
        site.shown_as, site.public_point = Site.Shown.HIDDEN, None
        site.save()
    elif way == "test mode":
        site.test_mode = True
        site.save()
    else:
        project.published = False
        project.save()

    for collection in (
        "Things",
        "Locations",
        "HistoricalLocations",
        "Datastreams",
        "Observations",
        "FeaturesOfInterest",
    ):
        assert get(client, f"{collection}?$count=true") == {"@iot.count": 0, "value": []}
    key = Observation.objects.values_list("pk", flat=True)[0]
    assert client.get(f"{ROOT}/Observations({key})").status_code == 404


def test_a_site_that_is_shown_again_comes_back_with_its_series(client: Client, box: Registered) -> None:
    key = get(client, "Datastreams")["value"][0]["@iot.id"]
    site = Site.objects.get()
    for test_mode in (True, False):
        site.test_mode = test_mode
        site.save()

    assert get(client, "Datastreams")["value"][0]["@iot.id"] == key
    assert get(client, f"Datastreams({key})/Observations?$count=true")["@iot.count"] == 2


def test_a_coarser_place_leaves_no_history_of_the_finer_one(client: Client, box: Registered) -> None:
    site = Site.objects.get()
    before = get(client, "Locations")["value"][0]["location"]
    site.shown_as = Site.Shown.CELL_500
    site.public_point = Site.objects.get().public_point
    assert site.public_point is not None
    site.public_point.x += 0.003
    site.save()

    shown = everything(client)

    assert str(before["coordinates"][0]) not in shown
    assert get(client, "HistoricalLocations?$count=true")["@iot.count"] == 1


def test_an_approved_name_is_shown(client: Client, box: Registered) -> None:
    site = Site.objects.get()
    site.approved_name = site.name
    site.save(update_fields=["approved_name"])

    assert get(client, "Things")["value"][0]["name"] == "Balcony"


def test_a_lost_mirror_is_mended(client: Client, box: Registered) -> None:
    Thing.objects.all().delete()

    assert mirroring.mend() == {"sites": 1}
    assert get(client, "Things?$count=true")["@iot.count"] == 1
    assert mirroring.mend() == {"sites": 0}


def test_what_belongs_to_a_registered_sensor_is_not_changed_here(
    client: Client, box: Registered, settings: Any
) -> None:
    settings.LOGGIA_SENSORTHINGS_OPEN_WRITES = True

    for collection in (
        "Things",
        "Locations",
        "HistoricalLocations",
        "Datastreams",
        "Observations",
        "FeaturesOfInterest",
    ):
        address = f"{collection}({get(client, collection)['value'][0]['@iot.id']})"
        assert send(client, "patch", address, {}).status_code == 403
        assert client.delete(f"{ROOT}/{address}").status_code == 403
    for collection in ("Sensors", "ObservedProperties"):
        address = f"{collection}({get(client, collection)['value'][0]['@iot.id']})"
        assert send(client, "patch", address, {"name": "mine"}).status_code == 403
    thing = get(client, "Things")["value"][0]["@iot.id"]
    assert send(client, "post", f"Things({thing})/Datastreams", stream("s", "n", "p", [])).status_code == 403
    elsewhere = place("elsewhere", {"type": "Point", "coordinates": [0, 0]})
    assert send(client, "post", f"Things({thing})/Locations", elsewhere).status_code == 403
    assert Observation.objects.count() == 2


def test_without_a_right_nothing_is_written(client: Client, box: Registered, outsider: User) -> None:
    body = {"name": "t", "description": "t"}
    assert send(client, "post", "Things", body).status_code == 401
    assert "Basic" in send(client, "post", "Things", body)["WWW-Authenticate"]
    assert client.delete(f"{ROOT}/Things(1)").status_code == 401
    client.force_login(outsider)
    assert send(client, "post", "Things", body).status_code == 403
    assert Thing.objects.count() == 1


def test_the_team_of_a_campaign_describes_things_with_a_form_token_only(officer: User) -> None:
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(officer)
    body = json.dumps({"name": "Reference monitor", "description": "of the city"})

    without = guarded.post(f"{ROOT}/Things", body, content_type="application/json")
    client = Client()
    client.force_login(officer)

    assert without.status_code == 403
    assert "form token" in without.json()["detail"]
    assert post(client, "Things", json.loads(body)) > 0


@pytest.fixture
def closing_writer(transactional_db: None) -> Iterator[None]:
    """The writer has its own connection, so its tests commit."""
    yield
    writer.close()
    connections.close_all()


def reading(at: str, value: float) -> dict[str, Any]:
    return {"phenomenonTime": at, "result": value}


def test_a_box_sends_its_readings_with_its_key_through_the_writer(
    closing_writer: None, client: Client, box: Registered
) -> None:
    series = Datastream.objects.get()
    path = f"{ROOT}/Datastreams({series.pk})/Observations"
    headers = basic(box.key or "")
    body = json.dumps(reading("2026-11-20T12:00:00Z", 9.25))

    first = client.post(path, body, content_type="application/json", headers=headers)
    again = client.post(path, body, content_type="application/json", headers=headers)
    other = client.post(
        path, json.dumps(reading("2026-11-20T12:00:00Z", 3)), content_type="application/json", headers=headers
    )
    absurd = client.post(
        path, json.dumps(reading("2026-11-20T13:00:00Z", 1e6)), content_type="application/json", headers=headers
    )

    assert (first.status_code, again.status_code, other.status_code, absurd.status_code) == (201, 200, 409, 400)
    assert first["Location"] == again["Location"]
    assert "1000" in absurd.json()["detail"]
    assert Observation.objects.filter(result=9.25).count() == 1
    assert series.latest.result == 9.25


def test_readings_of_another_box_or_with_a_wrong_key_are_refused(
    closing_writer: None, client: Client, box: Registered, counter: Registered, outsider: User, volunteer: User
) -> None:
    path = f"{ROOT}/Datastreams({Datastream.objects.get().pk})/Observations"
    body = json.dumps(reading("2026-11-20T12:00:00Z", 9.25))

    def status(**headers: Any) -> int:
        return client.post(path, body, content_type="application/json", **headers).status_code

    assert status() == 401
    assert status(headers=basic("k7m2qd-" + "0" * 26)) == 401
    assert status(headers=basic(counter.key or "")) == 403
    client.force_login(outsider)
    assert status() == 403
    client.force_login(person("second-host@city.example", "volunteer"))
    assert status() == 403
    client.force_login(volunteer)
    assert status() == 201


def test_a_data_array_of_a_box_is_told_reading_by_reading(
    closing_writer: None, client: Client, box: Registered
) -> None:
    part = {
        "Datastream": {"@iot.id": Datastream.objects.get().pk},
        "components": ["phenomenonTime", "result"],
        "dataArray": [
            ["2026-11-20T14:00:00Z", 1.5],
            ["2026-11-20T15:00:00Z", 5000],
            ["2026-11-20T10:00:00Z", 8.5],
            ["2026-11-20T10:00:00Z", 9.5],
        ],
    }
    response = client.post(
        f"{ROOT}/CreateObservations",
        json.dumps([part]),
        content_type="application/json",
        headers=basic(box.key or ""),
    )

    assert response.status_code == 201
    kept, absurd, known, conflict = response.json()
    assert kept.startswith(f"http://testserver{ROOT}/Observations(")
    assert absurd.startswith("error: ")
    assert known.endswith(f"/Observations({Observation.objects.get(result=8.5).pk})")
    assert conflict.startswith("error: This series has another reading")
