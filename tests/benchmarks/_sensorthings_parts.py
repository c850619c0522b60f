"""The parts of ``bin/bench sensorthings``, each in a process of its own."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "engagement.settings")

import django

django.setup()

import numpy as np
from django.core.management import call_command
from django.db import transaction
from django.test import Client

from sensors.models import Observation
from sensors.observation_table import StreamRow, insert
from sensors.times import of
from tests.sensors.sensorthings.fuzzing import Fuzz
from tests.sensors.sensorthings.service import ROOT, build, place, post, stream

SERIES, READINGS, ROUNDS = 100, 2_000, 7
HOSTILE = (
    "Observations?$filter=" + " or ".join(f"result mod {n} eq 1" for n in range(2, 90)),
    "Observations?$filter=Datastream/Observations/any(o: o/Datastream/Observations/any(p: p/result eq -1))",
    "Things?$filter=Datastreams/Observations/Datastream/Thing/Datastreams/Observations/result eq -1",
    "Observations?$orderby=result desc,phenomenonTime&$skip=190000",
    "Observations?$count=true&$filter=year(phenomenonTime) eq 1 or month(phenomenonTime) eq 13",
    "Datastreams?$top=1000&$expand=Observations($orderby=result desc;$top=1000)",
    "Things?$expand=Datastreams($expand=Observations($expand=Datastream($expand=Observations)))",
    "Observations?$top=1000&$expand=FeatureOfInterest/Observations/Datastream/Thing",
    "Observations?$filter=substringof('x', concat(Datastream/name, Datastream/Thing/name))&$orderby=result",
    "Observations?$filter=FeatureOfInterest/Observations/FeatureOfInterest/Observations/result eq -1",
)


def ready() -> Client:
    logging.disable(logging.CRITICAL)
    call_command("migrate", verbosity=0)
    client = Client(SERVER_NAME="localhost", raise_request_exception=False)
    build(client)
    return client


def timed(work: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    work()
    return (time.perf_counter() - begin) * 1000


def median_ms(work: Callable[[], Any]) -> float:
    return round(float(np.median([timed(work) for _ in range(ROUNDS)])), 1)


def speed() -> dict[str, Any]:
    client = ready()
    streams = [stream(f"series {number}", "probe", "air", []) for number in range(SERIES)]
    point = place("here", {"type": "Point", "coordinates": [25, 60]})
    thing = post(client, "Things", {"name": "big", "description": "", "Locations": [point], "Datastreams": streams})
    keys = [each["@iot.id"] for each in client.get(f"{ROOT}/Things({thing})/Datastreams?$top=1000").json()["value"]]
    begin = datetime(2025, 1, 1, tzinfo=UTC)
    for key in keys:
        post(client, f"Datastreams({key})/Observations", {"phenomenonTime": "2024-01-01T00:00:00Z", "result": 0})
        rows = [(key, of(begin + timedelta(minutes=number)), number % 97.0, 0) for number in range(READINGS)]
        with transaction.atomic():
            insert([StreamRow(*row) for row in rows])
    newest = "$orderby=phenomenonTime desc;$top=3"
    expanded = f"{ROOT}/Things({thing})/Datastreams?$top=100&$select=name&$expand=Observations({newest})"
    each = [f"{ROOT}/Datastreams({key})/Observations?{newest.replace(';', '&')}" for key in keys]
    thousand = f"{ROOT}/Observations?$top=1000&$expand=Datastream/Thing,FeatureOfInterest"
    assert len(client.get(thousand).json()["value"]) == 1000
    assert client.get(expanded).json()["value"][0]["Observations"][0]["result"] == (READINGS - 1) % 97
    return {
        "rows": Observation.objects.count(),
        "expanded_ms": median_ms(lambda: client.get(expanded)),
        "per_parent_ms": median_ms(lambda: [client.get(address) for address in each]),
        "thousand_ms": median_ms(lambda: client.get(thousand)),
        "hostile": hostile(client),
    }


def hostile(client: Client) -> dict[str, Any]:
    """Time of queries made to hurt, and the longest that was answered rather than refused."""
    seen, times, answered = Counter[int](), list[float](), [0.0]
    addresses = [f"{ROOT}/{written}" for written in HOSTILE] * 5
    fuzz = Fuzz(7)
    addresses += [f"{ROOT}/{fuzz.address()}" for _ in range(1_000)]
    for address in addresses:
        begin = time.perf_counter()
        status = client.get(address).status_code
        times.append((time.perf_counter() - begin) * 1000)
        seen[status] += 1
        if status == 200:
            answered.append(times[-1])
    return {
        "queries": len(times),
        "statuses": dict(sorted(seen.items())),
        "p50_ms": round(float(np.percentile(times, 50)), 1),
        "p99_ms": round(float(np.percentile(times, 99)), 1),
        "p99_answered_ms": round(float(np.percentile(answered, 99)), 1),
    }


def fuzz(count: int) -> dict[str, Any]:
    client, maker, seen, bad = ready(), Fuzz(2026), Counter[int](), list[str]()
    times = np.zeros(count)
    for index in range(count):
        address = f"{ROOT}/{maker.address()}"
        begin = time.perf_counter()
        status = client.get(address).status_code
        times[index] = (time.perf_counter() - begin) * 1000
        seen[status] += 1
        if status >= 500:
            bad.append(address)
        if index % 5_000 == 4_999:
            print(f"{index + 1} of {count}, {len(bad)} failures", file=sys.stderr)
    return {
        "queries": count,
        "statuses": dict(sorted(seen.items())),
        "failures": len(bad),
        "first_failures": bad[:5],
        "p50_ms": round(float(np.percentile(times, 50)), 2),
        "p99_ms": round(float(np.percentile(times, 99)), 2),
    }


if __name__ == "__main__":
    print(json.dumps(speed() if sys.argv[1] == "speed" else fuzz(int(sys.argv[2]))))
