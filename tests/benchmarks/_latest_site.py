"""Fills a scratch database with ten million readings and asks for the newest of each series in three ways."""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable
from datetime import date

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "engagement.settings")
django.setup()

from django.core.management import call_command
from django.db import connection

from engagement.geo import point
from engagement.models import Project
from sensors import current
from sensors.models import Campaign, Datastream, Site

SITES, PER_SITE, READINGS = 2_500, ("pm10", "pm2_5", "temperature", "humidity"), 1_000
FILL = (
    "INSERT INTO sensors_observation (datastream_id, phenomenon_time, result, flags)"
    " SELECT d.id, timestamptz '2026-10-01' + n * interval '5 minutes', (d.id * 7 + n) %% 50, 0"
    " FROM sensors_datastream d, generate_series(1, %s) n"
)
NEWEST = (
    "INSERT INTO sensors_latest (datastream_id, phenomenon_time, result, flags)"
    " SELECT DISTINCT ON (datastream_id) datastream_id, phenomenon_time, result, flags FROM sensors_observation"
    " ORDER BY datastream_id, phenomenon_time DESC"
)
DISTINCT = (
    "SELECT DISTINCT ON (datastream_id) datastream_id, phenomenon_time, result, flags FROM sensors_observation"
    " ORDER BY datastream_id, phenomenon_time DESC"
)
LATERAL = (
    "SELECT d.id, o.phenomenon_time, o.result, o.flags FROM sensors_datastream d CROSS JOIN LATERAL (SELECT * FROM"
    " sensors_observation WHERE datastream_id = d.id ORDER BY phenomenon_time DESC LIMIT 1) o"
)


def fill() -> list[int]:
    call_command("migrate", verbosity=0)
    project = Project.objects.create(slug="bench", title={"en": "Bench"}, published=True)
    campaign = Campaign.objects.create(project=project, slug="air", title={"en": "Air"}, opens_on=date(2026, 1, 1))
    sites = Site.objects.bulk_create(
        Site(campaign=campaign, preset="air-box", shown_as="cell100", public_point=point(24 + number / 1e4, 60.2))
        for number in range(SITES)
    )
    Datastream.objects.bulk_create(
        (Datastream(site=site, observed_property=code, unit="1") for site in sites for code in PER_SITE),
        batch_size=2_000,
    )
    with connection.cursor() as cursor:
        cursor.execute(FILL, [READINGS])
        cursor.execute(NEWEST)
        cursor.execute("VACUUM ANALYZE sensors_observation, sensors_latest, sensors_datastream")
    return [site.pk for site in sites]


def _asked(query: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return len(cursor.fetchall())


def _median_ms(ask: Callable[[], int], times: int) -> float:
    took = []
    for _ in range(times):
        began = time.perf_counter()
        assert ask() == SITES * len(PER_SITE)
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


if __name__ == "__main__":
    listed = fill()
    ours = _median_ms(lambda: len(current.newest_rows(listed)), 7)
    peer = _median_ms(lambda: _asked(DISTINCT), 1)
    print(ours, peer, _median_ms(lambda: _asked(LATERAL), 3), SITES * len(PER_SITE) * READINGS, SITES * len(PER_SITE))
