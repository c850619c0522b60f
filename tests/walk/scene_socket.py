"""A client of ``twin.tiles.v1`` for the walk: reads frames as the protocol page describes them."""

from __future__ import annotations

import gzip
import json
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

KINDS = {1: "welcome", 2: "manifest", 3: "tile", 4: "not-modified", 5: "error", 6: "overlay", 7: "values", 8: "notice"}
GZIP = 1


@dataclass(frozen=True)
class Frame:
    kind: str
    id: int
    payload: bytes

    def json(self) -> Any:
        return json.loads(self.payload)


class SceneSocket:
    """Sends messages, hands out frames."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    def send(self, **message: object) -> None:
        self.connection.send(json.dumps(message))

    def next(self, kind: str, timeout: float = 15.0) -> Frame:
        """The next frame of this kind; others are passed over. Raises TimeoutError."""
        until = time.monotonic() + timeout
        while True:
            data = self.connection.recv(max(0.0, until - time.monotonic()))
            assert isinstance(data, bytes)
            number, flags, _layer, request = struct.unpack_from("<BBHI", data)
            payload = gzip.decompress(data[16:]) if flags & GZIP else data[16:]
            frame = Frame(KINDS.get(number, str(number)), request, payload)
            if frame.kind == kind:
                return frame


@contextmanager
def scene_socket(socket_url: str, origin: str, slug: str) -> Iterator[SceneSocket]:
    """An open socket that has said hello."""
    url = f"{socket_url}/ws/scenes/{slug}/"
    with connect(url, origin=Origin(origin), subprotocols=[Subprotocol("twin.tiles.v1")], max_size=None) as connection:
        socket = SceneSocket(connection)
        socket.send(type="hello", caps=["gzip"], credit=4_000_000)
        yield socket
