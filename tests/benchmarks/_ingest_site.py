"""One site for the benchmarks of taking readings in: ``prepare FILE``, ``doors PORT``, ``drf PORT`` or ``bulk CODE KEY``."""

from __future__ import annotations

import json
import os
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "engagement.settings")
BOXES = 100
LINES, COLUMNS = 200_000, ("pm10", "pm2_5", "temperature", "humidity", "pressure")
RAW_PART = 50_000


def prepare(file: str) -> None:
    """Tables, a campaign, boxes; their keys and series go into ``file``."""
    from django.core.management import call_command
    from django.db import transaction

    from engagement.models import Membership, Project, User
    from sensors import registering
    from sensors.models import Campaign, Datastream
    from sensors.registering import Registration

    call_command("migrate", verbosity=0)
    call_command("migrate", verbosity=0, database="contacts")
    project = Project.objects.create(slug="bench", title={"en": "Bench"}, published=True)
    host = User.objects.create_user("host@city.example", "a-long-password")
    Membership.objects.create(user=host, project=project, role="volunteer")
    campaign = Campaign.objects.create(project=project, slug="air", title={"en": "Air"}, opens_on=date(2026, 1, 1))
    keys, streams = [], []
    with transaction.atomic():
        for number in range(BOXES):
            given = Registration("air-box", 24.9 + number / 1e5, 60.17, "cell100")
            box = registering.register(host, campaign, given)
            keys.append((box.device.code, box.key))
            series = Datastream.objects.create(site=box.site, observed_property="noise", unit="dB[SPL]")
            streams.append(series.pk)
    Path(file).write_text(json.dumps({"keys": keys, "streams": streams}))


def serve(way: str, port: str) -> None:
    import uvicorn

    if way == "drf":
        settings.ROOT_URLCONF, settings.MIDDLEWARE = (
            "tests.benchmarks._plain_drf",
            ["django.middleware.common.CommonMiddleware"],
        )
        settings.DATABASES["default"]["CONN_MAX_AGE"] = 0  # Django's default: its handler has a thread per request
    from django.core.asgi import get_asgi_application

    from sensors.ingesting import app

    served: Any = app if way == "doors" else get_asgi_application()
    uvicorn.run(served, port=int(port), lifespan="off", log_level="error", access_log=False, http="httptools")


def bulk(code: str, key: str) -> None:
    """A million readings by the file door, the same again, and the same table by COPY; prints rates as JSON."""
    import asyncio

    from sensors.ingesting import Doors

    text = _file()
    doors = Doors()
    rates: dict[str, float] = {}
    for name in ("bulk", "replay"):
        began = time.perf_counter()
        report = asyncio.run(_post(doors, f"/api/v1/sensors/{code}/observations.csv", key, text))
        rates[f"{name}_rows_per_s"] = round(LINES * len(COLUMNS) / (time.perf_counter() - began))
        rates[f"{name}_created"] = report["created"]
    rates["raw_copy_rows_per_s"] = round(_raw(text))
    print(json.dumps(rates))


def _file() -> bytes:
    import numpy as np

    rng = np.random.default_rng(2026)
    begins = datetime.now(UTC).replace(microsecond=0) - timedelta(days=390)
    values = np.round(rng.uniform(5, 60, (LINES, len(COLUMNS))), 2)
    values[:, -1] += 950
    lines = [
        f"{(begins + timedelta(seconds=145 * line)).isoformat()},{','.join(map(str, row))}"
        for line, row in enumerate(values.tolist())
    ]
    return "\n".join([",".join(("time", *COLUMNS)), *lines]).encode()


async def _post(doors: Any, path: str, key: str, body: bytes) -> dict[str, Any]:
    sent: list[dict[str, Any]] = []
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"x-api-key", key.encode())]
    scope = {"type": "http", "method": "POST", "path": path, "headers": headers, "query_string": b""}
    await doors(scope, receive, send)
    answered: dict[str, Any] = json.loads(sent[1]["body"])
    return answered


def _raw(text: bytes) -> float:
    """Rows per second of COPY into a temporary table and INSERT ... ON CONFLICT, into series of their own."""
    from django.db import connection

    from sensors.models import Datastream

    streams = list(Datastream.objects.filter(observed_property="noise").values_list("pk", flat=True)[: len(COLUMNS)])
    rows = [
        f"{stream}\t{cells[0]}\t{cells[place]}\t0\n"
        for cells in (line.split(",") for line in text.decode().splitlines()[1:])
        for place, stream in enumerate(streams, start=1)
    ]
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE raw (s bigint, t timestamptz, v float8, f smallint)")
        for start in range(0, len(rows), RAW_PART):
            with cursor.copy("COPY raw FROM STDIN") as copy:
                copy.write("".join(rows[start : start + RAW_PART]))
            cursor.execute(
                "INSERT INTO sensors_observation (datastream_id, phenomenon_time, result, flags)"
                " SELECT s, t, v, f FROM raw ON CONFLICT DO NOTHING"
            )
            cursor.execute("TRUNCATE raw")
    return len(rows) / (time.perf_counter() - began)


if __name__ == "__main__":
    django.setup()
    match sys.argv[1:]:
        case ["prepare", file]:
            prepare(file)
        case ["bulk", code, key]:
            bulk(code, key)
        case [way, port]:
            serve(way, port)
