"""What makes the survey open without a network: the service worker and the manifest."""

from __future__ import annotations

import hashlib
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

ASSETS = ("loggia.css", "survey.css", "survey.js")
ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 512 512'%3E%3Crect width='512' "
    "height='512' fill='%230b6363'/%3E%3Cg transform='translate(66 80) scale(10)' fill='none' stroke='%23fff' "
    "stroke-width='2.4'%3E%3Cpath d='M2 32V16a5.5 5.5 0 0 1 11 0v16M13.5 32V16a5.5 5.5 0 0 1 11 0v16M25 32V16a5.5 5.5 0 "
    "0 1 11 0v16M1 32.5h36M1 8h36'/%3E%3C/g%3E%3C/svg%3E"
)


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """``/sw.js``: the bundled worker, with the names of what it keeps and a version that changes with any of it."""
    script = _built("survey-worker.js")
    if script is None:
        raise Http404
    files = {static(f"loggia/{name}"): _built(name) or b"" for name in ASSETS}
    version = hashlib.sha256(b"".join([script, *files.values()])).hexdigest()[:16]
    head = f'const VERSION="{version}",ASSETS={sorted(files)!r};\n'
    headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": "/"}
    return HttpResponse(head.encode() + script, content_type="text/javascript", headers=headers)


@require_safe
def manifest(request: HttpRequest) -> HttpResponse:
    """``/manifest.webmanifest``: lets a phone keep the site on its home screen."""
    body = {
        "name": settings.LOGGIA_SITE_NAME,
        "short_name": settings.LOGGIA_SITE_NAME,
        "description": _("Say what matters to you, and see what becomes of it."),
        "start_url": "/",
        "scope": "/",
        "display": "minimal-ui",
        "background_color": "#fbfaf6",
        "theme_color": "#0b6363",
        "icons": [{"src": ICON, "sizes": "any", "type": "image/svg+xml", "purpose": "any maskable"}],
    }
    headers = {"Cache-Control": "public, max-age=3600"}
    return JsonResponse(body, content_type="application/manifest+json", headers=headers)


def _built(name: str) -> bytes | None:
    found = finders.find(f"loggia/{name}")
    return Path(found).read_bytes() if isinstance(found, str) else None
