"""Current values: what a page shows that is opened after a restart, and since when a site is silent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import Max, QuerySet
from django.utils import timezone

from engagement import live
from sensors import keyring, presets
from sensors.models import Datastream, Latest, Site
from sensors.storing import value_payload
from sensors.times import of

SILENT_CADENCES = 3
SHORTEST_SILENCE = timedelta(minutes=30)


@live.snapshot_provider("values.")
def snapshot(topic: str) -> list[dict[str, Any]]:
    """The newest value of every series of a project's public sites; hidden sites and those in test mode never."""
    sites = Site.objects.public().filter(campaign__project__slug=topic.removeprefix("values."), retired_on__isnull=True)
    return payloads(sites.select_related("campaign__project"))


def values_of_site(site: Site) -> list[dict[str, Any]]:
    """The same for one site; empty while the public sees nothing of it."""
    return payloads([site])


def payloads(sites: Iterable[Site]) -> list[dict[str, Any]]:
    faces = {site.pk: face for site in sites if (face := keyring.face_of(site)) is not None}
    return [
        value_payload(faces[row.site], row.code, of(row.time), row.result, row.flags)
        for row in newest_rows(list(faces))
    ]


class Newest(NamedTuple):
    """The newest reading of one series."""

    site: int
    code: str
    time: datetime
    result: float
    flags: int


def newest_rows(sites: Sequence[int]) -> list[Newest]:
    """Newest readings as measured, of these sites, in the order of their series; a city's worth in one query."""
    rows = Datastream.objects.filter(site__in=sites, kind=Datastream.Kind.RAW, latest__isnull=False).order_by(
        "site_id", "pk"
    )
    found = rows.values_list(
        "site_id", "observed_property", "latest__phenomenon_time", "latest__result", "latest__flags"
    )
    return list(map(Newest._make, found))


def newest(sites: Iterable[int | None]) -> QuerySet[Latest]:
    """Newest readings as measured, of these sites, in the order of their series."""
    return (
        Latest.objects.filter(datastream__site__in=list(sites), datastream__kind=Datastream.Kind.RAW)
        .select_related("datastream")
        .order_by("datastream__site_id", "datastream_id")
    )


def clock(site: Site) -> datetime:
    """Now; for a simulated site the moment at which the generator stopped, so that a demo does not grow stale."""
    now = timezone.now()
    if not site.simulated:
        return now
    made = Latest.objects.filter(datastream__site__campaign=site.campaign_id, datastream__site__simulated=True)
    last = made.aggregate(last=Max("phenomenon_time"))["last"]
    return min(now, last) if last else now


def silent_since(site: Site, last: datetime | None, now: datetime) -> datetime | None:
    """Since when nothing came although it should have; None while all is well or nothing ever came.

    An hourly count carries the beginning of its hour, so one interval more is granted.
    """
    if last is None or site.retired_on is not None:
        return None
    every = timedelta(seconds=presets.get(site.preset).every_s)
    if site.simulated:
        every = max(every, timedelta(hours=1))
    return last if now - last > max((SILENT_CADENCES + 1) * every, SHORTEST_SILENCE) else None
