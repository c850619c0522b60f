"""Hourly reports of Telraam window counters: how many of each kind passed, and for which share of the hour it counted.

Shape of the Telraam API's ``report``: https://telraam-api.net; one hour, a list of hours, or ``{"report": [...]}``.
The time of a count is the beginning of its hour.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from sensors import phenomena
from sensors.decoding import Decoded, Kind, Reading, Unreadable
from sensors.kinds.airrohr import number
from sensors.phenomena import ObservedProperty
from sensors.quality import Flag
from sensors.refusals import Refusal
from sensors.times import BadTime, microseconds

HALF_OF_THE_HOUR = 0.5  # below, Telraam itself calls the counts of the hour unreliable
MOST_HOURS = 24 * 31

NAMES: dict[str, ObservedProperty] = {
    "car": phenomena.CARS,
    "heavy": phenomena.HEAVY,
    "bike": phenomena.BIKES,
    "pedestrian": phenomena.PEDESTRIANS,
    "v85": phenomena.SPEED_V85,
    "uptime": phenomena.UPTIME,
}


def decode(body: bytes) -> Decoded:
    """The readings of one report. Raises Unreadable when it is no report."""
    try:
        pushed = json.loads(body)
    except (ValueError, RecursionError):
        raise Unreadable(Refusal("unreadable", {"problem": "the body is not JSON"})) from None
    hours = pushed.get("report", pushed) if isinstance(pushed, dict) else pushed
    hours = [hours] if isinstance(hours, dict) else hours
    if not isinstance(hours, list) or len(hours) > MOST_HOURS or not any("date" in hour for hour in _objects(hours)):
        raise Unreadable(Refusal("unreadable", {"problem": "there is no report with a date"}))
    decoded = Decoded()
    for row, hour in enumerate(_objects(hours), start=1):
        _take_hour(hour, row, decoded)
    return decoded


def _objects(hours: list[object]) -> list[Mapping[str, object]]:
    return [hour for hour in hours if isinstance(hour, dict)]


def _take_hour(hour: Mapping[str, object], row: int, decoded: Decoded) -> None:
    try:
        begins_us = microseconds(str(hour.get("date", "")))
    except BadTime as bad:
        decoded.refused.append(Refusal(bad.code, {"value": bad.written}, row))
        return
    uptime = number(hour.get("uptime"))
    gate = Flag.UPTIME if uptime is not None and uptime < HALF_OF_THE_HOUR else 0
    for name, measured in NAMES.items():
        if hour.get(name) is None:
            continue
        value = number(hour[name])
        if value is None:
            decoded.refused.append(Refusal("no-number", {"name": name, "value": str(hour[name])[:40]}, row))
        else:
            flags = 0 if measured is phenomena.UPTIME else int(gate)
            decoded.readings.append(Reading(measured.code, begins_us, value, flags, row))


def _sample(begins: datetime) -> bytes:
    hour = {
        "instance_id": -1,
        "segment_id": 9000001844,
        "date": begins.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "interval": "hourly",
        "uptime": 0.87,
        "heavy": 14.9,
        "car": 212.6,
        "bike": 96.5,
        "pedestrian": 143.7,
        "car_lft": 110.3,
        "car_rgt": 102.3,
        "car_speed_hist_0to70plus": [6.2, 18.4, 41.0, 27.9, 5.1, 1.4, 0.0, 0.0],
        "v85": 38.5,
        "timezone": "Europe/Helsinki",
    }
    return json.dumps({"status_code": 200, "message": "ok", "report": [hour]}).encode()


KIND = Kind(
    name="telraam",
    label=_("Telraam report"),
    properties=tuple(NAMES.values()),
    decode=decode,
    sample=_sample(datetime(2026, 11, 20, 7)),  # noqa: DTZ001  (written as UTC in the sample)
)
