"""Pages of sensors: what everybody sees, what a host can do, what an outsider cannot."""

from __future__ import annotations

import re
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from engagement import moderation
from engagement.geo import point
from engagement.models import Place, Project, QueueItem, User
from engagement.places import normalise
from sensors import demonstrating, keyring, registering, storing, times
from sensors.gating import Row
from sensors.models import Campaign, Device, Observation, Site
from sensors.registering import Registered
from sensors.storing import Push, store
from tests.sensors.pushing import HOME


@pytest.fixture
def host(client: Client, volunteer: User) -> Client:
    client.force_login(volunteer)
    return client


@pytest.fixture
def demo(project: Project, volunteer: User, officer: User) -> Campaign:
    return demonstrating.load(project, volunteer, officer, now=timezone.now()).campaign


def form(campaign: Campaign, **changed: str) -> dict[str, str]:
    given = {
        "id": str(uuid4()), "campaign": str(campaign.pk), "preset": "traffic-counter", "lon": str(HOME[0]),
        "lat": str(HOME[1]), "shown_as": "cell100", "name": "Kitchen window", "agree": "on",
    }  # fmt: skip
    return given | changed


def push(device: Device, code: str, value: float, flags: int = 0) -> None:
    now = times.of(timezone.now())
    store([Push(keyring.door_of(device), now, [Row(code, now, value, flags)])])


def test_everybody_reads_the_newest_values_and_that_they_are_simulated(client: Client, demo: Campaign) -> None:
    page = client.get("/sensors/").content.decode()
    assert "12 sensors of volunteers" in page
    assert "Siltasaarenkatu" in page
    assert "Window traffic counter" in page
    assert re.search(r"\d+\xa0vehicles/h", page)
    assert "offline since" in page
    assert "stuck: the same value for hours" in page
    assert page.count("simulated") > 12


