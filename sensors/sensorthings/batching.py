"""``$batch`` as JSON (OGC 18-088, 11; OData JSON Format 4.01, 19): many requests in one body, in order.

A phone that was offline sends what it kept. Requests of one ``atomicityGroup`` stand together and are done all or none;
``$id`` in a later address, or as ``@iot.id``, means the entity that the request of this id created.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from itertools import groupby
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.db import transaction

from engagement.problems import Refused, problem_body
from sensors.sensorthings import bodies, changing, reading
from sensors.sensorthings.access import Author
from sensors.sensorthings.problems import BadBody, WrongMethod
from sensors.sensorthings.rendering import Renderer

MOST = 100
MOST_S = 2.0
METHODS = ("get", "post", "patch", "put", "delete")


class TooSlow(Refused):
    status = 429
    code = "too-long"
    title = "The requests before took all of the time that a batch has. Please send this one again."


class _Undone(Exception):
    """A request of an atomic group failed, so all of it is rolled back."""


def run(body: Any, author: Author, renderer: Renderer) -> dict[str, Any]:
    """The answers of all requests of a batch, in their order. Raises BadBody where it is no batch."""
    requests = bodies.an_object(body).get("requests")
    if not isinstance(requests, list) or len(requests) > MOST:
        raise BadBody(f'The body is {{"requests": [ … ]}} with up to {MOST} requests.', where="requests")
    for index, each in enumerate(requests):
        _check(each, f"requests[{index}]")
    batch = _Batch(author, renderer)
    answers: list[dict[str, Any]] = []
    for group, grouped in groupby(requests, key=lambda each: each.get("atomicityGroup")):
        members = list(grouped)
        answers += batch.alone(members) if group is None else batch.together(members)
    return {"responses": answers}


def _check(request: Any, where: str) -> None:
    request = bodies.an_object(request, where)
    if not isinstance(request.get("url"), str) or str(request.get("method")).lower() not in METHODS:
        raise BadBody(f"{where} needs a url and a method of {', '.join(METHODS)}.", where=where)
    if not isinstance(request.get("id"), str | int):
        raise BadBody(f"{where} needs an id, by which its answer is found.", where=where)


class _Batch:
    def __init__(self, author: Author, renderer: Renderer) -> None:
        self.author, self.renderer = author, renderer
        self.made: dict[str, str] = {}
        self.until = time.monotonic() + MOST_S

    def alone(self, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [self._answered(request) for request in requests]

    def together(self, requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """All or none: the answers of a group that failed are those up to the one that did."""
        answers: list[dict[str, Any]] = []
        try:
            with transaction.atomic():
                for request in requests:
                    answers.append(self._answered(request))
                    if answers[-1]["status"] >= 400:
                        raise _Undone
        except _Undone:
            failed = answers[-1]
            for request in requests:
                self.made.pop(str(request["id"]), None)
            undone = [{"id": request["id"], "status": 424} for request in requests]
            return [failed if each["id"] == failed["id"] else each for each in undone]
        return answers

    def _answered(self, request: Mapping[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = {"id": request["id"]}
        try:
            if time.monotonic() > self.until:
                raise TooSlow
            done = self._done(request)
        except Refused as refused:
            return answer | {"status": refused.status, "body": problem_body(refused)}
        if location := done.headers.get("Location"):
            answer["location"] = location
            self.made[str(request["id"])] = location.removeprefix(self.renderer.base)
        return answer | {"status": done.status} | ({} if done.body is None else {"body": done.body})

    def _done(self, request: Mapping[str, Any]) -> changing.Done:
        parts = urlsplit(str(request["url"]).removeprefix(self.renderer.base))
        path = self._path(parts.path)
        method = str(request["method"]).upper()
        if method == "GET":
            answer = reading.read(path, dict(parse_qsl(parts.query, keep_blank_values=True)), self.renderer)
            return changing.Done(204 if answer.body is None else 200, answer.body)
        if path.strip("/") in ("", "$batch"):
            raise WrongMethod("GET")
        headers = request.get("headers")
        kinds = (
            [value for name, value in headers.items() if name.lower() == "content-type"]
            if isinstance(headers, dict)
            else []
        )
        content = json.dumps(self._linked(request.get("body"))).encode()
        return changing.write(method, path, content, str(kinds[0]) if kinds else "", self.author, self.renderer)

    def _path(self, written: str) -> str:
        """With the address of what an earlier request created in place of ``$id``."""
        first, slash, rest = written.lstrip("/").partition("/")
        if first.startswith("$") and first[1:] in self.made:
            return f"{self.made[first[1:]]}{slash}{rest}"
        return written

    def _linked(self, body: Any) -> Any:
        """``{"@iot.id": "$0"}`` with the id of what request 0 created."""
        if isinstance(body, list):
            return [self._linked(each) for each in body]
        if not isinstance(body, dict):
            return body
        return {
            name: self._key(value) if name == bodies.REFERENCE else self._linked(value) for name, value in body.items()
        }

    def _key(self, written: Any) -> Any:
        known = self.made.get(written[1:]) if isinstance(written, str) and written.startswith("$") else None
        return written if known is None else int(known.rpartition("(")[2].rstrip(")"))
