"""An area on the map: three corners or more. It waits for a moderator before it is drawn anywhere."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.places import describe
from surveys.ir import Form, Question
from surveys.question_types.geopoint import LonLat
from surveys.question_types.geotrace import Geotrace
from surveys.question_types.registry import Value, question_type

AREA = [[24.949, 60.1742], [24.95, 60.175], [24.951, 60.1742], [24.949, 60.1742]]


@question_type
class Geoshape(Geotrace):
    """Stored as a GeoJSON Polygon of one ring; XForm repeats the first corner at the end, too."""

    kind = "geoshape"
    xlsform = "geoshape"
    fewest = 3
    too_few = gettext_lazy("An area needs three points at least. Please add another one.")
    samples = [
        (
            "60.1742 24.949; 60.175 24.95; 60.1742 24.951",
            {"type": "Polygon", "coordinates": [AREA]},
            "60.1742 24.949 0 0;60.175 24.95 0 0;60.1742 24.951 0 0;60.1742 24.949 0 0",
        ),
        ("", None, ""),
    ]

    def points(self, given: object) -> list[LonLat]:
        """The corners, the first one not repeated."""
        corners = super().points(given)
        return corners[:-1] if len(corners) > 1 and corners[0] == corners[-1] else corners

    def corners(self, geometry: Mapping[str, object]) -> list[object]:
        """Raises ValueError for another kind of geometry, or an area with holes."""
        coordinates = geometry["coordinates"]
        if geometry.get("type") != "Polygon" or not isinstance(coordinates, (list, tuple)) or len(coordinates) != 1:
            raise ValueError("not a GeoJSON Polygon of one ring")
        return list(coordinates[0])

    def stored(self, points: list[LonLat]) -> Value:
        return {"type": "Polygon", "coordinates": [[list(point) for point in [*points, points[0]]]]}

    def words(self, value: Value, question: Question, form: Form) -> str:
        corners = self.points(value)
        return _("an area with %(count)d corners, the first “%(first)s”") % {
            "count": len(corners),
            "first": describe(*corners[0]),
        }
