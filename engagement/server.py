"""The server: uvicorn, started by us, so that half-open requests are cut and no access log writes paths."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 10.0
MOST_FRAME_BYTES = 64 * 1024


class ImpatientProtocol(HttpToolsProtocol):
    """Closes a connection whose request head is not complete in time; an ASGI guard is only called after the head.

    Between requests uvicorn's own keep-alive timer rules; an open WebSocket has left this protocol.
    """

    head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._await_head()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._await_head()

    def on_headers_complete(self) -> None:
        self._stop_waiting()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _await_head(self) -> None:
        self._stop_waiting()
        self.head_timer = self.loop.call_later(HEAD_SECONDS, self._cut)

    def _stop_waiting(self) -> None:
        if self.head_timer is not None:
            self.head_timer.cancel()
            self.head_timer = None

    def _cut(self) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.abort()


def serve(
    *, host: str, port: int, certificate: Path | None = None, key: Path | None = None, behind_proxy: bool = False
) -> None:
    """Serve until stopped. On SIGTERM running answers are finished first."""
    uvicorn.run(
        "engagement.asgi:application",
        host=host,
        port=port,
        http=ImpatientProtocol,
        ws="websockets-sansio",
        ws_max_size=MOST_FRAME_BYTES,
        ws_per_message_deflate=False,  # tiles are compressed already; it cost 25 to 50 times the throughput
        access_log=False,  # paths carry poster codes and device secrets
        log_level="warning",
        server_header=False,
        date_header=True,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=10,
        proxy_headers=behind_proxy,
        ssl_certfile=str(certificate) if certificate else None,
        ssl_keyfile=str(key) if key else None,
    )
