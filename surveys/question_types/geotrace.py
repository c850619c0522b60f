"""A line on the map: two points or more. It waits for a moderator before it is drawn anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.places import describe
from surveys.ir import Form, Question
from surveys.question_types.geopoint import LonLat, latitude_first, lon_lat, on_earth
from surveys.question_types.registry import Posted, QuestionType, Unclean, Value, question_type

MOST_POINTS = 500
NEXT_POINT = "page:point"  # the place found last, on a page without JavaScript
LINE = [[24.949, 60.1742], [24.95, 60.175]]


@question_type
class Geotrace(QuestionType):
    """Stored as a GeoJSON LineString; XForm writes its points one after the other with ``;`` between."""

    kind = "geotrace"
    xlsform = "geotrace"
    template = "surveys/questions/shape.html"
    moderated = "survey.point"
    fewest: ClassVar[int] = 2
    too_few: ClassVar[str | Promise] = gettext_lazy("A line needs two points at least. Please add another one.")
    samples = [
        (
            "60.1742 24.949 0 0; 60.175 24.95 0 0;",
            {"type": "LineString", "coordinates": LINE},
            "60.1742 24.949 0 0;60.175 24.95 0 0",
        ),
        ("", None, ""),
        (" ; ", None, ""),
    ]

    def posted(self, fields: Posted, name: str) -> object:
        """The points so far, and the place that was chosen but not added yet."""
        return ";".join(filter(None, [fields.get(name, ""), fields.get(NEXT_POINT, "")]))

    def clean(self, given: object, question: Question, form: Form) -> Value | None:
        if given in ("", None):
            return None
        try:
            points = self.points(given)
        except (TypeError, ValueError, KeyError, IndexError):
            raise Unclean(_("Please search for an address and choose one of the places found.")) from None
        if not points:
            return None
        if not all(on_earth(point) for point in points):
            raise Unclean(_("Please search for an address and choose one of the places found."))
        if len(points) > MOST_POINTS:
            raise Unclean(_("Please use at most %(most)d points.") % {"most": MOST_POINTS})
        if len(points) < self.fewest:
            raise Unclean(str(self.too_few))
        return self.stored(points)

    def points(self, given: object) -> list[LonLat]:
        """The points of a GeoJSON geometry or of XForm's text, none twice in a row."""
        if isinstance(given, Mapping):
            listed = [lon_lat(pair) for pair in self.corners(given)]
        else:
            listed = [latitude_first(part) for part in str(given).split(";") if part.strip()]
        return [point for place, point in enumerate(listed) if place == 0 or point != listed[place - 1]]

    def corners(self, geometry: Mapping[str, object]) -> list[object]:
        """Raises ValueError for another kind of geometry."""
        coordinates = geometry["coordinates"]
        if geometry.get("type") != "LineString" or not isinstance(coordinates, (list, tuple)):
            raise ValueError("not a GeoJSON LineString")
        return list(coordinates)

    def stored(self, points: list[LonLat]) -> Value:
        return {"type": "LineString", "coordinates": [list(point) for point in points]}

    def lexical(self, value: Value) -> str:
        return ";".join(written(point) for point in self.corners(value))

    def words(self, value: Value, question: Question, form: Form) -> str:
        corners = self.points(value)
        return _("%(count)d points, from “%(first)s” to “%(last)s”") % {
            "count": len(corners),
            "first": describe(*corners[0]),
            "last": describe(*corners[-1]),
        }


def written(point: object) -> str:
    """One point as XForm writes it: latitude, longitude, no height, no accuracy."""
    longitude, latitude = lon_lat(point)
    return " ".join(f"{degrees:.6f}".rstrip("0").rstrip(".") for degrees in (latitude, longitude)) + " 0 0"
