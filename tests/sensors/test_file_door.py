"""History by file: the same rules as pushes, any length, sent again without harm."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils import timezone

from engagement.models import LiveEvent
from sensors.ingesting import Doors, handles
from sensors.models import IngestError, Latest, Observation
from sensors.quality import Flag
from sensors.registering import Registered
from tests.sensors.pushing import basic, send


def path_of(box: Registered, query: str = "") -> str:
    return f"/api/v1/sensors/{box.device.code}/observations.csv{query}"


def weeks(count: int, *, value: float | None = None) -> bytes:
    begins = timezone.now().astimezone(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(weeks=count)
    hours = [begins + timedelta(hours=hour) for hour in range(count * 7 * 24)]
    lines = [
        f"{hour.isoformat()},{value if value is not None else 5 + number % 7}" for number, hour in enumerate(hours)
    ]
    return "\n".join(["time,pm2_5", *lines]).encode()


def test_the_doors_take_boxes_and_files_and_nothing_else() -> None:
    taken = ["/ingest/airrohr/", "/ingest/x/y/", "/api/v1/sensors/AB12/observations.csv"]
    left = [
        "/",
        "/api/v1/sensors/",
        "/api/v1/sensors/3/series.csv",
        "/api/v1/sensors/3/x/observations.csv",
        "/ingesting/",
    ]
    assert all(handles(path) for path in taken)
    assert not any(handles(path) for path in left)


async def test_three_weeks_of_hours_go_in_once(doors: Doors, air_box: Registered) -> None:
    key = basic(air_box.key or "")
    first = await send(doors, path_of(air_box), weeks(3), key)
    again = await send(doors, path_of(air_box), weeks(3), key)

    assert (first.status, first.body["created"]) == (201, 504)
    assert (again.status, again.body["created"], again.body["duplicate"]) == (200, 0, 504)
    assert await Observation.objects.acount() == 504
    assert await Latest.objects.acount() == 1


async def test_a_file_announces_one_value_per_series_and_part_not_one_per_line(
    doors: Doors, air_box: Registered
) -> None:
    await send(doors, path_of(air_box), weeks(3), basic(air_box.key or ""))
    assert await LiveEvent.objects.filter(topic="values.bridge").acount() == 1


async def test_a_stuck_series_is_flagged_as_soon_as_the_file_is_in(doors: Doors, air_box: Registered) -> None:
    await send(doors, path_of(air_box), weeks(1, value=32.0), basic(air_box.key or ""))
    assert await Observation.objects.filter(flags=Flag.STUCK).acount() == 168
    assert (await Latest.objects.aget()).flags == Flag.STUCK


async def test_the_key_of_another_box_does_not_open_the_file_door(
    doors: Doors, air_box: Registered, counter: Registered
) -> None:
    stranger = await send(doors, path_of(air_box), weeks(1), basic(counter.key or ""))
    nobody = await send(doors, path_of(air_box), weeks(1))
    assert (stranger.status, nobody.status) == (403, 401)
    assert not await Observation.objects.aexists()


async def test_lines_that_cannot_be_kept_are_told_one_by_one(doors: Doors, air_box: Registered) -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    lines = [
        "time,pm10,noise",
        f"{hour.isoformat()},12,55",
        f"{hour.isoformat()},13,55",
        "2019-01-01T00:00:00Z,12,",
        f"{(hour + timedelta(days=3)).isoformat()},12,",
        f"{(hour - timedelta(hours=1)).isoformat()},-3,54",
    ]
    answer = await send(doors, path_of(air_box), "\n".join(lines).encode(), basic(air_box.key or ""))

    counts = {name: answer.body[name] for name in ("created", "duplicate", "conflict", "rejected")}
    assert counts == {"created": 3, "duplicate": 1, "conflict": 1, "rejected": 3}
    told = {(note["line"], note["reason"]) for note in answer.body["notes"]}
    assert told == {(3, "conflict"), (4, "too-old"), (5, "in-the-future"), (6, "impossible")}
    assert await IngestError.objects.acount() == 4


async def test_a_zone_can_be_said_for_the_whole_file(doors: Doors, air_box: Registered) -> None:
    local = datetime.now().replace(minute=0, second=0, microsecond=0) - timedelta(days=2)  # noqa: DTZ005 (as a box writes it)
    body = f"time,pm10\n{local.isoformat(sep=' ')},12\n".encode()
    path, key = path_of(air_box), basic(air_box.key or "")
    without = await send(doors, path, body, key)
    unknown = await send(doors, path, body, key, query=b"timezone=Moon/Crater")
    within = await send(doors, path, body, key, query=b"timezone=Asia/Tokyo")

    assert [without.status, unknown.status, within.status] == [422, 422, 201]
    stored = (await Observation.objects.aget()).phenomenon_time
    assert stored == (local - timedelta(hours=9)).replace(tzinfo=UTC)


async def test_what_is_no_table_of_readings_is_refused_whole(doors: Doors, air_box: Registered) -> None:
    answer = await send(doors, path_of(air_box), b"cat,colour\nMiri,grey\n", basic(air_box.key or ""))
    assert (answer.status, answer.body["type"]) == (422, "/problems/not-understood")
    assert "the first line has no column called time" in answer.body["detail"]
