"""Places to choose from where a question asks for a place and no map is at hand."""

from __future__ import annotations

from django.urls import reverse

from engagement import pictures, places
from engagement.models import Place, Project
from surveys.models import Survey
from surveys.question_types.geotrace import NEXT_POINT
from surveys.question_types.registry import Posted

MOST_NAMED_PLACES = 12
POINTING = frozenset({"search", "add-point", "undo-point"})  # what a page does without leaving the question


def found_places(searched: str) -> list[dict[str, str]]:
    return [_place(place) for place in places.search(searched)] if searched.strip() else []


def named_places(project: Project) -> list[dict[str, str]]:
    """Places with a name inside the project's area: a list to choose from, for those who use no map."""
    if project.area is None:
        return []
    inside = Place.objects.filter(kind=Place.Kind.PLACE, point__within=project.area, language="")
    return [_place(place) for place in inside.order_by("name")[:MOST_NAMED_PLACES]]


def picture_url(survey: Survey) -> str:
    """The still picture of the project's place; empty where no geometry is imported."""
    return reverse("surveys:picture", args=[survey.slug]) if pictures.of_project(survey.project) else ""


def points_after(posted: Posted, key: str) -> str:
    """The points of a line or an area after one was added or the last one was taken away, as the page keeps them."""
    points = [part.strip() for part in str(posted.get(key, "")).split(";") if part.strip()]
    if posted.get("page:go") == "undo-point":
        return ";".join(points[:-1])
    chosen = str(posted.get(NEXT_POINT, "")).strip()
    return ";".join([*points, chosen] if chosen else points)


def _place(place: Place) -> dict[str, str]:
    return {"name": str(place), "value": f"{place.point.y:.6f} {place.point.x:.6f}"}
