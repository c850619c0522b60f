"""HTTP of ``/sensorthings/v1.1/``: every address of the service comes here."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt

from engagement.problems import Refused, problem_response
from sensors.sensorthings import batching, bodies, changing, conformance, reading
from sensors.sensorthings.access import author_of
from sensors.sensorthings.problems import SignIn, WrongMethod
from sensors.sensorthings.reading import Answer
from sensors.sensorthings.rendering import Renderer

READS, WRITES = ("GET", "HEAD"), ("POST", "PATCH", "PUT", "DELETE")
ROOT = "/sensorthings/v1.1/"


@csrf_exempt  # sessions are checked in sensors.sensorthings.access, where a write is let in
def service(request: HttpRequest, path: str | None = None) -> HttpResponse:
    """One request. Every refusal is problem+json with a sentence, also for browsers."""
    renderer = Renderer(request.build_absolute_uri(ROOT))
    try:
        response = _answered(request, path or "", renderer)
    except Refused as refused:
        response = problem_response(refused)
        if isinstance(refused, WrongMethod):
            response["Allow"] = refused.allowed
        if isinstance(refused, SignIn):
            response["WWW-Authenticate"] = 'Basic realm="sensors", charset="UTF-8"'
    if request.method in READS:  # what anyone may read, pages elsewhere may read too
        response["Access-Control-Allow-Origin"] = "*"
    return response


def _answered(request: HttpRequest, path: str, renderer: Renderer) -> HttpResponse:
    if request.method == "OPTIONS":
        return HttpResponse(status=204, headers={"Allow": changing.allowed(path)})
    if request.method not in READS:
        return _written(request, path, renderer)
    if not path.strip("/"):
        return JsonResponse(conformance.root(renderer.base))
    return rendered(reading.read(path, request.GET.dict(), renderer))


def _written(request: HttpRequest, path: str, renderer: Renderer) -> HttpResponse:
    method = request.method or ""
    if method not in WRITES or not path.strip("/"):
        raise WrongMethod(changing.allowed(path))
    author = author_of(request)
    if path.strip("/") == "$batch" and method == "POST":
        return rendered(Answer(batching.run(bodies.parsed(request.body), author, renderer)))
    done = changing.write(method, path, request.body, request.content_type or "", author, renderer)
    if done.body is None:
        return HttpResponse(status=done.status, headers=done.headers)
    return rendered(Answer(done.body), done.status, done.headers)


def rendered(answer: Answer, status: int = 200, headers: dict[str, Any] | None = None) -> HttpResponse:
    if answer.body is None:
        return HttpResponse(status=204, headers=headers)
    if isinstance(answer.body, str):
        return HttpResponse(answer.body, content_type=answer.content_type, status=status, headers=headers)
    return JsonResponse(
        answer.body,
        safe=False,
        content_type=answer.content_type,
        status=status,
        headers=headers,
        json_dumps_params={"ensure_ascii": False},
    )
