"""A system of the city that listens on this machine, for tests of what leaves the site."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest


class System(BaseHTTPRequestHandler):
    """A system of the city: keeps what it gets and answers what it is told to."""

    got: list[tuple[str, dict[str, str], bytes]] = []
    status = 200

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((self.path, dict(self.headers), body))
        self.send_response(self.status)
        self.send_header("Location", "http://127.0.0.1:1/")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_words: Any) -> None:
        """Silent."""


@pytest.fixture
def system(settings: Any) -> Iterator[str]:
    settings.LOGGIA_OUTBOUND_PRIVATE = ["127.0.0.0/8"]
    System.got, System.status = [], 200
    server = HTTPServer(("127.0.0.1", 0), System)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/news?a=1"
    server.shutdown()
    thread.join()
    server.server_close()
