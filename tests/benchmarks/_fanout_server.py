"""One way of fanning out under our own server settings; prints CPU microseconds per delivered message.

Ways: ``hub`` (outbox, hub, Channels consumer), ``layer`` (Channels in-memory layer, same consumer otherwise),
``websockets`` (the library's broadcast, without Channels, Django or an outbox: a floor).
"""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "engagement.settings")
django.setup()

import uvicorn
from asgiref.sync import sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import InMemoryChannelLayer
from channels.routing import URLRouter
from django.core.management import call_command
from django.urls import path
from websockets.asyncio.server import broadcast, serve

from engagement import live
from engagement.consumers import LiveConsumer

TEXT = "x" * 200
layer = InMemoryChannelLayer(capacity=1_000_000)


class HubConsumer(LiveConsumer):
    async def topics(self) -> list[str]:
        return ["bench"]


class LayerConsumer(AsyncWebsocketConsumer):  # type: ignore[misc]
    channel_layer_alias = "bench"

    async def __call__(self, scope: dict, receive: Callable, send: Callable) -> None:
        import channels.consumer

        channels.consumer.get_channel_layer = lambda _alias: layer
        await super().__call__(scope, receive, send)

    async def connect(self) -> None:
        await self.accept()
        await layer.group_add("bench", self.channel_name)
        await self.send(text_data="hello")

    async def bench_message(self, event: dict) -> None:
        await self.send(text_data=event["text"])


async def _measure(url: str, clients: int, messages: int, send: Callable[[int], Awaitable[None]]) -> float:
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.benchmarks._fanout_client", url, str(clients), str(messages),
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert child.stdout is not None
    assert (await child.stdout.readline()).strip() == b"ready"
    before = time.process_time()
    await send(messages)
    got = (await child.stdout.readline()).split()
    used = time.process_time() - before
    await child.wait()
    assert int(got[1]) == clients * messages, "messages were lost"
    return used / (clients * messages) * 1e6


async def _by_hub(count: int) -> None:
    for _ in range(count):
        await sync_to_async(live.publish)("bench", "message", {"text": TEXT})


async def _by_layer(count: int) -> None:
    for _ in range(count):
        await layer.group_send("bench", {"type": "bench.message", "text": TEXT})


async def _under_uvicorn(way: str, clients: int, messages: int) -> float:
    consumer = HubConsumer if way == "hub" else LayerConsumer
    app = URLRouter([path("bench/", consumer.as_asgi())])
    config = uvicorn.Config(
        app, port=0, ws="websockets-sansio", ws_per_message_deflate=False, access_log=False, log_level="error",
        lifespan="off", backlog=2048,
    )  # fmt: skip
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        return await _measure(
            f"ws://127.0.0.1:{port}/bench/", clients, messages, _by_hub if way == "hub" else _by_layer
        )
    finally:
        server.should_exit = True
        await running


async def _under_websockets(clients: int, messages: int) -> float:
    async def handle(socket: object) -> None:
        await socket.send("hello")  # type: ignore[attr-defined]
        await socket.wait_closed()  # type: ignore[attr-defined]

    async with serve(handle, "127.0.0.1", 0, compression=None, ping_interval=None) as server:
        port = next(iter(server.sockets)).getsockname()[1]

        async def send(count: int) -> None:
            for _ in range(count):
                broadcast(server.connections, TEXT)
                await asyncio.sleep(0)

        return await _measure(f"ws://127.0.0.1:{port}/", clients, messages, send)


def main(way: str, clients: int, messages: int) -> None:
    if way == "hub":
        call_command("migrate", verbosity=0)
    running = _under_websockets(clients, messages) if way == "websockets" else _under_uvicorn(way, clients, messages)
    print(f"{asyncio.run(running):.3f}")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
