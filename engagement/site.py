"""What every template may know about the site."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from engagement.languages import direction


def context(request: HttpRequest) -> dict[str, Any]:
    return {"site_name": settings.LOGGIA_SITE_NAME, "is_demo": settings.LOGGIA_DEMO, "text_direction": direction()}
