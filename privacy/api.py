"""Releases for programs: read only, public, signed."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import mixins, serializers, viewsets
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from engagement.models import Project
from privacy import certificate, models


class ReleaseSerializer(serializers.ModelSerializer[models.Release]):
    """What the register says about a release; the signed document itself is under ``/api/v1/releases/<id>/``."""

    project = serializers.SlugRelatedField[Project](slug_field="slug", read_only=True)
    population = serializers.CharField(source="round.population")
    unit = serializers.CharField(source="round.unit")
    superseded_by = serializers.SerializerMethodField()

    class Meta:
        model = models.Release
        fields = [
            "id",
            "project",
            "round",
            "population",
            "unit",
            "published_at",
            "sha256",
            "supersedes",
            "superseded_by",
        ]

    def get_superseded_by(self, row: models.Release) -> str | None:
        later = getattr(row, "superseded_by", None)
        return str(later.pk) if later else None


@extend_schema_view(
    list=extend_schema(parameters=[OpenApiParameter("project", str, description="Slug of a project.")]),
    retrieve=extend_schema(
        responses={(200, "application/json"): dict[str, Any]},
        description="The signed document: cells with ranges, certificate, proof.",
    ),
)
class ReleaseViewSet(mixins.ListModelMixin, mixins.RetrieveModelMixin, viewsets.GenericViewSet[models.Release]):
    """What planners and the public may read."""

    queryset = models.Release.objects.none()
    serializer_class = ReleaseSerializer
    permission_classes = [AllowAny]

    def get_queryset(self) -> QuerySet[models.Release]:
        projects = Project.objects.visible_to(self.request.user)
        if slug := self.request.query_params.get("project"):
            projects = projects.filter(slug=slug)
        return models.Release.objects.filter(project__in=projects).select_related("project", "round", "superseded_by")

    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        return Response(certificate.parse(self.get_object().document))


router = SimpleRouter()
router.register("releases", ReleaseViewSet, basename="release")
urlpatterns = router.urls
