"""Sites that the public sees, as rows of the SensorThings tables, in the transaction that changed them.

What is shown of a site is exactly what its host chose: the public point, the approved name, the licence. A site that is
hidden, in test mode or of an unpublished project has no rows at all, so no query can find it. Only the present place is
kept: a history would still tell the exact point of a host who has since chosen a square.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.db.models.signals import post_save
from django.utils.translation import override

from engagement import periodic
from engagement.languages import pick
from engagement.models import Project
from sensors import decoding, presets
from sensors.models import (
    Campaign,
    Datastream,
    Feature,
    HistoricalLocation,
    Instrument,
    Location,
    Property,
    Site,
    Stream,
    Thing,
)
from sensors.phenomena import ObservedProperty
from sensors.placing import CELL_M

GEOJSON = "application/geo+json"
MEASUREMENT = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
PAGE = "/sensorthings/"
EVERY = timedelta(hours=1)


@transaction.atomic
def mirror(site: Site) -> None:
    """Bring the rows of a site to what the public may see of it; none where it sees nothing."""
    if not site.is_public:
        forget(site)
        return
    with override("en"):
        thing = _thing(site)
        feature = _place(site, thing)
        for series in Datastream.objects.filter(site=site):
            _stream(series, site, thing, feature)


def forget(site: Site) -> None:
    """Take everything of a site out of the tables."""
    Thing.objects.filter(site=site).delete()
    Location.objects.filter(site=site).delete()
    Feature.objects.filter(site=site).delete()


def _thing(site: Site) -> Thing:
    preset = presets.get(site.preset)
    campaign = site.campaign
    shown: dict[str, Any] = {
        "campaign": campaign.slug,
        "project": campaign.project.slug,
        "licence": campaign.licence,
        "kind": preset.name,
        "shown_as": site.shown_as,
        "page": f"{settings.LOGGIA_BASE_URL}/sensors/{site.pk}/",
    }
    if site.simulated:
        shown["simulated"] = True
    values = {
        "name": site.public_name,
        "description": f"{preset.label}, {pick(campaign.title) or campaign.slug}",
        "properties": shown,
    }
    return Thing.objects.update_or_create(site=site, defaults=values)[0]


def _place(site: Site, thing: Thing) -> Feature:
    """Location, its only history, and the feature that the readings are about."""
    point = site.public_point
    shown = json.loads(point.geojson) if point is not None else None
    size = CELL_M.get(Site.Shown(site.shown_as))
    finely = f"The middle of a square of {size} m that the sensor is in." if size else "As its host chose to show it."
    values = {
        "name": site.public_name,
        "description": finely,
        "encoding_type": GEOJSON,
        "geometry": point,
        "properties": {"shown_as": site.shown_as} | ({"cell_m": size} if size else {}),
    }
    location, _made = Location.objects.update_or_create(site=site, defaults=values | {"location": shown})
    location.things.set([thing])
    since = datetime.combine(site.since, time(), UTC)
    history, _made = HistoricalLocation.objects.update_or_create(thing=thing, defaults={"time": since})
    history.locations.set([location])
    return Feature.objects.update_or_create(site=site, defaults=values | {"feature": shown})[0]


def _stream(series: Datastream, site: Site, thing: Thing, feature: Feature) -> None:
    measures = decoding.properties().get(series.observed_property)
    if measures is None:  # the kind that delivered it was dropped from the program
        return
    values = {
        "name": f"{measures.label}, {site.public_name}",
        "description": f"{measures.label} in {measures.symbol or 'a share'}, {series.get_kind_display()}",
        "observation_type": MEASUREMENT,
        "unit": {
            "name": measures.symbol or measures.unit,
            "symbol": measures.symbol,
            "definition": f"https://ucum.org/ucum#{series.unit}",
        },
        "properties": {"kind": series.kind, "licence": site.campaign.licence},
        "observed_area": feature.feature,
        "area": feature.geometry,
        "thing": thing,
        "instrument": _instrument(site.preset),
        "property": _property(measures),
        "feature": feature,
    }
    Stream.objects.update_or_create(series=series, defaults=values)


def _instrument(name: str) -> Instrument:
    preset = presets.get(name)
    values = {
        "name": str(preset.label),
        "description": str(preset.about),
        "encoding_type": "text/html",
        "metadata": f"{settings.LOGGIA_BASE_URL}{PAGE}#{preset.name}",
    }
    return Instrument.objects.get_or_create(preset=preset.name, defaults=values)[0]


def _property(measures: ObservedProperty) -> Property:
    values = {
        "name": str(measures.label),
        "definition": f"{settings.LOGGIA_BASE_URL}{PAGE}#{measures.code}",
        "description": f"{measures.label}, in {measures.unit} (UCUM)",
        "properties": {"code": measures.code, "ucum": measures.unit},
    }
    return Property.objects.get_or_create(code=measures.code, defaults=values)[0]


def _site_saved(sender: type[Model], instance: Site, **_: Any) -> None:
    mirror(instance)


def _series_saved(sender: type[Model], instance: Datastream, **_: Any) -> None:
    if instance.site_id is not None:
        site = Site.objects.select_related("campaign__project").filter(pk=instance.site_id).first()
        if site is not None and site.is_public:
            mirror(site)


def _campaign_saved(sender: type[Model], instance: Campaign, **_: Any) -> None:
    _mirror_all(campaign=instance)


def _project_saved(sender: type[Model], instance: Project, **_: Any) -> None:
    _mirror_all(campaign__project=instance)


def mend() -> dict[str, int]:
    """Once an hour: mirror public sites that have no rows (older than these tables), drop rows of those no longer public."""
    public = Site.objects.public()
    missing = public.filter(thing__isnull=True)
    surplus = Site.objects.filter(thing__isnull=False).exclude(pk__in=public.values("pk"))
    mended = [*missing.select_related("campaign__project"), *surplus.select_related("campaign__project")]
    for site in mended:
        mirror(site)
    return {"sites": len(mended)}


def _mirror_all(**of: Any) -> None:
    for site in Site.objects.filter(**of).select_related("campaign__project"):
        mirror(site)


def connect() -> None:
    """Called once at start-up."""
    for model, receiver in (
        (Site, _site_saved),
        (Datastream, _series_saved),
        (Campaign, _campaign_saved),
        (Project, _project_saved),
    ):
        post_save.connect(receiver, sender=model, dispatch_uid=f"sensors.mirrored.{model.__name__}")
    periodic.register("sensorthings", EVERY, mend)
