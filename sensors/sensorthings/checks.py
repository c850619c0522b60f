"""A system check: a public site must not let everybody write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security, deploy=True)
def open_writes(app_configs: Any, **_: Any) -> Sequence[CheckMessage]:
    """``check --deploy`` refuses LOGGIA_SENSORTHINGS_OPEN_WRITES."""
    if not settings.LOGGIA_SENSORTHINGS_OPEN_WRITES:
        return []
    return [
        Error(
            "LOGGIA_SENSORTHINGS_OPEN_WRITES lets anybody write and delete under /sensorthings/v1.1/.",
            hint="Take it out of the environment. It is for conformance tests on a scratch database.",
            id="sensors.E001",
        )
    ]
