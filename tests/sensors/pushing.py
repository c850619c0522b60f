"""Pushing like a box does: one request to an ASGI application, without a server."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

HOME = (24.947312, 60.174581)  # where the balcony really is


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: dict[str, Any]


def basic(key: str, user: str = "box") -> dict[str, str]:
    return {"authorization": "Basic " + base64.b64encode(f"{user}:{key}".encode()).decode()}


async def send(
    app: Any,
    path: str,
    body: bytes = b"",
    headers: dict[str, str] | None = None,
    *,
    method: str = "POST",
    query: bytes = b"",
) -> Answer:
    """Call an ASGI application with one request, as a server would."""
    sent: list[dict[str, Any]] = []
    waiting = [{"type": "http.request", "body": body, "more_body": False}]
    encoded = [(name.lower().encode(), value.encode()) for name, value in (headers or {}).items()]
    scope = {"type": "http", "method": method, "path": path, "headers": encoded, "query_string": query}

    async def receive() -> dict[str, Any]:
        return waiting.pop(0) if waiting else {"type": "http.disconnect"}

    async def take(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, take)
    answered = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Answer(sent[0]["status"], answered, json.loads(sent[1]["body"]))
