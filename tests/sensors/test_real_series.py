"""Real series through the file door: what the checks find in them, and what the daily figures leave out."""

from __future__ import annotations

import csv
import gzip
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone

from engagement.models import User
from sensors import comparing, quality, registering, rollups
from sensors.ingesting import Doors
from sensors.models import Campaign, Observation, Rollup
from sensors.quality import Flag
from sensors.registering import Registered, Registration
from tests.sensors.pushing import Answer, basic, send

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]
STUCK_BOX = "61056a6a95edc2001b2dd4ce"


def rows_of(path: Path) -> list[dict[str, str]]:
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        return list(csv.DictReader(stream))


async def send_file(doors: Doors, box: Registered, lines: list[str], query: bytes) -> Answer:
    path = f"/api/v1/sensors/{box.device.code}/observations.csv"
    return await send(doors, path, "\n".join(lines).encode(), basic(box.key or ""), query=query)


async def test_the_berlin_boxes_yield_the_stuck_one_and_the_four_absurd_values(
    doors: Doors, campaign: Campaign, volunteer: User, shared_data: Path
) -> None:
    boxes: dict[str, list[dict[str, str]]] = {}
    for row in rows_of(shared_data / "sensors/opensensemap_berlin_pm25.csv.gz"):
        boxes.setdefault(row["sensorId"], []).append(row)
    names: dict[int | None, str] = {}
    for name, series in boxes.items():
        given = Registration("file", float(series[0]["lon"]), float(series[0]["lat"]), "cell100")
        box = await sync_to_async(registering.register)(volunteer, campaign, given)
        names[box.site.pk] = name
        lines = ["createdAt,pm2_5", *(f"{row['createdAt']},{row['value']}" for row in series)]
        answer = await send_file(doors, box, lines, b"history=yes")
        assert answer.status == 201, answer.body
    found = await sync_to_async(_what_was_found)(names)
    print(found)
    assert found["boxes"] == 50
    assert found["stored"] == 107_112
    assert found["stuck"] == {STUCK_BOX}
    assert found["over_500"] == 4 == found["over_500_flagged"]
    assert found["false_share"] < 0.005
    # One box in Berlin read 52 and another 95 µg/m³ half of the time while the boxes around them read about 6.
    assert found["marked"] == {"5a7f2eb1398b82001189eb68", "5c377effc4c2f3001942a949"}


def _what_was_found(names: dict[int | None, str]) -> dict[str, Any]:
    comparing.compare(rollups.renew())
    stuck_sites = _sites_with(Flag.STUCK)
    others = list(
        Observation.objects.exclude(datastream__site__in=stuck_sites)
        .filter(result__lte=500)
        .values_list("flags", flat=True)
    )
    over = Observation.objects.filter(result__gt=500)
    return {
        "boxes": len(names),
        "stored": Observation.objects.count(),
        "stuck": {names[site] for site in stuck_sites},
        "over_500": over.count(),
        "over_500_flagged": sum(flags & Flag.RANGE > 0 for flags in over.values_list("flags", flat=True)),
        "false_share": sum(flags & quality.OBJECTIONS > 0 for flags in others) / len(others),
        "marked": {names[site] for site in _sites_with(Flag.NEIGHBOUR)},
    }


def _sites_with(flag: Flag) -> set[int | None]:
    bits = Observation.objects.values_list("datastream__site_id", "flags")
    return {site for site, flags in bits if flags & flag}


async def test_a_year_of_telraam_hours_leaves_the_dark_ones_out_of_the_daily_figures(
    doors: Doors, counter: Registered, shared_data: Path
) -> None:
    rows = rows_of(shared_data / "sensors/telraam_chateaubourg_2022.csv.gz")
    one = [row for row in rows if row["segment_id"] == "9000001844"]
    lines = ["date,uptime,car", *(f"{row['date']},{row['uptime']},{row['car']}" for row in one)]
    query = b"timezone=Europe/Paris&history=yes"
    first = await send_file(doors, counter, lines, query)
    again = await send_file(doors, counter, lines, query)
    assert (first.status, first.body["created"], first.body["rejected"]) == (201, 2 * 8_509, 0)
    assert (again.status, again.body["created"], again.body["duplicate"]) == (200, 0, 2 * 8_509)
    await sync_to_async(_daily_figures_hold)(one)


def _daily_figures_hold(rows: list[dict[str, str]]) -> None:
    rollups.renew()
    cars = Rollup.objects.filter(datastream__observed_property="cars")
    counted = sum(float(row["uptime"]) >= 0.5 for row in rows)
    assert sum(cars.filter(period=Rollup.Period.MONTH).values_list("n", flat=True)) <= counted
    tz = timezone.get_default_timezone()
    day = date(2022, 6, 14)
    of_day = [
        float(row["car"])
        for row, begins in ((row, _utc(row["date"])) for row in rows)
        if begins.astimezone(tz).date() == day and float(row["uptime"]) >= 0.5
    ]
    stored = cars.get(period=Rollup.Period.DAY, start__date=day)
    print(f"{day}: {stored.n} of 24 hours, {stored.mean:.1f} cars an hour, coverage {stored.coverage:.2f}")
    assert (stored.n, stored.coverage) == (len(of_day), len(of_day) / 24)
    assert stored.mean == pytest.approx(sum(of_day) / len(of_day))


def _utc(written: str) -> datetime:
    return datetime.fromisoformat(written[:19]).replace(tzinfo=ZoneInfo("Europe/Paris"))
