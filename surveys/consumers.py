"""Sockets of surveys."""

from __future__ import annotations

from django.http import Http404

from engagement.consumers import LiveConsumer
from surveys.models import Survey


class ResultsConsumer(LiveConsumer):
    """``/ws/results/<slug>/``: how many responses a survey has, in steps of ten and nothing else."""

    async def topics(self) -> list[str]:
        slug = str(self.scope["url_route"]["kwargs"]["slug"])
        return [await self.allowed(_topic, self.scope["user"], slug)]


def _topic(user: object, slug: str) -> str:
    if not Survey.objects.visible_to(user).filter(slug=slug).exists():
        raise Http404
    return f"results.{slug}"
