"""The socket of a scene: ``twin.tiles.v1``, message by message as docs/reference/twin-tiles-v1.md has it.

The consumer translates; what waits and in which order is ``sending.Outgoing``, what a message may be is ``protocol``.
Tile bytes never go through the live hub: it only says that something changed.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any
from uuid import UUID

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer

from ar_scenes import protocol
from ar_scenes.features import manifest_of
from ar_scenes.models import Overlay, Scene
from ar_scenes.overlays import shown
from ar_scenes.protocol import Cancel, Credit, Frame, Get, Hello, Kind, OverlayWanted, Trouble, ValuesWanted
from ar_scenes.scenes import values_topic, welcome
from ar_scenes.sending import MOST_WAITING, Outgoing, Wanted
from ar_scenes.storage import store
from engagement.live import Event, hub

MOST_MESSAGES = 10_000
WINDOW_S = 10.0
MOST_URGENT = 2_000


class SceneConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    """One viewer of one scene. The seconds are parameters so that tests need not wait for them."""

    def __init__(self, *, hello_s: float = 10.0, stall_s: float = 30.0) -> None:
        super().__init__()
        self.hello_s, self.stall_s = hello_s, stall_s
        self.outgoing = Outgoing(0)
        self.wake = asyncio.Event()
        self.scene: Scene | None = None
        self.hello: Hello | None = None
        self.known_hashes: frozenset[str] = frozenset()
        self.hash_of_key: dict[str, str] = {}
        self.values: str | None = None
        self.closing: int | None = None
        self.tasks: list[asyncio.Task[None]] = []
        self.begun, self.granted = asyncio.Event(), asyncio.Event()
        self.window_ends, self.in_window = 0.0, 0

    async def connect(self) -> None:
        offered = protocol.NAME in self.scope.get("subprotocols", [])
        await self.accept(protocol.NAME if offered else None)  # a browser only learns a close code after the handshake
        self.tasks = [asyncio.create_task(self._send_all()), asyncio.create_task(self._watch())]
        slug = self.scope["url_route"]["kwargs"]["slug"]
        if not offered:
            return self._end(protocol.no_such_protocol())
        self.scene = await database_sync_to_async(self._find)(slug)
        if self.scene is None:
            return self._end(protocol.no_such_scene(slug))
        return None

    def _find(self, slug: str) -> Scene | None:
        return (
            Scene.objects.visible_to(self.scope.get("user"))
            .select_related("tileset", "project")
            .filter(slug=slug)
            .first()
        )

    async def disconnect(self, code: int) -> None:
        hub.unsubscribe(self)
        for task in self.tasks:
            task.cancel()

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.closing is not None or self.scene is None:
            return
        request = 0
        try:
            self._count_message()
            if text_data is None:
                raise protocol.malformed("A message is a text frame with one JSON object.")
            message = protocol.parse(text_data)
            request = getattr(message, "id", 0)
            await self._take(message)
        except Trouble as trouble:
            if trouble.close is None:
                self._say(trouble.frame(request))
            else:
                self._end(trouble)

    def _count_message(self) -> None:
        now = asyncio.get_running_loop().time()
        if now >= self.window_ends:
            self.window_ends, self.in_window = now + WINDOW_S, 0
        self.in_window += 1
        if self.in_window > MOST_MESSAGES or len(self.outgoing.urgent) > MOST_URGENT:
            raise protocol.too_many()

    async def _take(self, message: protocol.Message) -> None:
        if (self.hello is None) != isinstance(message, Hello):
            raise protocol.malformed("The first message is hello, and no other is.")
        match message:
            case Hello():
                await self._greet(message)
            case Get():
                self._get(message)
            case Cancel(id=request):
                self.outgoing.cancel(request)
            case Credit(bytes=number):
                self.outgoing.grant(number)
                self.granted.set()
            case OverlayWanted(id=request, overlay=overlay):
                await self._overlay(request, overlay)
            case ValuesWanted(on=on):
                await self._values(on)
        self.wake.set()

    async def _greet(self, hello: Hello) -> None:
        """Join the notices first, then say what is: nothing can change unheard in between."""
        assert self.scene is not None
        self.hello = hello
        self.begun.set()
        self.outgoing.credit = hello.credit
        await hub.subscribe(self.scene.topic, self)
        self.scene = await database_sync_to_async(self._find)(self.scene.slug)
        if self.scene is None:
            raise protocol.no_such_scene(self.scope["url_route"]["kwargs"]["slug"])
        facts = await database_sync_to_async(welcome)(self.scene, self.scope.get("user"))
        self._say(Frame(Kind.WELCOME, protocol.json_bytes(facts)))
        if facts["manifest"] is not None:
            self._show(facts["manifest"], hello)

    def _show(self, name: str, hello: Hello) -> None:
        """The build, or that the client holds it already; then the first view."""
        manifest = manifest_of(name)
        if manifest is None:
            return
        self.hash_of_key = {tile["key"]: tile["hash"] for tile in manifest["tiles"]}
        self.known_hashes = frozenset(self.hash_of_key.values())
        if hello.manifest == name:
            self._say(Frame(Kind.NOT_MODIFIED, hash=name))
            return
        self._say(self._from_store(Wanted(Kind.MANIFEST, name, "json")))
        self._push(manifest["tiles"], hello)

    def _push(self, tiles: list[dict[str, Any]], hello: Hello) -> None:
        """The first view unasked: coarse to fine, until the sum of their bytes reaches what the client offered."""
        size = "gzip_bytes" if self._takes_gzip else "bytes"
        total = 0
        for tile in tiles:
            if total >= hello.push or not self.outgoing.want(Wanted(Kind.TILE, tile["hash"], "glb"), float("-inf")):
                return
            total += tile[size]

    def _get(self, message: Get) -> None:
        name = message.hash if message.key is None else self.hash_of_key.get(message.key)
        if name is None or name not in self.known_hashes:
            raise protocol.no_such_tile(message.hash or str(message.key))
        if name == message.have:
            self._say(Frame(Kind.NOT_MODIFIED, id=message.id, hash=name))
        elif not self.outgoing.want(Wanted(Kind.TILE, name, "glb", message.id), message.priority):
            raise protocol.too_many_waiting(MOST_WAITING)

    def _find_overlay(self, overlay_id: UUID) -> Overlay | None:
        assert self.scene is not None
        return shown(self.scene, self.scope.get("user")).filter(pk=overlay_id).first()

    async def _overlay(self, request: int, overlay_id: UUID) -> None:
        found = await database_sync_to_async(self._find_overlay)(overlay_id)
        if found is None:
            raise protocol.no_such_overlay(str(overlay_id))
        if not self.outgoing.want(Wanted(Kind.OVERLAY, found.payload_hash, "bin", request), 0.0):
            raise protocol.too_many_waiting(MOST_WAITING)

    async def _values(self, on: bool) -> None:
        assert self.scene is not None
        if self.values is not None:
            hub.unsubscribe(self, self.values)
            self.values = None
            self.outgoing.drop_values()
        if not on:
            return
        self.values = await database_sync_to_async(values_topic)(self.scene)
        if self.values is None:
            self.outgoing.add_values([], 0, snapshot=True)
        else:
            await hub.subscribe(self.values, self)

    def deliver(self, event: Event) -> None:
        """The hub's word: a value of a sensor, or a notice about the scene."""
        if event.topic == self.values:
            if event.kind == "snapshot":
                self.outgoing.add_values(event.payload["items"], event.seq, snapshot=True)
            else:
                self.outgoing.add_values([event.payload], event.seq)
        elif event.kind != "snapshot":
            self._say(Frame(Kind.NOTICE, protocol.json_bytes({"notice": event.kind, **event.payload})))
        self.wake.set()

    @property
    def _takes_gzip(self) -> bool:
        return self.hello is not None and "gzip" in self.hello.caps

    def _from_store(self, wanted: Wanted) -> Frame:
        data = store().read(wanted.hash, wanted.suffix, compressed=self._takes_gzip)
        if data is None:
            return protocol.no_such_tile(wanted.hash).frame(wanted.id)
        return Frame(wanted.kind, data, wanted.id, wanted.hash, protocol.GZIP if self._takes_gzip else 0)

    def _say(self, frame: Frame) -> None:
        self.outgoing.urgent.append(frame)
        self.wake.set()

    def _end(self, trouble: Trouble) -> None:
        """Nothing that waits is sent any more; the error frame goes, then the connection."""
        if self.closing is None:
            self.closing = trouble.close
            self.outgoing.urgent.clear()
            self._say(trouble.frame())

    async def _send_all(self) -> None:
        """The only place that writes: one frame after the other, as fast as the network takes them."""
        while True:
            self.wake.clear()
            while (entry := self.outgoing.next()) is not None:
                frame = self._from_store(entry) if isinstance(entry, Wanted) else entry
                data = frame.encode()
                if frame.is_credited:
                    self.outgoing.spend(len(data))
                await self.send(bytes_data=data)
                if frame.flags & protocol.LAST:
                    await self.close(code=self.closing)
                    return
            await self.wake.wait()

    async def _watch(self) -> None:
        """Part from clients that never begin, and from those for whom things wait and who take nothing."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.begun.wait(), self.hello_s)
        if self.hello is None:
            self._end(protocol.too_slow("Send hello within 10 seconds of opening."))
            return
        while True:
            self.granted.clear()
            waits = self.outgoing.is_waiting
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.granted.wait(), self.stall_s)
            if waits and self.outgoing.is_waiting and not self.granted.is_set():
                self._end(protocol.too_slow("Frames waited for 30 seconds without credit."))
                return
