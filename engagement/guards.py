"""What stands in front of Django: byte limits before anything is spooled, slow bodies, and foreign Origins on sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from engagement.problems import CONTENT_TYPE

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MEGABYTE = 1024 * 1024
BODY_SECONDS = 30.0  # the longest silence inside a body
# Longest prefix wins. Photos and CSV backfills are larger than answers.
LIMITS = {
    "/": MEGABYTE,
    "/api/v1/surveys/": 12 * MEGABYTE,
    "/surveys/": 12 * MEGABYTE,
    "/odk/": 12 * MEGABYTE,
    "/p/": MEGABYTE,
    "/scenes/": 12 * MEGABYTE,
    "/desk/": 64 * MEGABYTE,
    "/api/v1/sensors/": 32 * MEGABYTE,
    "/ingest/": 256 * 1024,
}


def limit_for(path: str) -> int:
    prefix = max((known for known in LIMITS if path.startswith(known)), key=len)
    return LIMITS[prefix]


class TooMuch(Exception):
    """The body passes its limit."""


class BodyGuard:
    """Counts the bytes of a request as they come: 413 at the limit, 408 when they stop coming. Nothing is spooled."""

    def __init__(self, app: App, *, silence_s: float = BODY_SECONDS) -> None:
        self.app = app
        self.silence_s = silence_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        limit = limit_for(scope["path"])
        if (declared := _declared_length(scope)) is not None and declared > limit:
            await refuse(send, 413, "too-large", _too_large(limit))
            return
        counted = _CountingReceive(receive, limit, self.silence_s)
        watched = _WatchedSend(send)
        try:
            await self.app(scope, counted, watched)
        except TooMuch:
            if not watched.started:
                await refuse(send, 413, "too-large", _too_large(limit))
        except TimeoutError:
            if watched.started or not counted.timed_out:
                raise
            await refuse(send, 408, "too-slow", "The request stopped arriving. Please send it again.")


class _CountingReceive:
    def __init__(self, receive: Receive, limit: int, silence_s: float) -> None:
        self.receive, self.limit, self.silence_s = receive, limit, silence_s
        self.seen = 0
        self.complete = False
        self.timed_out = False

    async def __call__(self) -> Message:
        if self.complete:
            return await self.receive()  # waits for the disconnect, as long as the answer takes
        try:
            message = await asyncio.wait_for(self.receive(), self.silence_s)
        except TimeoutError:
            self.timed_out = True
            raise
        if message["type"] == "http.request":
            self.seen += len(message.get("body", b""))
            self.complete = not message.get("more_body", False)
            if self.seen > self.limit:
                raise TooMuch
        return message


class _WatchedSend:
    def __init__(self, send: Send) -> None:
        self.send = send
        self.started = False

    async def __call__(self, message: Message) -> None:
        self.started = True
        await self.send(message)


def _declared_length(scope: Scope) -> int | None:
    value = dict(scope["headers"]).get(b"content-length", b"")
    return int(value) if value.isdigit() else None


def _too_large(limit: int) -> str:
    size = f"{limit // MEGABYTE} MB" if limit >= MEGABYTE else f"{limit // 1024} kB"
    return f"This is larger than the {size} that can be taken here. Please send less, or a smaller picture."


async def refuse(
    send: Send, status: int, code: str, detail: str, headers: list[tuple[bytes, bytes]] | None = None
) -> None:
    """Answer with problem+json before Django is asked."""
    body = json.dumps({"type": f"/problems/{code}", "title": detail, "status": status, "detail": detail}).encode()
    head = [
        (b"content-type", CONTENT_TYPE.encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"connection", b"close"),
        *(headers or []),
    ]
    await send({"type": "http.response.start", "status": status, "headers": head})
    await send({"type": "http.response.body", "body": body})
