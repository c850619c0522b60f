"""Live values of sensors, for everybody: what the public page shows, the moment it is stored."""

from __future__ import annotations

from django.http import Http404

from engagement.consumers import LiveConsumer
from engagement.models import Project


class ValuesConsumer(LiveConsumer):
    """``/ws/sensors/<project>/``: newest values of a published project's public sensors, at the places that are shown."""

    async def topics(self) -> list[str]:
        slug = str(self.scope["url_route"]["kwargs"]["slug"])
        if not await Project.objects.published().filter(slug=slug).aexists():
            raise Http404
        return [f"values.{slug}"]
