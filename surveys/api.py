"""The JSON door of surveys: phones hand responses in here; nobody reads them back one by one."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import ScopedRateThrottle
from rest_framework.views import APIView

from surveys.responding import Sent, accept_published


class SentSerializer(serializers.Serializer[Any]):
    """A response as a phone sends it."""

    id = serializers.UUIDField(help_text="Made by the phone; sending the same response again changes nothing.")
    answers = serializers.DictField(help_text="Path of the question → answer.")
    code = serializers.CharField(max_length=40, help_text="The receipt code, made by the phone before sending.")
    language = serializers.CharField(max_length=8, default="en")
    filled_on = serializers.DateField(required=False, allow_null=True, help_text="The day on the phone's calendar.")
    version = serializers.CharField(
        max_length=64, required=False, allow_blank=True, help_text="Hash of the form asked."
    )


class AcceptedSerializer(serializers.Serializer[Any]):
    """What became of it. The receipt code is not repeated: only the sender has it."""

    id = serializers.UUIDField()
    received_on = serializers.DateField()
    created = serializers.BooleanField(help_text="False when the same response was received before.")


class ResponsesView(APIView):
    """``POST /api/v1/surveys/<slug>/responses/``: 201 stored, 200 known already, 409, 410 or 422 with the reason."""

    authentication_classes = ()  # residents have no account, and an officer's session must not leak into an answer
    permission_classes = [AllowAny]
    throttle_classes = [ScopedRateThrottle]
    throttle_scope = "responses"

    @extend_schema(
        request=SentSerializer,
        responses={
            201: AcceptedSerializer,
            200: AcceptedSerializer,
            404: OpenApiResponse(description="No such survey."),
            409: OpenApiResponse(description="Closed, changed, or another response under this id."),
            410: OpenApiResponse(description="Withdrawn."),
            422: OpenApiResponse(description="Some answers do not fit; `errors` maps each to sentences."),
        },
    )
    def post(self, request: Request, slug: str) -> Response:
        given = SentSerializer(data=request.data)
        given.is_valid(raise_exception=True)
        accepted = accept_published(slug, sent(given.validated_data))
        stored = {"id": accepted.response.pk, "received_on": accepted.response.received_on, "created": accepted.created}
        return Response(AcceptedSerializer(stored).data, status=201 if accepted.created else 200)


def sent(valid: dict[str, Any]) -> Sent:
    identity, filled_on = valid["id"], valid.get("filled_on")
    assert isinstance(identity, UUID)
    assert filled_on is None or isinstance(filled_on, date)
    return Sent(identity, valid["answers"], valid["code"], valid["language"], filled_on, valid.get("version", ""))


urlpatterns = [path("surveys/<slug:slug>/responses/", ResponsesView.as_view(), name="survey_responses")]
