"""Hop 5: a volunteer's boxes, their pushes, and the value on the twin."""

from __future__ import annotations

import base64
import json
import time
from datetime import UTC, datetime
from typing import Any

from tests.visitor import Page
from tests.walk.baggage import Baggage
from tests.walk.scene_socket import scene_socket

CHIP = "14079453"
MEASURED = 12.4


def values(baggage: Baggage) -> str:
    """Two boxes are registered; pushes count with their key and not without; a value is on the twin within a second."""
    air = register(baggage, "air-box", "Siltasaarenkatu 3", chip_id=CHIP)
    counter = register(baggage, "traffic-counter", "Unioninkatu 45")
    refused = push(baggage, "airrohr", airrohr(MEASURED), "no-such-key-0000")
    assert refused.status == 401, refused.text
    assert refused.json()["detail"], refused.text
    assert push(baggage, "airrohr", airrohr(MEASURED), "").status == 401
    with open_scene(baggage) as socket:
        socket.send(type="values", on=True)
        snapshot = socket.next("values").json()
        assert snapshot["snapshot"] and snapshot["values"], "no current values"
        sent = time.monotonic()
        taken = push(baggage, "airrohr", airrohr(MEASURED), air)
        assert taken.status in {200, 201}, taken.text
        while not shows(socket.next("values").json(), MEASURED):
            pass
        after = time.monotonic() - sent
    assert after < 1.0, f"the value took {after:.2f} s"
    assert push(baggage, "telraam", telraam(), counter).status in {200, 201}
    assert push(baggage, "telraam", telraam(), air).status in {200, 201, 401, 403, 409, 422}
    baggage.site.kill_server()
    baggage.site.start_server()
    with open_scene(baggage) as socket:
        socket.send(type="values", on=True)
        assert shows(socket.next("values").json(), MEASURED), "the value is gone after a restart"
    return f"pushes with key taken, without refused; on the twin after {1000 * after:.0f} ms and after kill -9"


def open_scene(baggage: Baggage) -> Any:
    return scene_socket(baggage.site.socket_url, baggage.site.base_url, "helsinki")


def shows(frame: dict[str, Any], value: float) -> bool:
    return any(abs(entry["value"] - value) < 0.01 for entry in frame["values"] if entry["value"] is not None)


def register(baggage: Baggage, preset: str, address: str, **fields: str) -> str:
    """Register a box on the volunteer's pages; returns the key that is shown once."""
    volunteer = baggage.person("volunteer")
    form = volunteer.get("/sensors/new/").form("preset")
    found = form.fill(preset=preset, address=address, shown_as="cell100", agree="on", **fields).send("find", "yes")
    form = found.form("preset")
    form.fill(place=form.options["place"][0], agree="on")
    page = form.send()
    keys = page.tree.find_class("key")
    assert keys, f"no key was shown: {page.words[:800]}"
    assert page.tree.iter("svg"), "no QR code"
    return str(keys[0].text_content()).strip()


def push(baggage: Baggage, kind: str, body: bytes, key: str) -> Page:
    headers = {"Content-Type": "application/json", "Accept": "application/json", "X-Sensor": f"esp8266-{CHIP}"}
    if key:
        headers["Authorization"] = "Basic " + base64.b64encode(f"loggia:{key}".encode()).decode()
    return baggage.visitor().open(f"/ingest/{kind}/", body, headers)


def airrohr(pm25: float) -> bytes:
    """What unmodified firmware sends."""
    readings = {"SDS_P1": "18.10", "SDS_P2": f"{pm25:.2f}", "BME280_temperature": "4.20", "BME280_humidity": "71.00"}
    pairs = [{"value_type": name, "value": value} for name, value in readings.items()]
    return json.dumps({"esp8266id": CHIP, "software_version": "NRZ-2024-135", "sensordatavalues": pairs}).encode()


def telraam() -> bytes:
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    report = {"date": hour.strftime("%Y-%m-%dT%H:%M:%S.000Z"), "uptime": 0.91, "car": 187.0, "bike": 42.0,
              "pedestrian": 95.0, "heavy": 9.0, "v85": 31.0, "interval": "hourly", "segment_id": 9000001844}  # fmt: skip
    return json.dumps({"report": [report]}).encode()
