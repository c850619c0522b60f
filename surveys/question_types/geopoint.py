"""A place on the map. It waits for a moderator before it is drawn anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from django.utils.translation import gettext as _

from engagement.places import describe
from surveys.ir import Form, Question
from surveys.question_types.registry import QuestionType, Unclean, Value, question_type

LonLat: TypeAlias = tuple[float, float]
"""Longitude and latitude, degrees."""

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
            place = _from_geojson(given) if isinstance(given, Mapping) else latitude_first(str(given))
        except (TypeError, ValueError, KeyError):
            raise Unclean(_("Please search for an address and choose one of the places found.")) from None
        if not on_earth(place):
            raise Unclean(_("Please search for an address and choose one of the places found."))
        return {"type": "Point", "coordinates": list(place)}

    def lexical(self, value: Value) -> str:
        longitude, latitude = value["coordinates"]
        return (
            f"{latitude:.{DECIMALS}f}".rstrip("0").rstrip(".")
            + f" {longitude:.{DECIMALS}f}".rstrip("0").rstrip(".")
            + " 0 0"
        )

    def words(self, value: Value, question: Question, form: Form) -> str:
        return describe(*value["coordinates"])


def _from_geojson(given: Mapping[str, object]) -> LonLat:
    if given.get("type") != "Point":
        raise ValueError("not a GeoJSON Point")
    return lon_lat(given["coordinates"])


def lon_lat(given: object) -> LonLat:
    """A GeoJSON position. Raises ValueError or TypeError for anything else."""
    if not isinstance(given, (list, tuple)):
        raise TypeError("not a position")
    longitude, latitude = (float(number) for number in given[:2])
    return round(longitude, DECIMALS), round(latitude, DECIMALS)


def latitude_first(written: str) -> LonLat:
    """A point as XForm writes it. Raises ValueError for anything else."""
    latitude, longitude, *_rest = (float(number) for number in written.split())
    return round(longitude, DECIMALS), round(latitude, DECIMALS)


def on_earth(place: LonLat) -> bool:
    """Also refuses NaN."""
    longitude, latitude = place
    return abs(longitude) <= 180 and abs(latitude) <= 90
