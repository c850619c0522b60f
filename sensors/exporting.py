"""A series as a file, streamed row by row: what a page shows, anyone may take home, with its licence."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet

from sensors import quality, times
from sensors.models import Observation, Site

HEADINGS = "time,property,value,unit,flags"
PART = 2_000


def csv_lines(site: Site, since: datetime | None = None, until: datetime | None = None) -> Iterator[str]:
    """The readings of a site as CSV, in the form that the file door understands; flags in words in the last column."""
    yield f"# {site.campaign.licence}; site {site.pk}{'; simulated' if site.simulated else ''}\n"
    yield HEADINGS + "\n"
    words: dict[int, str] = {}
    units = {stream.pk: (stream.observed_property, stream.unit) for stream in site.datastreams.all()}
    for stream, moment, result, flags in observations(site, since, until).iterator(chunk_size=PART):
        code, unit = units[stream]
        if flags not in words:
            words[flags] = "; ".join(quality.reasons(flags))
        yield f'{times.iso(times.of(moment))},{code},{result!r},{unit},"{words[flags]}"\n'


def observations(
    site: Site, since: datetime | None, until: datetime | None
) -> QuerySet[Observation, tuple[int, datetime, float, int]]:
    rows = Observation.objects.filter(datastream__site=site).order_by("datastream_id", "phenomenon_time")
    if since is not None:
        rows = rows.filter(phenomenon_time__gte=since)
    if until is not None:
        rows = rows.filter(phenomenon_time__lt=until)
    return rows.values_list("datastream_id", "phenomenon_time", "result", "flags")
