"""Whoever saves and reads a thousand times learns the chosen cell and nothing finer, at every door and export."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from engagement import live
from engagement.models import LogEntry, User
from sensors import backfilling, keyring, naming, placing, registering
from sensors.registering import Registered
from tests.sensors.pushing import HOME

NUMBER = re.compile(r"-?\d+\.\d{3,}")
DOORS = (
    "/sensors/",
    "/sensors/?project=bridge",
    "/sensors/{site}/",
    "/api/v1/sensors/",
    "/api/v1/sensors/{site}/observations/?phenomenon=pm2_5",
    "/api/v1/sensors/{site}/series.csv",
    "/sensorthings/v1.1/Things?$expand=Locations,Datastreams($expand=Observations,Sensor,ObservedProperty)",
    "/sensorthings/v1.1/Locations",
    "/sensorthings/v1.1/FeaturesOfInterest",
    "/sensorthings/v1.1/Datastreams",
    "/sensorthings/v1.1/Observations?$expand=FeatureOfInterest",
    "/sensorthings/v1.1/HistoricalLocations?$expand=Locations",
    "/projects/bridge/",
)


def send(box: Registered) -> None:
    moment = timezone.now() - timedelta(minutes=10)
    backfilling.take(keyring.door_of(box.device), ["time,pm2_5", f"{moment.isoformat()},12"], backfilling.direct())


def read(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code < 500, path
    return (answer.getvalue() if answer.streaming else answer.content).decode()


def everything(client: Client, site: int) -> str:
    """All that anybody can read, the live snapshot included."""
    pages = [read(client, path.format(site=site)) for path in DOORS]
    return "\n".join([*pages, json.dumps(live.snapshot("values.bridge"))])


def near(text: str, shown: tuple[float, float] | None) -> set[str]:
    """Numbers that are closer to the exact place than a cell is wide, but are not the point that is shown."""
    found = set()
    for written in NUMBER.findall(text):
        for exact, reach, public in zip(HOME, (0.02, 0.01), shown or (None, None), strict=True):
            if abs(float(written) - exact) < reach and (public is None or float(written) != public):
                found.add(written)
    return found


@pytest.mark.parametrize("shown_as", ["cell100", "cell500", "hidden"])
def test_no_door_tells_more_than_the_chosen_cell(
    client: Client, air_box: Registered, volunteer: User, shown_as: str
) -> None:
    send(air_box)
    site, secrets = air_box.site, (air_box.key or "?", air_box.device.chip_id, volunteer.email, air_box.device.code)
    point = placing.shown_point(*HOME, shown_as)
    registering.show_as(volunteer, site, "cell500")
    registering.show_as(volunteer, site, shown_as)
    text = everything(client, site.pk)
    assert near(text, (point.x, point.y) if point else None) == set()
    assert not [secret for secret in secrets if secret in text]
    if shown_as == "hidden":
        assert "Balcony" not in text


@pytest.mark.slow
def test_a_thousand_saves_and_reads_show_one_point_per_choice(
    client: Client, air_box: Registered, volunteer: User
) -> None:
    send(air_box)
    site, shown, told = air_box.site, dict[str, set[tuple[float, float] | None]](), set[str]()
    for count in range(1_000):
        shown_as = ("cell100", "cell500", "hidden", "cell100")[count % 4]
        registering.show_as(volunteer, site, shown_as)
        site.refresh_from_db()
        point = site.public_point
        shown.setdefault(shown_as, set()).add((point.x, point.y) if point else None)
        told |= near(read(client, DOORS[count % len(DOORS)].format(site=site.pk)), None)
    assert {how: len(points) for how, points in shown.items()} == {"cell100": 1, "cell500": 1, "hidden": 1}
    allowed = {number for points in shown.values() for point in points if point for number in point}
    assert {float(written) for written in told} <= allowed


def test_neither_the_log_nor_the_queue_holds_the_exact_place(air_box: Registered, volunteer: User) -> None:
    registering.show_as(volunteer, air_box.site, "cell500")
    registering.move(volunteer, air_box.site, HOME[0] + 0.0001, HOME[1])
    content = naming.SensorName().content(naming.ref(air_box.site))
    logged = json.dumps(list(LogEntry.objects.values_list("subject", "details")))
    assert near(f"{logged} {content}", None) == set()
