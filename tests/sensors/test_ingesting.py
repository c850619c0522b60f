"""The door for boxes: what is taken, what is refused, and what the host reads about it."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta

from asgiref.sync import sync_to_async
from django.utils import timezone

from engagement.models import LiveEvent, User
from sensors import registering, writer
from sensors.ingesting import Doors
from sensors.kinds import airrohr, telraam
from sensors.models import IngestError, Latest, Observation, Site
from sensors.registering import Registered
from tests.sensors.pushing import HOME, basic, send

AIRROHR = {"x-sensor": "esp8266-1234567", "content-type": "application/json"}


def report(hours_ago: int = 1, **counts: object) -> bytes:
    begins = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours_ago)
    return json.dumps({"report": [{"date": begins.isoformat(), "uptime": 0.9, **counts}]}).encode()


async def test_an_airrohr_push_with_its_key_is_stored_and_answered_after_the_commit(
    doors: Doors, air_box: Registered
) -> None:
    answer = await send(doors, "/ingest/airrohr/", airrohr.KIND.sample, AIRROHR | basic(air_box.key or ""))

    assert answer.status == 201
    assert answer.body == {"created": 5, "duplicate": 0, "conflict": 0, "rejected": 0, "notes": []}
    stored = {
        latest.datastream.observed_property: latest.result
        async for latest in Latest.objects.select_related("datastream")
    }
    assert stored == {"pm10": 18.37, "pm2_5": 7.9, "temperature": 6.31, "pressure": 1008.1294, "humidity": 71.42}


async def test_a_telraam_report_is_taken_with_the_key_as_header_or_in_the_path(
    doors: Doors, counter: Registered
) -> None:
    key = counter.key or ""
    by_header = await send(doors, "/ingest/telraam/", report(1, car=212.6, bike=96.5), {"x-api-key": key})
    by_path = await send(doors, f"/ingest/telraam/{key}/", report(2, car=180, pedestrian=44))
    by_bearer = await send(doors, "/ingest/telraam/", report(3, car=7), {"authorization": f"Bearer {key}"})

    assert [answer.status for answer in (by_header, by_path, by_bearer)] == [201, 201, 201]
    assert [answer.body["created"] for answer in (by_header, by_path, by_bearer)] == [3, 3, 2]


async def test_without_a_key_or_with_a_wrong_one_nothing_is_stored(doors: Doors, air_box: Registered) -> None:
    wrong = (air_box.key or "")[:-1] + ("0" if (air_box.key or "")[-1] != "0" else "1")

    without = await send(doors, "/ingest/airrohr/", airrohr.KIND.sample, AIRROHR)
    mistyped = await send(doors, "/ingest/airrohr/", airrohr.KIND.sample, AIRROHR | basic(wrong))
    nonsense = await send(doors, "/ingest/airrohr/not-a-key/", airrohr.KIND.sample, AIRROHR)

    assert (without.status, mistyped.status, nonsense.status) == (401, 401, 401)
    assert without.headers["content-type"] == "application/problem+json"
    assert without.headers["www-authenticate"].startswith("Basic")
    assert without.body["type"] == "/problems/no-key"
    assert mistyped.body["title"].startswith("This key is not known here.")
    assert not await Observation.objects.aexists()


async def test_a_wrong_key_is_told_to_the_host_of_the_claimed_chip_id_without_the_key(
    doors: Doors, air_box: Registered
) -> None:
    await send(doors, "/ingest/airrohr/", airrohr.KIND.sample, AIRROHR | basic("k7m2qd-" + "0" * 26))

    error = await IngestError.objects.aget(device=air_box.device)
    assert error.reason == "wrong-key"
    assert error.sentence.startswith("A push that called itself this box came with a key that we do not know.")
    assert "k7m2qd" not in json.dumps(error.facts)


async def test_the_same_push_twice_is_stored_once(doors: Doors, air_box: Registered, counter: Registered) -> None:
    air, car = basic(air_box.key or ""), basic(counter.key or "")
    hour = report(1, car=212.6, bike=96.5)
    first = [
        await send(doors, "/ingest/airrohr/", airrohr.KIND.sample, AIRROHR | air),
        await send(doors, "/ingest/telraam/", hour, car),
    ]
    again = [
        await send(doors, "/ingest/airrohr/", airrohr.KIND.sample, AIRROHR | air),
        await send(doors, "/ingest/telraam/", hour, car),
    ]

    assert [answer.body["created"] for answer in first] == [5, 3]
    assert [(answer.status, answer.body["created"], answer.body["duplicate"]) for answer in again] == [
        (200, 0, 5),
        (200, 0, 3),
    ]
    assert await Observation.objects.acount() == 8


async def test_equal_pushes_at_the_same_moment_are_stored_once(doors: Doors, air_box: Registered) -> None:
    headers = AIRROHR | basic(air_box.key or "")
    pushes = [send(doors, "/ingest/airrohr/", airrohr.KIND.sample, headers) for _ in range(20)]
    answers = await asyncio.gather(*pushes)

    assert sum(answer.body["created"] for answer in answers) == 5
    assert sum(answer.body["duplicate"] for answer in answers) == 95
    assert await Observation.objects.acount() == 5


async def test_another_value_for_a_stored_moment_is_a_conflict_and_changes_nothing(
    doors: Doors, counter: Registered
) -> None:
    key = basic(counter.key or "")
    await send(doors, "/ingest/telraam/", report(1, car=100), key)
    answer = await send(doors, "/ingest/telraam/", report(1, car=250, bike=8), key)

    assert (answer.body["created"], answer.body["duplicate"], answer.body["conflict"]) == (1, 1, 1)
    assert "the stored one is kept" in answer.body["notes"][0]["detail"]
    assert (
        await Observation.objects.filter(datastream__observed_property="cars").values_list("result", flat=True).aget()
        == 100
    )


async def test_a_revoked_key_is_refused_within_a_second_although_it_was_cached(
    doors: Doors, air_box: Registered, volunteer: User
) -> None:
    doors.keyring.fresh_s = 0.0
    headers = AIRROHR | basic(air_box.key or "")
    before = await send(doors, "/ingest/airrohr/", airrohr.KIND.sample, headers)
    await sync_to_async(registering.revoke_keys)(volunteer, air_box.device)
    after = await send(doors, "/ingest/airrohr/", airrohr.KIND.sample, headers)

    assert (before.status, after.status) == (201, 401)
    assert (
        after.body["detail"] == "A push came with a key that was replaced or revoked. Type the newest key into the box."
    )


def test_the_cache_of_keys_is_never_older_than_half_a_second() -> None:
    assert Doors().keyring.fresh_s == 0.5


async def test_after_a_renewal_both_keys_are_good_until_the_overlap_ends(
    doors: Doors, counter: Registered, volunteer: User
) -> None:
    doors.keyring.fresh_s = 0.0
    newer = await sync_to_async(registering.renew_key)(volunteer, counter.device)
    with_old = await send(doors, "/ingest/telraam/", report(1, car=1), basic(counter.key or ""))
    with_new = await send(doors, "/ingest/telraam/", report(2, car=1), basic(newer))
    await sync_to_async(registering.renew_key)(volunteer, counter.device, overlap=timedelta(0))
    with_replaced = await send(doors, "/ingest/telraam/", report(3, car=1), basic(newer))

    assert [answer.status for answer in (with_old, with_new, with_replaced)] == [201, 201, 401]


async def test_impossible_values_are_refused_one_by_one_with_a_sentence(doors: Doors, air_box: Registered) -> None:
    values = [{"value_type": "SDS_P1", "value": "-4"}, {"value_type": "SDS_P2", "value": "6.2"}]
    body = json.dumps({"sensordatavalues": [*values, {"value_type": "BME280_humidity", "value": "nan"}]}).encode()
    answer = await send(doors, "/ingest/airrohr/", body, AIRROHR | basic(air_box.key or ""))

    assert answer.status == 201
    assert (answer.body["created"], answer.body["rejected"]) == (1, 2)
    kept = {error.sentence async for error in IngestError.objects.filter(device=air_box.device)}
    assert kept == {
        "pm10 = -4 µg/m³ is not what this sensor can measure (0 to 2000).",
        "BME280_humidity = nan is not a number.",
    }


async def test_equal_refusals_are_one_entry_with_a_count_and_at_most_fifty_are_kept(
    doors: Doors, air_box: Registered
) -> None:
    headers = AIRROHR | basic(air_box.key or "")
    for _ in range(3):
        await send(doors, "/ingest/airrohr/", b"{}", headers)
    assert await IngestError.objects.filter(reason="unreadable").values_list("times", flat=True).aget() == 3

    for number in range(60):
        pairs = [{"value_type": f"strange_{number}", "value": "1"}]
        await send(doors, "/ingest/airrohr/", json.dumps({"sensordatavalues": pairs}).encode(), headers)
    assert await IngestError.objects.acount() == 50


async def test_what_is_no_push_at_all_gets_a_sentence(doors: Doors, air_box: Registered) -> None:
    headers = AIRROHR | basic(air_box.key or "")
    answers = {
        "no-such-door": await send(doors, "/ingest/pigeon/", b"", headers),
        "only-post": await send(doors, "/ingest/airrohr/", b"", headers, method="GET"),
        "not-understood": await send(doors, "/ingest/airrohr/", b"\xff\x00 not JSON", headers),
        "too-large": await send(doors, "/ingest/airrohr/", b" " * 70_000, headers),
        "not-this-way": await send(doors, "/ingest/telraam/", telraam.KIND.sample, headers),
    }
    assert {code: answer.body["type"] for code, answer in answers.items()} == {
        code: f"/problems/{code}" for code in answers
    }
    assert [answer.status for answer in answers.values()] == [404, 405, 422, 413, 403]


async def test_a_key_in_another_box_is_refused_and_both_ids_are_named(doors: Doors, air_box: Registered) -> None:
    headers = basic(air_box.key or "") | {"x-sensor": "esp8266-7654321"}
    answer = await send(doors, "/ingest/airrohr/", airrohr.KIND.sample, headers)

    assert answer.status == 403
    assert "came from the box esp8266-7654321, but the key belongs to esp8266-1234567" in answer.body["detail"]


async def test_a_clock_that_is_years_off_keeps_both_times_and_a_flag(doors: Doors, counter: Registered) -> None:
    key = basic(counter.key or "")
    body = json.dumps([{"date": f"2019-05-01T0{hour}:00:00Z", "car": 10 + hour} for hour in range(3)]).encode()
    first = await send(doors, "/ingest/telraam/", body, key)
    again = await send(doors, "/ingest/telraam/", body, key)

    assert (first.body["created"], again.body["created"], again.body["duplicate"]) == (3, 0, 3)
    rows = [row async for row in Observation.objects.order_by("phenomenon_time")]
    assert [row.device_time.isoformat() for row in rows if row.device_time] == [
        f"2019-05-01T0{h}:00:00+00:00" for h in range(3)
    ]
    assert timezone.now() - rows[-1].phenomenon_time < timedelta(minutes=1)
    assert rows[1].phenomenon_time - rows[0].phenomenon_time == timedelta(hours=1)
    assert {row.flags for row in rows} == {128}
    assert "The clock of the box says 2019-05-01T02:00:00Z." in first.body["notes"][0]["detail"]


async def test_late_readings_are_taken_for_four_hundred_days(doors: Doors, counter: Registered) -> None:
    now = timezone.now()
    dates = [now - timedelta(days=days) for days in (0, 399, 401)]
    body = json.dumps([{"date": date.isoformat(), "car": 5} for date in dates]).encode()
    answer = await send(doors, "/ingest/telraam/", body, basic(counter.key or ""))

    assert (answer.body["created"], answer.body["rejected"]) == (2, 1)
    assert "more than 400 days ago" in answer.body["notes"][0]["detail"]


async def test_a_new_value_goes_out_live_with_the_public_place_only(doors: Doors, air_box: Registered) -> None:
    await send(doors, "/ingest/airrohr/", airrohr.KIND.sample, AIRROHR | basic(air_box.key or ""))

    events = [event.payload async for event in LiveEvent.objects.filter(topic="values.bridge", kind="value")]
    assert len(events) == 5
    pm10 = next(payload for payload in events if payload["phenomenon"] == "pm10")
    site = await Site.objects.aget(pk=air_box.site.pk)
    assert site.public_point is not None
    assert (pm10["lon"], pm10["lat"]) == (site.public_point.x, site.public_point.y)
    assert (pm10["lon"], pm10["lat"]) != HOME
    assert pm10 | {"lon": 0, "lat": 0, "time": ""} == {
        "site": site.pk, "name": "Air-quality box", "lon": 0, "lat": 0, "phenomenon": "pm10", "value": 18.37,
        "unit": "ug/m3", "time": "", "flags": 0, "simulated": False,
    }  # fmt: skip


async def test_hidden_sites_and_those_in_test_mode_never_go_out(
    doors: Doors, air_box: Registered, counter: Registered, volunteer: User
) -> None:
    await sync_to_async(registering.show_as)(volunteer, air_box.site, "hidden")
    await sync_to_async(registering.set_test_mode)(volunteer, counter.site, on=True)
    await LiveEvent.objects.all().adelete()
    await send(doors, "/ingest/airrohr/", airrohr.KIND.sample, AIRROHR | basic(air_box.key or ""))
    await send(doors, "/ingest/telraam/", report(1, car=3), basic(counter.key or ""))

    assert await Observation.objects.acount() == 7
    assert not await LiveEvent.objects.filter(topic__startswith="values.").aexists()


async def test_an_old_reading_that_comes_late_is_no_new_value(doors: Doors, counter: Registered) -> None:
    key = basic(counter.key or "")
    await send(doors, "/ingest/telraam/", report(1, car=10), key)
    await send(doors, "/ingest/telraam/", report(30, car=99), key)

    latest = await Latest.objects.select_related("datastream").aget(datastream__observed_property="cars")
    assert latest.result == 10
    assert await LiveEvent.objects.filter(topic="values.bridge").acount() == 2


async def test_a_full_queue_says_when_to_come_back(doors: Doors, counter: Registered) -> None:
    writer.current()._waiting_rows = writer.MOST_WAITING_ROWS  # as if the disk had been slow for a while
    answer = await send(doors, "/ingest/telraam/", report(1, car=1), basic(counter.key or ""))

    assert answer.status == 429
    assert answer.headers["retry-after"] == "5"
    assert not await Observation.objects.aexists()


async def test_an_erased_site_does_not_stop_the_writer_for_others(
    doors: Doors, air_box: Registered, counter: Registered
) -> None:
    await send(doors, "/ingest/telraam/", report(1, car=1), basic(counter.key or ""))
    await Site.objects.filter(pk=counter.site.pk).adelete()
    doors.keyring._checked_at = float("inf")  # the cache has not noticed yet
    lost, kept = await asyncio.gather(
        send(doors, "/ingest/telraam/", report(2, car=1), basic(counter.key or "")),
        send(doors, "/ingest/airrohr/", airrohr.KIND.sample, AIRROHR | basic(air_box.key or "")),
    )
    assert (lost.status, kept.status) == (503, 201)
