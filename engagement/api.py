"""The core's part of the JSON API."""

from __future__ import annotations

from uuid import UUID

from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engagement import jobs
from engagement.access import RolePermission, job_for
from engagement.models import Job


class JobSerializer(serializers.ModelSerializer[Job]):
    class Meta:
        model = Job
        fields = ["id", "kind", "ref", "label", "state", "fraction", "message", "error", "attempts", "created_at"]


class JobView(APIView):
    """How far a job is; DELETE cancels it."""

    permission_classes = [RolePermission]
    roles = ("officer", "planner")

    @extend_schema(responses=JobSerializer)
    def get(self, request: Request, job_id: UUID) -> Response:
        return Response(JobSerializer(job_for(request.user, job_id)).data)

    @extend_schema(responses={204: None})
    def delete(self, request: Request, job_id: UUID) -> Response:
        jobs.cancel(job_for(request.user, job_id))
        return Response(status=204)


urlpatterns = [path("jobs/<uuid:job_id>/", JobView.as_view(), name="job")]
