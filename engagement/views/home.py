"""The front page: what is going on near me. Needs neither an account nor a location."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from engagement import participating, pictures, places
from engagement.geo import distance_m
from engagement.models import Place, Project
from engagement.participating import Step


@dataclass(frozen=True, slots=True)
class Entry:
    """One project in the list; the distance is known after a street search."""

    project: Project
    now: Step | None
    distance_m: float | None
    lon: float | None
    lat: float | None

    @property
    def distance_km(self) -> float | None:
        return None if self.distance_m is None else self.distance_m / 1000


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """``/`` or ``/?q=Siltasaarenkatu 3``: published projects, nearest first when a place was found."""
    asked = request.GET.get("q", "").strip()[: places.LONGEST_QUERY]
    found = places.search(asked) if asked else []
    entries = _entries(found[0] if found else None)
    context = {
        "asked": asked,
        "found": found,
        "entries": entries,
        "map": pictures.overview([entry.project for entry in entries], you=found[0].point if found else None),
        "overdue": participating.overdue(),
        "any_simulated": any(entry.project.simulated for entry in entries),
    }
    return render(request, "engagement/home.html", context)


def _entries(place: Place | None) -> list[Entry]:
    projects = Project.objects.published().select_related("charter").prefetch_related("phases")
    entries = [_entry(project, place) for project in projects]
    if place is not None:
        entries.sort(key=lambda entry: (entry.distance_m is None, entry.distance_m or 0))
    return entries


def _entry(project: Project, place: Place | None) -> Entry:
    now = next((step for step in participating.timeline(project) if step.state == "now"), None)
    if project.area is None:
        return Entry(project, now, None, None, None)
    middle = project.area.centroid
    away = distance_m(place.point.x, place.point.y, middle) if place else None
    return Entry(project, now, 0.0 if place and project.area.contains(place.point) else away, middle.x, middle.y)
