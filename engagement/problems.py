"""One shape for every refusal: RFC 9457 for programs, the same sentence on a page for people."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions as drf
from rest_framework.response import Response
from rest_framework.views import exception_handler as drf_exception_handler

CONTENT_TYPE = "application/problem+json"


class Refused(Exception):
    """Something that was asked for is refused. ``detail`` tells a person what is wrong and what to do.

    Subclass it per reason in the room that refuses; ``extra`` becomes further members of the JSON body.
    """

    status: int = 400
    code: str = "refused"
    title: str | Promise = _("This did not work.")

    def __init__(self, detail: str | Promise = "", **extra: object) -> None:
        super().__init__(str(detail or self.title))
        self.detail = detail
        self.extra = extra


def problem_body(refused: Refused) -> dict[str, Any]:
    """The JSON body (RFC 9457), also for doors that are not Django's."""
    return {
        "type": f"/problems/{refused.code}",
        "title": str(refused.title),
        "status": refused.status,
        "detail": str(refused.detail or refused.title),
        **refused.extra,
    }


def problem_response(refused: Refused) -> JsonResponse:
    return JsonResponse(problem_body(refused), status=refused.status, content_type=CONTENT_TYPE)


def wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/") or not request.accepts("text/html")


def problem_page(request: HttpRequest, refused: Refused) -> HttpResponse:
    if wants_json(request):
        return problem_response(refused)
    return render(request, "errors/problem.html", {"problem": refused}, status=refused.status)


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's own errors and ours in one shape. Field errors keep their names under ``errors``."""
    if isinstance(error, Refused):
        return Response(problem_body(error), status=error.status, content_type=CONTENT_TYPE)
    response = drf_exception_handler(error, context)
    if response is None:
        return None
    fields = isinstance(error, drf.ValidationError)
    body: dict[str, Any] = {
        "type": f"/problems/{getattr(error, 'default_code', 'error')}",
        "title": str(getattr(error, "default_detail", _("This did not work."))),
        "status": response.status_code,
    }
    body |= {"errors": response.data} if fields else {"detail": str(getattr(error, "detail", body["title"]))}
    response.data, response.content_type = body, CONTENT_TYPE
    return response