def test_the_list_needs_few_queries_however_long_it_is(
    client: Client, demo: Campaign, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    client.get("/sensors/")  # names of places are remembered
    with django_assert_max_num_queries(6):
        client.get("/sensors/")


def test_the_page_of_a_sensor_has_a_picture_and_the_same_as_a_table(client: Client, demo: Campaign) -> None:
    site = Site.objects.get(name="Yrjönkatu")
    page = client.get(f"/sensors/{site.pk}/?show=pm2_5").content.decode()
    assert '<path class="c-line" d="M' in page
    assert page.count('class="c-doubt"') == 40
    assert "40 hours are in doubt." in page
    assert page.count('<tr><th scope="row"') == 504
    assert page.count("stuck: the same value for hours") >= 40
    assert "style=" not in page


def test_a_gap_shows_as_a_gap_in_picture_and_table(client: Client, demo: Campaign) -> None:
    site = Site.objects.get(name="Liisankatu")
    page = client.get(f"/sensors/{site.pk}/?show=cars").content.decode()
    assert page.count('class="c-gap"') == 1
    assert "16 hours are missing." in page
    assert "no readings" in page


def test_hidden_sensors_are_absent_for_everybody_but_their_host_and_the_team(
    client: Client, air_box: Registered, volunteer: User, outsider: User, officer: User
) -> None:
    registering.show_as(volunteer, air_box.site, "hidden")
    push(air_box.device, "pm10", 12.0)
    path, series = f"/sensors/{air_box.site.pk}/", f"/api/v1/sensors/{air_box.site.pk}/series.csv"
    observations = f"/api/v1/sensors/{air_box.site.pk}/observations/?phenomenon=pm10"
    for user, status in ((None, 404), (outsider, 404), (volunteer, 200), (officer, 200)):
        client.logout()
        if user:
            client.force_login(user)
        assert [client.get(each).status_code for each in (path, series, observations)] == [status] * 3
    assert client.get("/api/v1/sensors/").json() == []


def test_the_outsider_sees_no_page_of_a_box_and_changes_nothing(
    client: Client, air_box: Registered, outsider: User
) -> None:
    box = f"/sensors/devices/{air_box.device.code}/"
    assert client.get(box).status_code == 302
    client.force_login(outsider)
    assert client.get(box).status_code == 404
    for deed in ("renew-key", "revoke-keys", "show-as", "rename", "test-mode", "retire", "file"):
        assert client.post(f"{box}{deed}/").status_code == 404
    assert Device.objects.get().keys.filter(revoked_at__isnull=True).count() == 1


def test_registering_shows_the_key_once_with_its_settings_and_a_qr_code(host: Client, campaign: Campaign) -> None:
    given = form(campaign)
    first = host.post("/sensors/new/", given)
    page = first.content.decode()
    key = re.search(r'<p class="key code">([0-9a-z]{6}-[0-9a-z]{26})</p>', page)
    assert (first.status_code, first["Cache-Control"]) == (201, "no-store")
    assert key is not None
    assert keyring.find_now(key[1]).door == keyring.door_of(Device.objects.get())
    assert "/ingest/telraam/" in page
    assert "<svg" in page and 'class="qr"' in page

    again = host.post("/sensors/new/", given, follow=True)
    assert key[1] not in again.content.decode()
    assert "registered already" in again.content.decode()
    assert Device.objects.count() == Site.objects.count() == 1


def test_an_address_is_found_without_javascript_and_nothing_typed_is_lost(host: Client, campaign: Campaign) -> None:
    Place.objects.create(
        kind="address", name="Siltasaarenkatu", number="4", normalised=normalise("Siltasaarenkatu 4"), point=point(*HOME), source="test"
    )  # fmt: skip
    typed = form(campaign, lon="", lat="", address="siltasaarenk 4", name="My window")
    looked = host.post("/sensors/new/", typed | {"find": "yes"})
    page = looked.content.decode()
    assert looked.status_code == 200
    assert "Siltasaarenkatu 4" in page
    assert 'value="My window"' in page
    assert not Site.objects.exists()

    place = re.search(r'name="place" value="([^"]+)"', page)
    assert place is not None
    assert host.post("/sensors/new/", typed | {"place": place[1]}).status_code == 201
    assert Site.objects.get().public_point is not None


def test_a_registration_without_a_place_says_what_to_do(host: Client, campaign: Campaign) -> None:
    refused = host.post("/sensors/new/", form(campaign, lon="", lat=""))
    assert refused.status_code == 422
    assert "type the address and press “Find”" in refused.content.decode()


def test_without_a_street_nearby_a_segment_is_refused_with_a_sentence(host: Client, campaign: Campaign) -> None:
    refused = host.post("/sensors/new/", form(campaign, shown_as="segment"))
    assert refused.status_code == 422
    assert "No street that we know passes within 60 metres." in refused.content.decode()
    assert not Device.objects.exists()


def test_who_is_no_volunteer_here_cannot_register(client: Client, campaign: Campaign, outsider: User) -> None:
    client.force_login(outsider)
    assert "No measuring campaign is open for you." in client.get("/sensors/new/").content.decode()
    assert client.post("/sensors/new/", form(campaign)).status_code == 422
    assert not Device.objects.exists()


def test_a_new_box_waits_for_its_first_message_and_shows_what_to_type(host: Client, air_box: Registered) -> None:
    page = host.get(f"/sensors/devices/{air_box.device.code}/").content.decode()
    assert "Not on the map yet: 2 steps to go" in page
    assert "We have never heard from it." in page
    assert "Type the settings below into the box" in page
    assert "/ingest/airrohr/" in page
    assert air_box.key is not None
    assert air_box.key not in page


def test_after_the_first_reading_the_box_is_on_the_map_under_a_neutral_name(host: Client, air_box: Registered) -> None:
    push(air_box.device, "pm10", 12.0)
    page = host.get(f"/sensors/devices/{air_box.device.code}/").content.decode()
    assert "On the map" in page
    assert "A moderator looks at “Balcony”. Until then it is called “Air-quality box”." in page


def test_a_stuck_box_is_the_one_stuck_step(host: Client, air_box: Registered) -> None:
    push(air_box.device, "humidity", 99.9, flags=4)
    page = host.get(f"/sensors/devices/{air_box.device.code}/").content.decode()
    assert "Humidity has been 99.9\xa0% for hours." in page
    assert page.count("This is the step that is stuck.") == 1


def test_a_wrong_key_is_what_the_silent_box_suffers_from(host: Client, air_box: Registered) -> None:
    from sensors.ingesting import note_wrong_key

    note_wrong_key("wrong-key", "esp8266-1234567", None, times.of(timezone.now()))
    page = host.get(f"/sensors/devices/{air_box.device.code}/").content.decode()
    assert page.count("came with a key that we do not know") == 2  # as the stuck step, and among the refused


def test_a_rejected_name_is_not_shown_and_its_host_reads_why(
    host: Client, client: Client, air_box: Registered, officer: User
) -> None:
    item = QueueItem.objects.get(kind="sensor.name")
    moderation.rule(item, officer, "rejected", ground="personal-data", reason="It names the family at the door.")
    page = host.get(f"/sensors/devices/{air_box.device.code}/").content.decode()
    assert "It names the family at the door." in page
    client.logout()
    assert "Balcony" not in client.get(f"/sensors/{air_box.site.pk}/").content.decode()


def test_an_approved_name_is_shown_and_taken_back_with_the_ruling(
    client: Client, air_box: Registered, officer: User
) -> None:
    item = QueueItem.objects.get(kind="sensor.name")
    moderation.rule(item, officer, "approved")
    assert "Balcony" in client.get("/sensors/").content.decode()
    moderation.undo(item, officer)
    assert "Balcony" not in client.get("/sensors/").content.decode()


def test_a_host_changes_name_and_place_ends_test_mode_and_takes_it_down(host: Client, air_box: Registered) -> None:
    box = f"/sensors/devices/{air_box.device.code}/"
    for deed, data in (
        ("rename", {"name": "Yard"}), ("show-as", {"shown_as": "hidden"}), ("test-mode", {"on": "yes"}), ("retire", {}),
    ):  # fmt: skip
        assert host.post(f"{box}{deed}/", data).status_code == 302
    site = Site.objects.get()
    assert (site.name, site.shown_as, site.public_point, site.test_mode) == ("Yard", "hidden", None, True)
    assert site.retired_on == timezone.localdate()
    assert not Device.objects.get().keys.filter(revoked_at__isnull=True).exists()
    assert QueueItem.objects.filter(state="waiting").count() == 1
    assert "It hangs nowhere." in host.get(box).content.decode()


def test_a_new_key_is_shown_once_and_the_old_one_ends_tomorrow(host: Client, air_box: Registered) -> None:
    page = host.post(f"/sensors/devices/{air_box.device.code}/renew-key/").content.decode()
    assert re.search(r'<p class="key code">[0-9a-z]{6}-[0-9a-z]{26}</p>', page)
    assert "good until" in host.get(f"/sensors/devices/{air_box.device.code}/").content.decode()


def test_a_host_sends_history_as_a_file_and_reads_what_became_of_it(host: Client, air_box: Registered) -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0).isoformat()
    file = SimpleUploadedFile("history.csv", f"time,pm10,colour\n{hour},11.5,4\n{hour},900000,4\n".encode())
    page = host.post(f"/sensors/devices/{air_box.device.code}/file/", {"file": file}, follow=True).content.decode()
    assert "1 readings are new, 0 were there already, 1 were refused (see below)." in page
    assert "pm10 = 900000 µg/m³ is not what this sensor can measure (0 to 2000)." in page
    assert Observation.objects.get().result == 11.5


