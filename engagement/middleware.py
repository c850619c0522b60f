"""What every answer of the site carries."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import add_never_cache_headers, patch_vary_headers

from engagement import metrics
from engagement.problems import Refused, problem_page

Handler = Callable[[HttpRequest], HttpResponseBase]
access_log = logging.getLogger("loggia.access")


class AccessMiddleware:
    """One log line and one count per request, by the route's name: paths carry poster codes and device secrets."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        started = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - started
        match = request.resolver_match
        route = match.view_name if match and match.view_name else "unknown"
        method = request.method if request.method in METHODS else "other"
        metrics.requests.observe(route, method or "other", response.status_code, seconds)
        facts = {
            "route": route,
            "method": method,
            "status": response.status_code,
            "milliseconds": round(seconds * 1000),
        }
        access_log.info("request", extra=facts)
        return response


METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class PermissionsPolicyMiddleware:
    """Camera pixels, microphone and payment are never asked for; place and motion only by our own pages."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault(
            "Permissions-Policy",
            "camera=(), microphone=(), payment=(), usb=(), geolocation=(self), xr-spatial-tracking=(self)",
        )
        return response


class PrivateByDefaultMiddleware:
    """No shared cache keeps a page of a signed-in person; a view that says nothing else is not cached at all."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if isinstance(response, HttpResponse) and "Cache-Control" not in response.headers:
            add_never_cache_headers(response)
            patch_vary_headers(response, ["Cookie", "Accept-Language"])
        return response


class ProblemMiddleware:
    """A refusal raised anywhere becomes a sentence: problem+json for programs, a page for people."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return problem_page(request, exception) if isinstance(exception, Refused) else None
