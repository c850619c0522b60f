"""How a commit in one process wakes the hubs of all server processes: datagrams in the data folder, or Redis."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import socket
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from django.conf import settings

CHANNEL = "loggia.live"
LONGEST_SOCKET_PATH = 107  # bytes: the system's limit of 108 counts the closing zero
LONGEST_SOCKET_NAME = len("/live-4194304-7fffffffffff.sock")
_redis: Any = None


def folder() -> Path:
    """Where the sockets of the server processes of this site lie."""
    wanted = Path(settings.DATA_DIR) / "sockets"
    if len(os.fsencode(wanted)) + LONGEST_SOCKET_NAME > LONGEST_SOCKET_PATH:
        name = hashlib.sha256(str(wanted).encode()).hexdigest()[:12]
        wanted = Path(tempfile.gettempdir()) / f"loggia-{name}"
    wanted.mkdir(parents=True, exist_ok=True, mode=0o700)
    return wanted


def send() -> None:
    """Wake every hub. A hub that misses it looks within a second anyway."""
    if settings.REDIS_URL:
        _send_by_redis()
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
        sender.setblocking(False)
        for address in folder().glob("live-*.sock"):
            try:
                sender.sendto(b"1", str(address))
            except ConnectionRefusedError:
                address.unlink(missing_ok=True)  # its process is gone
            except OSError:
                continue  # a full buffer means that a wake-up is pending already


def _send_by_redis() -> None:
    global _redis  # noqa: PLW0603 - one connection pool per process
    import redis

    if _redis is None:
        _redis = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2)
    with contextlib.suppress(redis.RedisError):  # Redis away: hubs poll
        _redis.publish(CHANNEL, "1")


@contextlib.asynccontextmanager
async def listening() -> AsyncIterator[asyncio.Event]:
    """An event that is set at each wake-up, as long as the block lasts."""
    wake = asyncio.Event()
    source = _from_redis(wake) if settings.REDIS_URL else _from_socket(wake)
    async with source:
        yield wake


@contextlib.asynccontextmanager
async def _from_socket(wake: asyncio.Event) -> AsyncIterator[None]:
    address = folder() / f"live-{os.getpid()}-{id(wake):x}.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.setblocking(False)
        receiver.bind(str(address))
        loop = asyncio.get_running_loop()

        def readable() -> None:
            with contextlib.suppress(BlockingIOError):
                while receiver.recv(16):
                    wake.set()

        loop.add_reader(receiver, readable)
        try:
            yield
        finally:
            loop.remove_reader(receiver)
            address.unlink(missing_ok=True)


@contextlib.asynccontextmanager
async def _from_redis(wake: asyncio.Event) -> AsyncIterator[None]:
    async def listen() -> None:
        import redis.asyncio as redis

        while True:
            try:
                # No read timeout: an idle channel is normal, and a default of five seconds would drop it.
                client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=None)
                async with client.pubsub() as channel:
                    await channel.subscribe(CHANNEL)
                    wake.set()
                    async for message in channel.listen():
                        if message["type"] == "message":
                            wake.set()
            except (redis.RedisError, OSError):
                await asyncio.sleep(1)  # polling covers the gap

    task = asyncio.create_task(listen(), name="live-redis")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
