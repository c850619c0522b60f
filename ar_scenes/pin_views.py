"""The form for a remark: place first, then the words. Works without JavaScript; a repeated post stores one remark."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from ar_scenes import catalogue, pins
from ar_scenes.models import Scene
from ar_scenes.pins import Given
from ar_scenes.scenes import scene_for
from engagement import places, receipts
from engagement.problems import Refused

HEADERS = {"Cache-Control": "private, no-store"}


@dataclass(frozen=True)
class Place:
    """What the remark is about."""

    feature_id: str
    lon: float
    lat: float
    words: str


@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask for place and words; posted, hand the remark to a moderator and show the receipt code."""
    scene = scene_for(request.user, slug)
    place = _place(scene, request)
    if request.method != "POST" or place is None:
        return _form(request, scene, place)
    given = _given(request, place)
    try:
        pin = pins.leave(scene, scene.live_project(), given)
    except Refused as refused:
        return _form(request, scene, place, refused=refused, given=given, status=refused.status)
    context = {"scene": scene, "pin": pin, "code": receipts.normalise(given.code)}
    return _page(request, "pin_thanks", context)


def _given(request: HttpRequest, place: Place) -> Given:
    """The post as it came. Without the hidden fields of our form there is nothing to be idempotent about."""
    try:
        pin_id = UUID(request.POST.get("id", ""))
    except ValueError:
        raise BadRequest("The id of the remark is missing.") from None
    return Given(
        id=pin_id,
        code=request.POST.get("code", ""),
        body=request.POST.get("body", ""),
        lon=place.lon,
        lat=place.lat,
        feature_id=place.feature_id,
        language=(get_language() or "en").split("-")[0],
    )


def _place(scene: Scene, request: HttpRequest) -> Place | None:
    """The place in the address: ``?feature=way/1``, or ``?lon=…&lat=…``; None if it has to be chosen first."""
    if feature_id := request.GET.get("feature", ""):
        entry = catalogue.of(scene).by_id.get(feature_id)
        return Place(feature_id, entry.feature.lon, entry.feature.lat, entry.title) if entry else None
    try:
        lon, lat = float(request.GET["lon"]), float(request.GET["lat"])
    except (KeyError, ValueError):
        return None
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        return None
    return Place("", lon, lat, places.describe(lon, lat))


def _form(
    request: HttpRequest, scene: Scene, place: Place | None, *, refused: Refused | None = None,
    given: Given | None = None, status: int = 200,
) -> HttpResponse:  # fmt: skip
    """The form with what was typed. Id and code are made once, so that sending again shows the same receipt."""
    query = request.GET.get("q", "")[: places.LONGEST_QUERY]
    hidden = {"id": str(given.id), "code": given.code} if given else {"id": str(uuid4()), "code": receipts.new_code()}
    context = {
        "scene": scene, "place": place.words if place else "", "hidden": hidden, "refused": refused,
        "body": given.body if given else "", "most": pins.MOST_CHARACTERS, "query": query,
        "places": [{"name": str(found), "lon": repr(found.point.x), "lat": repr(found.point.y)} for found in _found(scene, query)],
    }  # fmt: skip
    return _page(request, "pin_form", context, status)


def _found(scene: Scene, query: str) -> list[Any]:
    return [found for found in places.search(query, limit=12) if pins.near(scene, found.point.x, found.point.y)]


def _page(request: HttpRequest, name: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    response = render(request, f"ar_scenes/{name}.html", context, status=status)
    for header, value in HEADERS.items():
        response[header] = value
    return response
