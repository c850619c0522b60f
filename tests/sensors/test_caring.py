"""Notes, another box, handing over, taking home, erasing: the host's deeds, and nobody else's."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from channels.testing import WebsocketCommunicator
from django.test import Client
from django.utils import timezone

from engagement.models import LogEntry, Project, QueueItem, User
from sensors import backfilling, keyring, leaving, noting, rollups
from sensors.consumers import ValuesConsumer
from sensors.models import Annotation, Device, ExactPlace, Observation, Rollup, Site
from sensors.quality import Flag
from sensors.registering import Registered
from tests.conftest import person


def send(box: Registered, count: int = 30) -> None:
    begins = timezone.now() - timedelta(days=1)
    lines = [f"{(begins + timedelta(minutes=10 * each)).isoformat()},{5 + each % 7}" for each in range(count)]
    backfilling.take(keyring.door_of(box.device), ["time,pm2_5", *lines], backfilling.direct())


def page(box: Registered, deed: str) -> str:
    return f"/sensors/devices/{box.device.code}/{deed}"


def test_a_note_flags_its_interval_and_taking_it_back_frees_it(air_box: Registered) -> None:
    send(air_box)
    since = timezone.now() - timedelta(days=2)
    note = noting.add(air_box.site, since, None, "  Works in   the street ")
    assert note.text == "Works in the street"
    assert Observation.objects.filter(flags=Flag.NOTE).count() == 30
    rollups.renew()
    assert not Rollup.objects.filter(n__gt=0).exists()
    noting.remove(air_box.site, note.pk)
    rollups.renew()
    assert sum(Rollup.objects.filter(period="h").values_list("n", flat=True)) == 30


def test_a_note_of_tomorrow_or_that_ends_before_it_begins_is_refused(air_box: Registered) -> None:
    now = timezone.now()
    for since, until in [(now + timedelta(days=1), None), (now - timedelta(hours=1), now - timedelta(hours=2))]:
        with pytest.raises(noting.BadInterval):
            noting.add(air_box.site, since, until, "x")
    assert not Annotation.objects.exists()


def test_another_box_goes_on_with_the_series(client: Client, air_box: Registered, volunteer: User) -> None:
    send(air_box)
    client.force_login(volunteer)
    answer = client.post(page(air_box, "swap/"), {"chip_id": "esp8266-7654321"})
    assert answer.status_code == 201
    new = Site.objects.get().deployments.get(until__isnull=True).device
    backfilling.take(keyring.door_of(new), ["time,pm2_5", f"{timezone.now().isoformat()},3"], backfilling.direct())
    assert Site.objects.get().datastreams.get().observations.count() == 31
    assert keyring.find_now(air_box.key or "").refusal == "old-key"


def test_a_sensor_is_handed_over_whole_and_the_old_host_is_out(
    client: Client, air_box: Registered, volunteer: User, project: Project
) -> None:
    heir = person("heir@city.example", "volunteer", project)
    client.force_login(volunteer)
    client.post(page(air_box, "hand-over/"), {"email": "HEIR@city.example"})
    air_box.site.refresh_from_db()
    assert air_box.site.owner == heir
    assert keyring.find_now(air_box.key or "").door is None
    assert client.get(page(air_box, "")).status_code == 404


def test_only_volunteers_of_the_project_take_a_sensor(
    client: Client, air_box: Registered, volunteer: User, outsider: User
) -> None:
    client.force_login(volunteer)
    answer = client.post(page(air_box, "hand-over/"), {"email": outsider.email}, follow=True)
    assert "Nobody with this address is a volunteer of the project." in answer.content.decode()
    air_box.site.refresh_from_db()
    assert air_box.site.owner == volunteer


def test_the_host_takes_everything_home_and_nobody_else_does(
    client: Client, air_box: Registered, volunteer: User, officer: User, outsider: User
) -> None:
    send(air_box)
    for stranger in (officer, outsider):
        client.force_login(stranger)
        assert client.get(page(air_box, "everything.json")).status_code == 404
    client.force_login(volunteer)
    answer = client.get(page(air_box, "everything.json"))
    told = json.loads(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert told["exact_place"] == [24.947312, 60.174581]
    assert len(told["observations"]) == 30
    assert told["observations"][0][1:5] == ["pm2_5", "raw", "ug/m3", 5.0]
    assert (air_box.key or "") not in json.dumps(told)


def test_erasing_leaves_nothing_but_the_line_in_the_log(client: Client, air_box: Registered, volunteer: User) -> None:
    send(air_box)
    rollups.renew()
    client.force_login(volunteer)
    asked = client.post(page(air_box, "erase/"))
    assert "Erase the sensor?" in asked.content.decode()
    assert Site.objects.exists()
    answer = client.post(page(air_box, "erase/"), {"sure": "yes"}).content.decode()
    for model in (Site, Device, Observation, Rollup, ExactPlace):
        assert not model.objects.exists(), model
    assert not QueueItem.objects.filter(kind="sensor.name", state="waiting").exists()
    entry = LogEntry.objects.get(verb="sensor.erased")
    assert entry.digest in answer
    assert entry.details == {"readings": 30, "series": 1}


def test_the_team_does_not_erase_a_hosts_sensor(client: Client, air_box: Registered, officer: User) -> None:
    client.force_login(officer)
    assert client.post(page(air_box, "erase/"), {"sure": "yes"}).status_code == 404
    client.post(page(air_box, "alone/"), {"on": "yes"})
    air_box.site.refresh_from_db()
    assert not air_box.site.alone_ok


def test_everything_is_one_json_document_also_without_readings(air_box: Registered) -> None:
    told = json.loads("".join(leaving.everything(air_box.site)))
    assert told["observations"] == []
    assert told["shown_as"] == "cell100"


@pytest.mark.django_db(transaction=True)
async def test_a_stored_value_reaches_open_pages(air_box: Registered) -> None:
    from asgiref.sync import sync_to_async

    talk = WebsocketCommunicator(ValuesConsumer.as_asgi(), "/ws/sensors/bridge/")
    talk.scope["url_route"] = {"kwargs": {"slug": "bridge"}}
    assert (await talk.connect())[0]
    first = json.loads(await talk.receive_from(30))
    assert first["kind"] == "snapshot"
    await sync_to_async(send)(air_box, 1)
    value = json.loads(await talk.receive_from(30))
    assert (value["kind"], value["site"], value["phenomenon"], value["value"]) == (
        "value",
        air_box.site.pk,
        "pm2_5",
        5.0,
    )
    assert [value["lon"], value["lat"]] != [24.947312, 60.174581]
    await talk.disconnect()
