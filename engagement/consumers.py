"""Sockets on live topics: the base consumer, and those of the core.

Who may listen is asked again whenever the roles of the person change: ``access.<user id>`` is a topic of its own, on which
nothing is sent to the client.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import Any
from uuid import UUID

from channels.generic.websocket import AsyncWebsocketConsumer
from django.core.exceptions import PermissionDenied
from django.http import Http404

from engagement import access, roles
from engagement.live import Event, hub
from engagement.models import Job, User
from engagement.roles import Role

TRY_AGAIN_LATER = 1013
NOT_FOUND = 4404
QUEUE_BYTES = 256 * 1024


class Outbox:
    """What waits for one client, bounded in bytes."""

    def __init__(self, limit: int = QUEUE_BYTES) -> None:
        self.limit = limit
        self.texts: deque[str] = deque()
        self.size = 0
        self.wake = asyncio.Event()

    def put(self, text: str) -> bool:
        """False when the client is too slow: it has to come back and ask for what it missed."""
        if self.size + len(text) > self.limit:
            return False
        self.texts.append(text)
        self.size += len(text)
        self.wake.set()
        return True

    def take(self) -> str | None:
        if not self.texts:
            self.wake.clear()
            return None
        text = self.texts.popleft()
        self.size -= len(text)
        return text


class LiveConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """Sends the events of its topics as JSON text. A subclass says in :meth:`topics` which, after checking the right.

    ``?since=<seq>`` resumes; without it the current values come first. A client that does not read is closed with
    1013 and finds its way back by its last sequence number.
    """

    leaving = False
    joined: frozenset[str] = frozenset()
    checks: asyncio.Task[None] | None = None

    async def topics(self) -> list[str]:
        raise NotImplementedError

    async def connect(self) -> None:
        await self.accept()  # a browser only learns a close code after the handshake
        self.outbox = Outbox()
        self.sender = asyncio.create_task(self._send_loop())
        if isinstance(user := self.scope.get("user"), User):
            # Before the first check, so that a change between the two is heard.
            await hub.subscribe(roles.topic_of(user.pk), self)
        await self._join(self._since())

    async def _join(self, since: int | None = None) -> None:
        """Listen to what the person may hear now, and to nothing else."""
        try:
            topics = frozenset(await self.topics())
        except (Http404, PermissionDenied):
            hub.unsubscribe(self)
            await self.close(code=NOT_FOUND)
            return
        before, self.joined = self.joined, topics
        for topic in before - topics:
            hub.unsubscribe(self, topic)
        for topic in sorted(topics - before):
            await hub.subscribe(topic, self, since)

    def _since(self) -> int | None:
        query = self.scope.get("query_string", b"").decode("ascii", "replace")
        value = dict(part.partition("=")[::2] for part in query.split("&")).get("since", "")
        return int(value) if value.isdigit() and len(value) < 19 else None

    def deliver(self, event: Event) -> None:
        if event.topic.startswith(roles.TOPIC):
            if event.kind == roles.CHANGED:
                self.checks = asyncio.get_running_loop().create_task(self._join())
            return
        if not self.outbox.put(event.text) and not self.leaving:
            self.leaving = True
            hub.unsubscribe(self)
            asyncio.get_running_loop().create_task(self.close(code=TRY_AGAIN_LATER))

    async def _send_loop(self) -> None:
        while True:
            await self.outbox.wake.wait()
            while (text := self.outbox.take()) is not None:
                await self.base_send({"type": "websocket.send", "text": text})

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.send(text_data=json.dumps({"kind": "error", "detail": "This socket only sends."}))

    async def disconnect(self, code: int) -> None:
        hub.unsubscribe(self)  # safe for a client that never subscribed
        if hasattr(self, "sender"):
            self.sender.cancel()
        if self.checks is not None:
            self.checks.cancel()

    async def allowed(self, check: Any, *args: Any) -> Any:
        """Run a synchronous access check beside the event loop."""
        from channels.db import database_sync_to_async

        return await database_sync_to_async(check)(*args)


class JobConsumer(LiveConsumer):
    """``/ws/jobs/<id>/``: progress of one job, for the project's team."""

    async def topics(self) -> list[str]:
        job_id = UUID(str(self.scope["url_route"]["kwargs"]["job_id"]))
        job = await self.allowed(_job, self.scope["user"], job_id)
        return [f"job.{job.pk}"]


def _job(user: object, job_id: UUID) -> Job:
    if access.lacks_second_factor(user):
        raise PermissionDenied
    return access.job_for(user, job_id)


class DeskConsumer(LiveConsumer):
    """``/ws/desk/``: in the officer's projects the queue grew or an item was ruled on."""

    async def topics(self) -> list[str]:
        return [str(topic) for topic in await self.allowed(_desks, self.scope["user"])]


def _desks(user: object) -> list[str]:
    if not access.works_as(user, Role.OFFICER):
        raise PermissionDenied
    return [f"desk.{pk}" for pk in roles.projects_of(user, Role.OFFICER).values_list("pk", flat=True)]
