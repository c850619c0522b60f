"""What is told about one thing of a scene; page, sheet and API say the same."""

from __future__ import annotations

from typing import TypedDict

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from ar_scenes.catalogue import Entry
from ar_scenes.models import Pin, Scene
from ar_scenes.wording import KIND_WORDS, height_note, metres
from engagement import places


class Fact(TypedDict):
    label: str
    value: str
    note: str


class Remark(TypedDict):
    body: str
    given_on: str


class Facts(TypedDict):
    id: str
    title: str
    kind: str
    facts: list[Fact]
    remarks: list[Remark]
    page: str
    pin: str | None
    slots: list[int]
    lon: float
    lat: float


def facts_of(scene: Scene, entry: Entry) -> Facts:
    """Facts in the reader's language. ``pin`` is null where no remarks are collected."""
    feature = entry.feature
    told = [Fact(label=_("Place"), value=places.describe(feature.lon, feature.lat), note="")]
    if feature.height_m > 0:
        told.append(Fact(label=_("Height"), value=metres(feature.height_m), note=height_note(feature.height_source)))
    told.append(Fact(label=_("In OpenStreetMap"), value=feature.id, note=""))
    approved = Pin.objects.filter(scene=scene, feature_id=feature.id, state=Pin.State.APPROVED)
    return Facts(
        id=feature.id,
        title=entry.title,
        kind=str(KIND_WORDS[feature.kind]),
        facts=told,
        remarks=[Remark(body=pin.body, given_on=pin.given_on.isoformat()) for pin in approved],
        page=page_url(scene, feature.id),
        pin=pin_url(scene, feature.id) if scene.live_project() else None,
        slots=list(feature.slots),
        lon=feature.lon,
        lat=feature.lat,
    )


def page_url(scene: Scene, feature_id: str) -> str:
    return f"{reverse('ar_scenes:feature', args=[scene.slug])}?{urlencode({'id': feature_id})}"


def pin_url(scene: Scene, feature_id: str) -> str:
    return f"{reverse('ar_scenes:pin', args=[scene.slug])}?{urlencode({'feature': feature_id})}"