def test_a_file_without_a_time_is_refused_with_a_sentence(host: Client, air_box: Registered) -> None:
    file = SimpleUploadedFile("cats.csv", b"cat,colour\nMiri,grey\n")
    page = host.post(f"/sensors/devices/{air_box.device.code}/file/", {"file": file}, follow=True).content.decode()
    assert "the first line has no column called time" in page


def test_my_sensors_lists_only_my_own(client: Client, air_box: Registered, counter: Registered, officer: User) -> None:
    assert client.get("/sensors/mine/").status_code == 302
    client.force_login(officer)
    assert "You have registered no sensor yet." in client.get("/sensors/mine/").content.decode()
    assert air_box.site.owner is not None
    client.force_login(air_box.site.owner)
    page = client.get("/sensors/mine/").content.decode()
    assert air_box.device.code in page
    assert counter.device.code in page


def test_the_api_gives_sensors_readings_and_a_file_with_its_licence(client: Client, air_box: Registered) -> None:
    push(air_box.device, "pm10", 12.5, flags=1)
    (sensor,) = client.get("/api/v1/sensors/?project=bridge").json()
    assert (sensor["name"], sensor["kind"], sensor["licence"]) == ("Air-quality box", "air-box", "CC-BY-4.0")
    value = sensor["values"][0]
    assert (value["phenomenon"], value["value"], value["unit"], value["flags"]) == ("pm10", 12.5, "ug/m3", ["range"])
    rows = client.get(f"/api/v1/sensors/{sensor['id']}/observations/?phenomenon=pm10").json()
    assert rows == [{"time": value["time"], "value": 12.5, "flags": ["range"]}]
    file = b"".join(client.get(f"/api/v1/sensors/{sensor['id']}/series.csv")).decode().splitlines()
    assert file[0].startswith("# CC-BY-4.0")
    assert file[2].endswith('pm10,12.5,ug/m3,"hardly possible here"')


def test_a_moment_without_a_zone_is_refused_by_the_api(client: Client, air_box: Registered) -> None:
    push(air_box.device, "pm10", 12.5)
    answer = client.get(f"/api/v1/sensors/{air_box.site.pk}/observations/?phenomenon=pm10&since=2026-11-22")
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/bad-moment"


def test_an_export_goes_back_in_as_it_came_out(client: Client, air_box: Registered) -> None:
    push(air_box.device, "pm10", 12.123456789)
    exported = b"".join(client.get(f"/api/v1/sensors/{air_box.site.pk}/series.csv"))
    from sensors import backfilling
    from sensors.kinds import csv

    report = backfilling.take(keyring.door_of(air_box.device), csv.text(exported).splitlines(), backfilling.direct())
    assert (report.created, report.duplicate, report.rejected) == (0, 1, 0)
    assert storing.MOST_REPORTED == 50


def test_a_volunteer_finds_the_sensors_from_the_desk_and_an_outsider_does_not(
    client: Client, volunteer: User, outsider: User
) -> None:
    client.force_login(volunteer)
    assert 'href="/sensors/mine/"' in client.get("/desk/").content.decode()
    client.force_login(outsider)
    assert 'href="/sensors/mine/"' not in client.get("/desk/").content.decode()
