"""Places to choose from where a question asks for a place and no map is at hand."""

from __future__ import annotations

from engagement import places
from engagement.models import Place, Project

MOST_NAMED_PLACES = 12


def found_places(searched: str) -> list[dict[str, str]]:
    return [_place(place) for place in places.search(searched)] if searched.strip() else []


def named_places(project: Project) -> list[dict[str, str]]:
    """Places with a name inside the project's area: a list to choose from, for those who use no map."""
    if project.area is None:
        return []
    inside = Place.objects.filter(kind=Place.Kind.PLACE, point__within=project.area, language="")
    return [_place(place) for place in inside.order_by("name")[:MOST_NAMED_PLACES]]


def _place(place: Place) -> dict[str, str]:
    return {"name": str(place), "value": f"{place.point.y:.6f} {place.point.x:.6f}"}
