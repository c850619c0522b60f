"""The peer of ``bin/bench ingest``: readings taken in the way of the Django REST framework's tutorial."""

from __future__ import annotations

from typing import Any

from django.urls import include, path
from rest_framework import routers, serializers, viewsets
from rest_framework.permissions import AllowAny

from sensors.models import Observation


class ObservationSerializer(serializers.ModelSerializer[Observation]):
    class Meta:
        model = Observation
        fields = ("id", "datastream", "phenomenon_time", "result")


class ObservationViewSet(viewsets.ModelViewSet[Observation]):
    queryset = Observation.objects.all()
    serializer_class = ObservationSerializer
    authentication_classes: tuple[Any, ...] = ()
    permission_classes = (AllowAny,)
    throttle_classes: tuple[Any, ...] = ()


router = routers.SimpleRouter()
router.register("observations", ObservationViewSet)
urlpatterns = [path("", include(router.urls))]
