"""``/api/v1/scenarios/``: what-ifs, their runs and figures; planners ask and compute, everybody reads what is published."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from engagement.access import RolePermission, project_with_role
from engagement.models import User
from privacy.firewall import planning_only
from scenarios import access, planning, running, twin
from scenarios.access import PLANNERS
from scenarios.models import IndicatorValue, Measure, Run, Scenario


class MeasureSerializer(serializers.ModelSerializer[Measure]):
    class Meta:
        model = Measure
        fields = ["position", "kind", "body"]


class IndicatorSerializer(serializers.ModelSerializer[IndicatorValue]):
    """``mean`` with the best inputs, ``p05`` to ``p95`` over 90 % of the stated inputs."""

    class Meta:
        model = IndicatorValue
        fields = ["indicator", "stage", "unit", "mean", "p05", "p95", "p_sign", "sources"]


class RunSerializer(serializers.ModelSerializer[Run]):
    state = serializers.SerializerMethodField()
    indicators = IndicatorSerializer(many=True, read_only=True)

    class Meta:
        model = Run
        fields = [
            "digest",
            "scenario",
            "state",
            "job",
            "made_at",
            "finished_at",
            "recipe",
            "certificate",
            "summary",
            "indicators",
        ]

    def get_state(self, run: Run) -> str:
        """``done``, or the state of its job: ``queued``, ``running``, ``failed``, ``cancelled``."""
        if run.is_finished:
            return "done"
        return run.job.state if run.job else "queued"


class ScenarioSerializer(serializers.ModelSerializer[Scenario]):
    project = serializers.SlugRelatedField[Any](slug_field="slug", read_only=True)
    baseline = serializers.CharField(source="network.digest", read_only=True)
    measures = MeasureSerializer(many=True, read_only=True)
    runs = serializers.SlugRelatedField[Any](slug_field="digest", many=True, read_only=True)

    class Meta:
        model = Scenario
        fields = ["id", "project", "title", "digest", "baseline", "measures", "published", "made_at", "runs"]


class AskSerializer(serializers.Serializer[Any]):
    """A new what-if: ``{"project": "…", "title": {"en": "…"}, "measures": [{"kind": "close_links", "ways": [1], "for": "all"}]}``."""

    project = serializers.SlugField()
    title = serializers.DictField(child=serializers.CharField(max_length=160))
    measures = serializers.ListField(child=serializers.DictField(), max_length=50)


class _PlannersWrite(APIView):
    """Everybody reads what they may see; planners write."""

    roles = PLANNERS

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.request.method in {"GET", "HEAD", "OPTIONS"} else [RolePermission()]

    def _planner(self, request: Request) -> User | None:
        return request.user if isinstance(request.user, User) else None


class ScenariosView(_PlannersWrite):
    """All what-ifs that one may see, newest first; POST asks a new one."""

    @extend_schema(responses=ScenarioSerializer(many=True))
    def get(self, request: Request) -> Response:
        with planning_only():
            seen = Scenario.objects.visible_to(request.user).select_related("project", "network")
            if project := request.query_params.get("project"):
                seen = seen.filter(project__slug=project)
            found = seen.prefetch_related("measures", "runs").defer("network__content")
            return Response(ScenarioSerializer(found, many=True).data)

    @extend_schema(request=AskSerializer, responses={201: ScenarioSerializer})
    def post(self, request: Request) -> Response:
        asked = AskSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        given = asked.validated_data
        with planning_only():
            project = project_with_role(request.user, given["project"], *PLANNERS)
            scenario = planning.create_scenario(
                project, title=given["title"], measures=given["measures"], planner=self._planner(request)
            )
            return Response(ScenarioSerializer(scenario).data, status=201)


class ScenarioView(_PlannersWrite):
    @extend_schema(responses=ScenarioSerializer)
    def get(self, request: Request, scenario_id: int) -> Response:
        with planning_only():
            return Response(ScenarioSerializer(access.scenario_for(request.user, scenario_id)).data)


class RunsView(_PlannersWrite):
    """The runs of a what-if, newest first; POST computes it, or gives the finished run of the same question."""

    @extend_schema(responses=RunSerializer(many=True))
    def get(self, request: Request, scenario_id: int) -> Response:
        with planning_only():
            scenario = access.scenario_for(request.user, scenario_id)
            found = scenario.runs.select_related("job").prefetch_related("indicators").defer("results")
            return Response(RunSerializer(found, many=True).data)

    @extend_schema(request=None, responses={200: RunSerializer, 202: RunSerializer})
    def post(self, request: Request, scenario_id: int) -> Response:
        with planning_only():
            scenario = access.own_scenario(request.user, scenario_id)
            run = running.request_run(self._planner(request), scenario)
            return Response(RunSerializer(run).data, status=200 if run.is_finished else 202)


class RunView(_PlannersWrite):
    """One run by its digest, with certificate and figures."""

    @extend_schema(responses=RunSerializer)
    def get(self, request: Request, digest: str) -> Response:
        with planning_only():
            seen = Run.objects.filter(scenario__in=Scenario.objects.visible_to(request.user), pk=digest)
            found = seen.select_related("job").prefetch_related("indicators").defer("results").first()
            if found is None:
                raise Http404
            return Response(RunSerializer(found).data)


class TwinView(APIView):
    """What this twin is good for and what not: models, units, inputs with their ranges, limits."""

    permission_classes = (AllowAny,)

    @extend_schema(responses={200: dict})
    def get(self, request: Request) -> Response:
        return Response(twin.described())


urlpatterns = [
    path("twin/", TwinView.as_view(), name="api_twin"),
    path("scenarios/", ScenariosView.as_view(), name="api_scenarios"),
    path("scenarios/<int:scenario_id>/", ScenarioView.as_view(), name="api_scenario"),
    path("scenarios/<int:scenario_id>/runs/", RunsView.as_view(), name="api_runs"),
    path("runs/<slug:digest>/", RunView.as_view(), name="api_run"),
]
