"""Pages of the twin: the model, and the list and the map that say the same without it.

They are compressed here: they hold no form token that a length could betray, and the map is two hundred kilobytes of numbers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from ar_scenes import catalogue, listing, mapping, viewer, wording
from ar_scenes.facts import facts_of
from ar_scenes.models import Overlay, Pin, Scene
from ar_scenes.overlays import shown
from ar_scenes.scenes import scene_for
from engagement.languages import pick

ROWS_PER_PAGE: Final = 50
MOST_SEARCHED: Final = 100


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """All scenes that the person may look at."""
    return render(request, "ar_scenes/index.html", {"scenes": Scene.objects.visible_to(request.user)})


@gzip_page
@require_safe
def scene(request: HttpRequest, slug: str) -> HttpResponse:
    """The twin. Without JavaScript a picture with the ways to map and list; with it, 3D when it is asked for."""
    found = scene_for(request.user, slug)
    return render(request, "ar_scenes/scene.html", viewer.context(found, chosen_overlay(request, found)))


@gzip_page
@require_safe
def feature(request: HttpRequest, slug: str) -> HttpResponse:
    """What is known about one thing."""
    found = scene_for(request.user, slug)
    entry = catalogue.of(found).by_id.get(request.GET.get("id", ""))
    if entry is None:
        raise Http404
    return render(request, "ar_scenes/feature.html", {"scene": found, "facts": facts_of(found, entry)})


@gzip_page
@require_safe
def plan_page(request: HttpRequest, slug: str) -> HttpResponse:
    """The map from above, today or as a run says."""
    found = scene_for(request.user, slug)
    return render(request, "ar_scenes/map.html", mapping.context(found, chosen_overlay(request, found)))


@dataclass(frozen=True)
class Tab:
    """One thing that can be listed."""

    name: str
    label: str
    query: str
    current: bool


@gzip_page
@require_safe
def listed(request: HttpRequest, slug: str) -> HttpResponse:
    """The twin as tables: what the model shows, to read, search and listen to."""
    found = scene_for(request.user, slug)
    overlay = chosen_overlay(request, found)
    what = "overlay" if overlay else request.GET.get("what", "buildings")
    if what not in TABLES:
        raise Http404
    query = request.GET.get("q", "")[:MOST_SEARCHED]
    entries = catalogue.of(found)
    context = TABLES[what](found, entries, query, overlay, request.GET.get("page", "1"))
    kept = ("overlay", str(overlay.pk)) if overlay else ("what", what)
    context |= {
        "scene": found,
        "overlay": overlay,
        "tabs": _tabs(found, what, overlay),
        "query": query,
        "kept": {"name": kept[0], "value": kept[1]},
        "page_query": urlencode([kept, *([("q", query)] if query else [])]),
        "readiness": wording.readiness(entries.buildings, entries.assumed),
    }
    return render(request, "ar_scenes/list.html", context)


def chosen_overlay(request: HttpRequest, found: Scene) -> Overlay | None:
    """The run that ``?overlay=`` names; absent if it fits no build that is shown."""
    wanted = request.GET.get("overlay", "")
    if not wanted:
        return None
    try:
        overlay = shown(found).filter(pk=wanted).first()
    except ValidationError:
        overlay = None
    if overlay is None:
        raise Http404
    return overlay


def _tabs(found: Scene, what: str, overlay: Overlay | None) -> list[Tab]:
    named = {
        "buildings": _("Buildings"), "streets": _("Streets"), "sensors": _("Sensors"), "remarks": _("Remarks"),
    }  # fmt: skip
    tabs = [Tab(name, label, urlencode({"what": name}), name == what) for name, label in named.items()]
    runs = [
        Tab("overlay", pick(run.title), urlencode({"overlay": str(run.pk)}), overlay == run) for run in shown(found)
    ]
    return tabs + runs


def _paged(rows: list[Any], number: str) -> Page[Any]:
    return Paginator(rows, ROWS_PER_PAGE).get_page(number)


def _buildings(
    found: Scene, entries: catalogue.Catalogue, query: str, _run: Overlay | None, number: str
) -> dict[str, Any]:
    page = _paged(entries.find(query, "building"), number)
    return {
        "table": "ar_scenes/_features.html", "rows": listing.feature_rows(found, page), "page": page, "heights": True,
        "searchable": True, "caption": _("%(count)s buildings") % {"count": page.paginator.count},
    }  # fmt: skip


def _streets(
    found: Scene, entries: catalogue.Catalogue, query: str, _run: Overlay | None, number: str
) -> dict[str, Any]:
    page = _paged(entries.find(query, "street", "bridge"), number)
    return {
        "table": "ar_scenes/_features.html", "rows": listing.feature_rows(found, page), "page": page, "searchable": True,
        "caption": _("%(count)s pieces of street") % {"count": page.paginator.count},
    }  # fmt: skip


def _changes(
    found: Scene, entries: catalogue.Catalogue, query: str, run: Overlay | None, number: str
) -> dict[str, Any]:
    assert run is not None  # the tab exists only with a run
    page = _paged(listing.changes(entries, run, query), number)
    caption = _("%(title)s, compared with today, %(unit)s") % {
        "title": pick(run.title),
        "unit": wording.unit_symbol(run.unit),
    }
    return {
        "table": "ar_scenes/_overlay.html", "rows": listing.change_rows(found, page, run.unit), "page": page,
        "searchable": True, "caption": caption,
    }  # fmt: skip


def _sensors(found: Scene, _entries: catalogue.Catalogue, _query: str, _run: Overlay | None, _n: str) -> dict[str, Any]:
    return {
        "table": "ar_scenes/_sensors.html", "rows": listing.sensor_rows(found), "live": "values",
        "caption": _("Latest values; new ones appear by themselves."), "data": viewer.speech(found),
    }  # fmt: skip


def _remarks(
    found: Scene, _entries: catalogue.Catalogue, _query: str, _run: Overlay | None, number: str
) -> dict[str, Any]:
    approved = Pin.objects.filter(scene=found, state=Pin.State.APPROVED)
    page = _paged(list(approved), number)
    return {
        "table": "ar_scenes/_remarks.html", "rows": listing.remark_rows(page), "page": page, "caption": _("Remarks"),
    }  # fmt: skip


TABLES: Final[dict[str, Callable[..., dict[str, Any]]]] = {
    "buildings": _buildings, "streets": _streets, "overlay": _changes, "sensors": _sensors, "remarks": _remarks,
}  # fmt: skip
