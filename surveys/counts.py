"""Current values of the live topics of surveys."""

from __future__ import annotations

from typing import Any

from engagement.live import snapshot_provider
from surveys.models import Response
from surveys.storing import COUNT_STEP


@snapshot_provider("results.")
def current_count(topic: str) -> list[dict[str, Any]]:
    """How many responses the survey has, rounded down to tens."""
    slug = topic.removeprefix("results.")
    count = Response.objects.valid().filter(version__survey__slug=slug).count()
    return [{"count": count - count % COUNT_STEP}]
