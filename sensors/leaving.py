"""The end of a host's part: handing a sensor over, taking everything home, and erasing it for real, with a receipt."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from engagement import audit, erasing, live, moderation
from engagement.erasing import Erased
from engagement.models import User
from engagement.problems import Refused
from sensors import exporting, naming, placing, quality, registering, times
from sensors.models import Alert, AlertWish, Device, IngestError, Observation, Site


class NoSuchHost(Refused):
    status = 422
    code = "no-such-host"
    title = _("Nobody with this address is a volunteer of the project. Ask its team to add the person first.")


@dataclass(frozen=True)
class ErasureReceipt:
    """What was erased and when; ``digest`` is that of the entry in the site's public log."""

    at: datetime
    readings: int
    series: int
    boxes: int
    holders_told: list[str]
    digest: str


@transaction.atomic
def hand_over(host: User, site: Site, email: str) -> User:
    """Another volunteer of the project is the host from now on. The old keys end; notes and letters of the old host go.

    Raises:
        NoSuchHost: nobody with this address may host sensors in the project.
    """
    taker = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if taker is None or not registering.may_host(taker, site.campaign):
        raise NoSuchHost
    for deployment in site.deployments.filter(until__isnull=True).select_related("device"):
        registering.revoke_keys(host, deployment.device)
        deployment.device.owner = taker
        deployment.device.save(update_fields=["owner"])
    site.owner = taker
    site.save(update_fields=["owner"])
    AlertWish.objects.filter(site=site).delete()
    Alert.objects.filter(site=site).delete()
    site.annotations.update(text="")
    audit.record(host, "sensor.handed-over", f"site {site.pk}")
    return taker


def everything(site: Site) -> Iterator[str]:
    """All that is kept of a site, as one JSON document in pieces: for its host alone, the exact place included."""
    lon, lat = placing.unseal(site.exact_place)
    boxes = [deployment.device for deployment in site.deployments.select_related("device")]
    head = {
        "site": site.pk,
        "campaign": site.campaign.slug,
        "licence": site.campaign.licence,
        "name": site.name,
        "exact_place": [lon, lat],
        "shown_as": site.shown_as,
        "height_m": site.height_m,
        "facing": site.facing,
        "boxes": [{"code": box.code, "preset": box.preset, "chip_id": box.chip_id} for box in boxes],
        "notes": [
            {"since": _iso(note.since), "until": _iso(note.until), "text": note.text} for note in site.annotations.all()
        ],
        "refused": [
            {"last_at": _iso(error.last_at), "times": error.times, "reason": error.sentence}
            for error in IngestError.objects.filter(device__in=boxes)
        ],
    }
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "observations": ['
    names = {stream.pk: (stream.observed_property, stream.kind, stream.unit) for stream in site.datastreams.all()}
    before = ""
    for stream, moment, result, flags in exporting.observations(site, None, None).iterator(chunk_size=exporting.PART):
        row = [times.iso(times.of(moment)), *names[stream], result, quality.names(flags)]
        yield before + json.dumps(row)
        before = ",\n"
    yield "]}\n"


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else times.iso(times.of(moment))


@transaction.atomic
def erase(host: User, site: Site) -> ErasureReceipt:
    """Delete the site with all its readings, its exact place, its names and letters, and boxes that hung nowhere else."""
    project = site.campaign.project
    series = list(site.datastreams.values_list("pk", flat=True))
    devices = [deployment.device_id for deployment in site.deployments.all()]
    told = erasing.announce(Erased("sensor", str(site.pk), project))
    moderation.forget(naming.KIND, naming.ref(site))
    live.publish(f"values.{project.slug}", "value.gone", {"site": site.pk})
    readings = _erase_readings(series)
    number = site.pk
    site.delete()
    alone = Device.objects.filter(pk__in=devices, deployments__isnull=True)
    boxes = alone.count()
    alone.delete()
    entry = audit.record(host, "sensor.erased", f"site {number}", {"readings": readings, "series": len(series)})
    return ErasureReceipt(timezone.now(), readings, len(series), boxes, told, entry.digest)


def _erase_readings(series: list[int]) -> int:
    """In the database itself: a year of readings is not loaded to be deleted."""
    erased = 0
    with connection.cursor() as cursor:
        for stream in series:
            erased += Observation.objects.filter(datastream=stream).count()
            for table in ("observation", "rollup", "touchedhour", "latest"):
                cursor.execute(f"DELETE FROM sensors_{table} WHERE datastream_id = %s", [stream])  # noqa: S608 (ours)
    return erased
