"""Scenes in the JSON API: what they are, what stands in them, what runs say about them, what sensors measure now."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ar_scenes import overlays
from ar_scenes.features import features_of
from ar_scenes.models import Scene
from ar_scenes.scenes import scene_for, values_topic, welcome
from ar_scenes.tiles_views import overlay_for
from engagement import live
from engagement.models import LiveEvent
from sources.table import KINDS

MOST_LISTED = 1000
USUALLY_LISTED = 200


class _OpenView(APIView):
    """Residents have no account: what is published is open, what is not looks absent."""

    permission_classes = [AllowAny]


class FeatureSerializer(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="Stable id of the source, such as way/23952344.")
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=list(KINDS))
    height_m = serializers.FloatField(help_text="Above ground; 0 for flat things.")
    height_source = serializers.CharField(help_text="height, levels, or assumed and why.")
    lon = serializers.FloatField()
    lat = serializers.FloatField()
    slots = serializers.ListField(child=serializers.IntegerField(), help_text="Places in overlay vectors.")


class FeaturePageSerializer(serializers.Serializer[Any]):
    count = serializers.IntegerField()
    next = serializers.CharField(allow_null=True)
    results = FeatureSerializer(many=True)


class FeatureQuerySerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=list(KINDS), required=False, default="")
    q = serializers.CharField(required=False, default="", max_length=100, allow_blank=True)
    offset = serializers.IntegerField(required=False, default=0, min_value=0)
    limit = serializers.IntegerField(required=False, default=USUALLY_LISTED, min_value=1, max_value=MOST_LISTED)


class OverlayRowSerializer(serializers.Serializer[Any]):
    id = serializers.CharField()
    name = serializers.CharField()
    before = serializers.FloatField(allow_null=True)
    after = serializers.FloatField(allow_null=True)
    p_sign = serializers.FloatField(allow_null=True, help_text="Probability that the direction is right.")
    closed = serializers.BooleanField()


class SceneView(_OpenView):
    """What a scene is: title, licence, build, overlays."""

    @extend_schema(responses=dict)
    def get(self, request: Request, slug: str) -> Response:
        return Response(welcome(scene_for(request.user, slug), request.user))


class FeaturesView(_OpenView):
    """What stands in a scene: the facts of the tiles as a list."""

    @extend_schema(
        parameters=[
            OpenApiParameter("kind", str, enum=list(KINDS)),
            OpenApiParameter("q", str, description="Searches name and id."),
            OpenApiParameter("offset", int),
            OpenApiParameter("limit", int),
        ],
        responses=FeaturePageSerializer,
    )
    def get(self, request: Request, slug: str) -> Response:
        scene = scene_for(request.user, slug)
        asked = FeatureQuerySerializer(data=request.query_params)
        asked.is_valid(raise_exception=True)
        query = asked.validated_data
        found = features_of(scene)
        rows = found.search(query["q"], query["kind"])
        end = query["offset"] + query["limit"]
        return Response(
            {
                "count": len(rows),
                "next": _with_offset(request, end) if end < len(rows) else None,
                "results": [found[row].as_dict() for row in rows[query["offset"] : end]],
            }
        )


class OverlayView(_OpenView):
    """What a run says about a scene, as a table. ``class`` is null where no model computed anything."""

    @extend_schema(responses=OverlayRowSerializer(many=True))
    def get(self, request: Request, slug: str, overlay_id: UUID) -> Response:
        overlay = overlay_for(request.user, slug, overlay_id)
        return Response({"overlay": overlays.summary(overlay), "results": overlays.table(overlay)})


class ValuesView(_OpenView):
    """The latest value of every series of the scene's sensors."""

    @extend_schema(responses=dict)
    def get(self, request: Request, slug: str) -> Response:
        return Response(values_of(scene_for(request.user, slug)))


def values_of(scene: Scene) -> dict[str, Any]:
    """The payload of a snapshot frame *values*."""
    topic = values_topic(scene)
    newest = LiveEvent.objects.order_by("-id").values_list("id", flat=True).first() or 0
    return {"snapshot": True, "seq": newest, "values": live.snapshot(topic) if topic else []}


def _with_offset(request: Request, offset: int) -> str:
    query = request.query_params.copy()
    query["offset"] = str(offset)
    return f"{request.path}?{query.urlencode()}"


urlpatterns = [
    path("scenes/<slug:slug>/", SceneView.as_view(), name="scene"),
    path("scenes/<slug:slug>/features/", FeaturesView.as_view(), name="scene_features"),
    path("scenes/<slug:slug>/overlays/<uuid:overlay_id>/", OverlayView.as_view(), name="scene_overlay"),
    path("scenes/<slug:slug>/values/", ValuesView.as_view(), name="scene_values"),
]
