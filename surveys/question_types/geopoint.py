"""A place on the map. It waits for a moderator before it is drawn anywhere."""

from __future__ import annotations

import math
from collections.abc import Mapping

from django.utils.translation import gettext as _

from engagement.places import describe
from surveys.ir import Form, Question
from surveys.question_types.registry import QuestionType, Unclean, Value, question_type

DECIMALS = 6  # a tenth of a metre; a phone knows no better


@question_type
class Geopoint(QuestionType):
    """Stored as a GeoJSON Point, longitude first; XForm writes latitude first."""

    kind = "geopoint"
    xlsform = "geopoint"
    template = "surveys/questions/geopoint.html"
    moderated = "survey.point"
    samples = [
        ("60.1742 24.9490", {"type": "Point", "coordinates": [24.949, 60.1742]}, "60.1742 24.949 0 0"),
        (
            {"type": "Point", "coordinates": [24.949, 60.1742]},
            {"type": "Point", "coordinates": [24.949, 60.1742]},
            "60.1742 24.949 0 0",
        ),
        ("", None, ""),
    ]

    def clean(self, given: object, question: Question, form: Form) -> Value | None:
        if given in ("", None):
            return None
        try:
            longitude, latitude = _from_geojson(given) if isinstance(given, Mapping) else _from_text(str(given))
        except (TypeError, ValueError, KeyError):
            raise Unclean(_("Please search for an address and choose one of the places found.")) from None
        if not (abs(longitude) <= 180 and abs(latitude) <= 90):  # also refuses NaN
            raise Unclean(_("Please search for an address and choose one of the places found."))
        return {"type": "Point", "coordinates": [round(longitude, DECIMALS), round(latitude, DECIMALS)]}

    def lexical(self, value: Value) -> str:
        longitude, latitude = value["coordinates"]
        return (
            f"{latitude:.{DECIMALS}f}".rstrip("0").rstrip(".")
            + f" {longitude:.{DECIMALS}f}".rstrip("0").rstrip(".")
            + " 0 0"
        )

    def words(self, value: Value, question: Question, form: Form) -> str:
        return describe(*value["coordinates"])


def _from_geojson(given: Mapping[str, object]) -> tuple[float, float]:
    coordinates = given["coordinates"]
    if given.get("type") != "Point" or not isinstance(coordinates, (list, tuple)):
        raise ValueError("not a GeoJSON Point")
    longitude, latitude = (float(number) for number in coordinates[:2])
    return longitude, latitude


def _from_text(written: str) -> tuple[float, float]:
    latitude, longitude, *_rest = (float(number) for number in written.split())
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        raise ValueError("not a place")
    return longitude, latitude
