"""What the twin's pages ask for while they are open: facts about one thing, remarks, the map of survey questions."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseNotModified
from django.urls import path
from django.utils.decorators import method_decorator
from django.views.decorators.gzip import gzip_page
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from ar_scenes import catalogue, pictures, pins
from ar_scenes.facts import facts_of
from ar_scenes.gltf import content_hash
from ar_scenes.models import Pin
from ar_scenes.pins import Given
from ar_scenes.scenes import scene_for
from engagement import receipts
from engagement.access import project_for

ASK_AGAIN = "public, max-age=300"
MOST_LISTED = 1000
MOST_TITLES = 50


class FactSerializer(serializers.Serializer[Any]):
    label = serializers.CharField()  # type: ignore[assignment]
    value = serializers.CharField()
    note = serializers.CharField()


class RemarkSerializer(serializers.Serializer[Any]):
    body = serializers.CharField()
    given_on = serializers.DateField()


class FactsSerializer(serializers.Serializer[Any]):
    """Facts about one feature in the language of the request."""

    id = serializers.CharField()
    title = serializers.CharField()
    kind = serializers.CharField()
    facts = FactSerializer(many=True)
    remarks = RemarkSerializer(many=True)
    page = serializers.CharField()
    pin = serializers.CharField(allow_null=True, help_text="Where to leave a remark; null where none are collected.")
    slots = serializers.ListField(child=serializers.IntegerField())
    lon = serializers.FloatField()
    lat = serializers.FloatField()


class FeatureFactsView(APIView):
    """``GET /api/v1/scenes/<slug>/feature/?id=way/1``"""

    permission_classes = [AllowAny]

    @extend_schema(parameters=[OpenApiParameter("id", str, required=True)], responses=FactsSerializer)
    def get(self, request: Request, slug: str) -> Response:
        scene = scene_for(request.user, slug)
        entry = catalogue.of(scene).by_id.get(request.query_params.get("id", ""))
        if entry is None:
            raise Http404
        return Response(facts_of(scene, entry))


class TitlesSerializer(serializers.Serializer[Any]):
    titles = serializers.DictField(child=serializers.CharField(), help_text="By feature id.")


class TitlesView(APIView):
    """``GET /api/v1/scenes/<slug>/titles/?id=way/1&id=way/2``: what to call the things in sight."""

    permission_classes = [AllowAny]

    @extend_schema(parameters=[OpenApiParameter("id", str, many=True)], responses=TitlesSerializer)
    def get(self, request: Request, slug: str) -> Response:
        by_id = catalogue.of(scene_for(request.user, slug)).by_id
        wanted = request.query_params.getlist("id")[:MOST_TITLES]
        return Response({"titles": {one: by_id[one].title for one in wanted if one in by_id}})


class PinSerializer(serializers.Serializer[Any]):
    """An approved remark."""

    id = serializers.UUIDField()
    feature = serializers.CharField(allow_blank=True)
    lon = serializers.FloatField()
    lat = serializers.FloatField()
    body = serializers.CharField()
    language = serializers.CharField(allow_blank=True)
    given_on = serializers.DateField()
    simulated = serializers.BooleanField()


class PinListSerializer(serializers.Serializer[Any]):
    results = PinSerializer(many=True)


class NewPinSerializer(serializers.Serializer[Any]):
    """A remark as a phone sends it. ``id`` and ``code`` are made on the phone; without a code the server makes one."""

    id = serializers.UUIDField()
    code = serializers.CharField(max_length=40, required=False, default="")
    body = serializers.CharField(
        allow_blank=True, max_length=4000, help_text=f"At most {pins.MOST_CHARACTERS} characters."
    )
    feature = serializers.CharField(max_length=80, allow_blank=True, default="")
    lon = serializers.FloatField(min_value=-180, max_value=180, required=False)
    lat = serializers.FloatField(min_value=-90, max_value=90, required=False)
    language = serializers.CharField(max_length=8, allow_blank=True, default="")


class TakenPinSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    state = serializers.CharField()
    code = serializers.CharField()


class PinsView(APIView):
    """Approved remarks; POST leaves one. Sending the same ``id`` again changes nothing."""

    permission_classes = [AllowAny]
    throttle_scope = "pins"

    def get_throttles(self) -> list[Any]:
        return [ScopedRateThrottle()] if self.request.method == "POST" else []

    @extend_schema(responses=PinListSerializer)
    def get(self, request: Request, slug: str) -> Response:
        scene = scene_for(request.user, slug)
        approved = Pin.objects.filter(scene=scene, state=Pin.State.APPROVED)[:MOST_LISTED]
        return Response({"results": [pins.public(pin) for pin in approved]})

    @extend_schema(request=NewPinSerializer, responses={201: TakenPinSerializer})
    def post(self, request: Request, slug: str) -> Response:
        scene = scene_for(request.user, slug)
        asked = NewPinSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        sent = asked.validated_data
        entry = catalogue.of(scene).by_id.get(sent["feature"])
        if entry is None and (sent["feature"] or "lon" not in sent or "lat" not in sent):
            raise pins.PlaceMissing
        given = Given(
            id=sent["id"],
            code=sent["code"] or receipts.new_code(),
            body=sent["body"],
            lon=entry.feature.lon if entry else sent["lon"],
            lat=entry.feature.lat if entry else sent["lat"],
            feature_id=sent["feature"],
            language=sent["language"],
        )
        pin = pins.leave(scene, scene.live_project(), given)
        return Response({"id": pin.pk, "state": pin.state, "code": receipts.normalise(given.code)}, status=201)


@method_decorator(gzip_page, name="dispatch")
class MapView(APIView):
    """``GET /api/v1/scenes/<slug>/map.json?project=<slug>``: small GeoJSON to draw a map with, no tiles needed."""

    permission_classes = [AllowAny]

    @extend_schema(
        parameters=[OpenApiParameter("project", str, description="only the surroundings of this project")],
        responses={(200, "application/geo+json"): dict[str, Any]},
    )
    def get(self, request: Request, slug: str) -> HttpResponse:
        scene = scene_for(request.user, slug)
        wanted = request.query_params.get("project", "")
        body = pictures.map_json(scene, project_for(request.user, wanted) if wanted else None)
        etag = f'"{content_hash(body)}"'
        headers = {"ETag": etag, "Cache-Control": ASK_AGAIN}
        if etag in request.headers.get("If-None-Match", ""):
            return HttpResponseNotModified(headers=headers)
        return HttpResponse(body, content_type="application/geo+json", headers=headers)


urlpatterns = [
    path("scenes/<slug:slug>/feature/", FeatureFactsView.as_view(), name="scene_feature"),
    path("scenes/<slug:slug>/titles/", TitlesView.as_view(), name="scene_titles"),
    path("scenes/<slug:slug>/pins/", PinsView.as_view(), name="scene_pins"),
    path("scenes/<slug:slug>/map.json", MapView.as_view(), name="scene_map"),
]
