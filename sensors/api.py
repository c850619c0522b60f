"""The room's part of the JSON API. Devices write through the doors of :mod:`sensors.ingesting`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from django.urls import path
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engagement.geo import lon_lat
from engagement.problems import Refused
from sensors import current, exporting, quality, times
from sensors.keyring import face_of
from sensors.models import Datastream, Latest, Observation, Site

MOST_ROWS = 5_000


class BadMoment(Refused):
    status = 400
    code = "bad-moment"
    title = _("Write times like 2026-11-22T14:00:00Z.")


class ValueSerializer(serializers.Serializer[Any]):
    """One newest value; the unit is a UCUM code."""

    phenomenon = serializers.CharField()
    value = serializers.FloatField()
    unit = serializers.CharField()
    time = serializers.DateTimeField()
    flags = serializers.ListField(child=serializers.CharField())


class SensorSerializer(serializers.Serializer[Any]):
    """A sensor at the place that its host chose to show."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    project = serializers.CharField()
    kind = serializers.CharField()
    point = serializers.ListField(child=serializers.FloatField(), help_text="Longitude, latitude as shown.")
    shown_as = serializers.ChoiceField(choices=Site.Shown.choices)
    licence = serializers.CharField()
    simulated = serializers.BooleanField()
    values = ValueSerializer(many=True)


def _sensor(site: Site, newest: list[Latest]) -> dict[str, Any]:
    face = face_of(site)
    assert face is not None
    assert site.public_point is not None
    return {
        "id": site.pk,
        "name": face.name,
        "project": site.campaign.project.slug,
        "kind": site.preset,
        "point": lon_lat(site.public_point),
        "shown_as": site.shown_as,
        "licence": site.campaign.licence,
        "simulated": site.simulated,
        "values": [_value(latest) for latest in newest],
    }


def _value(latest: Latest) -> dict[str, Any]:
    stream = latest.datastream
    return {
        "phenomenon": stream.observed_property,
        "value": latest.result,
        "unit": stream.unit,
        "time": times.iso(times.of(latest.phenomenon_time)),
        "flags": quality.names(latest.flags),
    }


class SensorListView(APIView):
    """All public sensors with their newest values."""

    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="sensors_list",
        parameters=[OpenApiParameter("project", str, description="Slug of a project.")],
        responses=SensorSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        sites = Site.objects.public().filter(retired_on__isnull=True).select_related("campaign__project")
        if slug := request.query_params.get("project"):
            sites = sites.filter(campaign__project__slug=slug)
        listed, newest = list(sites), dict[int | None, list[Latest]]()
        for latest in current.newest(site.pk for site in listed):
            newest.setdefault(latest.datastream.site_id, []).append(latest)
        return Response([_sensor(site, newest.get(site.pk, [])) for site in listed])


class ObservationSerializer(serializers.Serializer[Any]):
    """One reading. ``flags`` are short names of what was noticed; the value is as the box sent it."""

    time = serializers.DateTimeField()
    value = serializers.FloatField()
    flags = serializers.ListField(child=serializers.CharField())


class ObservationsView(APIView):
    """Readings of one series, oldest first, at most 5,000 an answer; go on with ``since``."""

    permission_classes = [AllowAny]

    @extend_schema(
        parameters=[
            OpenApiParameter("phenomenon", str, required=True),
            OpenApiParameter("since", datetime, description="Only readings after this moment."),
            OpenApiParameter("until", datetime, description="Only readings up to this moment."),
        ],
        responses=ObservationSerializer(many=True),
    )
    def get(self, request: Request, site_id: int) -> Response:
        site = get_object_or_404(Site.objects.visible_to(request.user), pk=site_id)
        phenomenon = request.query_params.get("phenomenon", "")
        stream = get_object_or_404(Datastream, site=site, observed_property=phenomenon, kind=Datastream.Kind.RAW)
        rows = Observation.objects.filter(datastream=stream).order_by("phenomenon_time")
        if since := _moment(request, "since"):
            rows = rows.filter(phenomenon_time__gt=since)
        if until := _moment(request, "until"):
            rows = rows.filter(phenomenon_time__lte=until)
        found = rows.values_list("phenomenon_time", "result", "flags")[:MOST_ROWS]
        body = [
            {"time": times.iso(times.of(moment)), "value": value, "flags": quality.names(flags)}
            for moment, value, flags in found
        ]
        return Response(body)


class SeriesFileView(APIView):
    """All readings of a sensor as CSV, streamed."""

    permission_classes = [AllowAny]

    @extend_schema(responses={(200, "text/csv"): str})
    def get(self, request: Request, site_id: int) -> StreamingHttpResponse:
        visible = Site.objects.visible_to(request.user).select_related("campaign__project")
        site = get_object_or_404(visible, pk=site_id)
        lines = exporting.csv_lines(site, _moment(request, "since"), _moment(request, "until"))
        response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="sensor-{site.pk}.csv"'
        return response


def _moment(request: Request, name: str) -> datetime | None:
    written = request.query_params.get(name, "")
    if not written:
        return None
    try:
        found = parse_datetime(written.replace(" ", "+"))
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadMoment(_("%(name)s is no time with a zone. Write it like 2026-11-22T14:00:00Z.") % {"name": name})
    return found


urlpatterns = [
    path("sensors/", SensorListView.as_view(), name="sensor_list"),
    path("sensors/<int:site_id>/observations/", ObservationsView.as_view(), name="sensor_observations"),
    path("sensors/<int:site_id>/series.csv", SeriesFileView.as_view(), name="sensor_series"),
]
