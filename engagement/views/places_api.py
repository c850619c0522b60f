"""Finding and naming places, for survey, scene and sensor pages."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engagement import geo, places


class PlaceSerializer(serializers.Serializer[Any]):
    """A place that was found."""

    kind = serializers.CharField(help_text="street, address or place")
    name = serializers.CharField(source="__str__", help_text="with the house number")
    lon = serializers.FloatField(source="point.x", help_text="WGS 84 degrees")
    lat = serializers.FloatField(source="point.y", help_text="WGS 84 degrees")


class FoundSerializer(serializers.Serializer[Any]):
    results = PlaceSerializer(many=True)


class SearchSerializer(serializers.Serializer[Any]):
    q = serializers.CharField(max_length=places.LONGEST_QUERY, allow_blank=True, default="")
    limit = serializers.IntegerField(min_value=1, max_value=20, default=8)
    scene = serializers.CharField(max_length=80, allow_blank=True, default="", help_text="only of this scene")


class PointSerializer(serializers.Serializer[Any]):
    lon = serializers.FloatField(min_value=-180, max_value=180)
    lat = serializers.FloatField(min_value=-90, max_value=90)


class SpokenSerializer(serializers.Serializer[Any]):
    text = serializers.CharField()
    place = PlaceSerializer(allow_null=True)
    distance_m = serializers.FloatField(allow_null=True)


class PlaceSearchView(APIView):
    """``GET /api/v1/places/?q=siltasaarenk 3``: streets, addresses and places of the imported city."""

    permission_classes = [AllowAny]

    @extend_schema(parameters=[SearchSerializer], responses=FoundSerializer)
    def get(self, request: Request) -> Response:
        asked = SearchSerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        found = places.search(wanted["q"], limit=wanted["limit"], source=wanted["scene"])
        return Response({"results": PlaceSerializer(found, many=True).data})


class PlaceNearView(APIView):
    """``POST /api/v1/places/near/``: a point in words. By POST, so that nobody's location stands in an address or log."""

    permission_classes = [AllowAny]

    @extend_schema(request=PointSerializer, responses=SpokenSerializer)
    def post(self, request: Request) -> Response:
        asked = PointSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        at = geo.point(asked.validated_data["lon"], asked.validated_data["lat"])
        spoken = places.nearest(at.x, at.y)
        return Response(
            {
                "text": places.describe(at.x, at.y),
                "place": PlaceSerializer(spoken.place).data if spoken else None,
                "distance_m": round(spoken.distance_m, 1) if spoken else None,
            }
        )
