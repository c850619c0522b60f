"""Nothing is spooled beyond its limit, nothing waits for ever."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from engagement.guards import MEGABYTE, BodyGuard, limit_for


async def run(guard: BodyGuard, path: str, messages: list[dict[str, Any]], headers: list[Any] | None = None) -> Any:
    sent: list[dict[str, Any]] = []
    waiting = list(messages)

    async def receive() -> dict[str, Any]:
        if waiting:
            return waiting.pop(0)
        await asyncio.Event().wait()
        raise AssertionError

    async def send(message: Any) -> None:
        sent.append(message)

    await guard({"type": "http", "path": path, "headers": headers or []}, receive, send)
    return sent


class Reads:
    """An application that reads its whole body, then answers 200."""

    def __init__(self) -> None:
        self.bytes = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        while True:
            message = await receive()
            self.bytes += len(message.get("body", b""))
            if not message.get("more_body"):
                break
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})


def chunk(size: int, *, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": b"x" * size, "more_body": more}


async def test_a_body_that_passes_its_limit_is_refused_before_it_is_read() -> None:
    app = Reads()
    chunks = [chunk(MEGABYTE // 2) for _ in range(8)]
    sent = await run(BodyGuard(app), "/nowhere/", chunks)
    assert sent[0]["status"] == 413
    assert "1 MB" in json.loads(sent[1]["body"])["detail"]
    assert app.bytes <= MEGABYTE


async def test_a_declared_length_beyond_the_limit_is_refused_at_once() -> None:
    app = Reads()
    sent = await run(BodyGuard(app), "/nowhere/", [chunk(10)], [(b"content-length", b"734003200")])
    assert sent[0]["status"] == 413
    assert app.bytes == 0


async def test_a_body_that_stops_coming_is_cut() -> None:
    sent = await run(BodyGuard(Reads(), silence_s=0.01), "/nowhere/", [chunk(10)])
    assert sent[0]["status"] == 408


async def test_an_ordinary_request_passes() -> None:
    sent = await run(BodyGuard(Reads()), "/nowhere/", [chunk(10, more=False)])
    assert sent[0]["status"] == 200


def test_the_longest_matching_prefix_sets_the_limit() -> None:
    assert limit_for("/ingest/airrohr/") == 256 * 1024
    assert limit_for("/surveys/bridge/") == 12 * MEGABYTE
    assert limit_for("/elsewhere/") == MEGABYTE
