"""Pages that say how the site behaves: accessibility, where to report a security fault."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

CONTACT_LIFE = timedelta(days=180)


@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    """``/accessibility/``: the statement that Directive (EU) 2016/2102 asks for."""
    return render(request, "engagement/accessibility.html", {"contact": settings.DEFAULT_FROM_EMAIL})


@require_safe
@cache_control(public=True, max_age=86_400)
def security_txt(request: HttpRequest) -> HttpResponse:
    """``/.well-known/security.txt`` (RFC 9116). ``Expires`` moves on by itself, as the site answers for it while it runs."""
    midnight = datetime.combine(timezone.now().date() + CONTACT_LIFE, time.min, tzinfo=UTC)
    lines = [
        f"Contact: mailto:{settings.DEFAULT_FROM_EMAIL}",
        f"Expires: {midnight:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en, fi, sv",
        f"Canonical: {settings.LOGGIA_BASE_URL}/.well-known/security.txt",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
