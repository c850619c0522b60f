"""What stands in front of the site under attack: an endless upload and hundreds of half-open requests, over real sockets.

The peer of the upload is what stock Django spools of it before it refuses (its multipart parser writes the whole body into
a file first); the figure was measured once over ASGI, 618 MB of 700 MB, and stands in the reference of the stack.
"""

from __future__ import annotations

import contextlib
import os
import socket
import statistics
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from typing import Any

from tests.running import RunningSite

UPLOAD_BYTES = 700 * 1024 * 1024
LIMIT_BYTES = 12 * 1024 * 1024  # of /surveys/
PEER_SPOOLED_BYTES = 618 * 1024 * 1024
HALF_OPEN = 200
CHUNK = b"x" * 65_536


def run() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        site = RunningSite(Path(folder) / "data")
        spool = Path(folder) / "spool"
        spool.mkdir()
        site.data_dir.mkdir()
        site.environment["TMPDIR"] = str(spool)
        site.manage("migrate", "--verbosity", "0")
        site.start_server()
        try:
            stored, status = _upload(site, spool)
            half_open = _half_open(site)
        finally:
            site.stop()
    return {
        "name": "guards",
        "ours": stored,
        "peer": PEER_SPOOLED_BYTES,
        "ratio": round(PEER_SPOOLED_BYTES / max(stored, 1), 1),
        "unit": "bytes stored of a 700 MB upload before it is refused",
        "conditions": "multipart without a length to /surveys/…, limit 12 MB; peer: Django over ASGI, measured once",
        "stored_beyond_the_limit": max(0, stored - LIMIT_BYTES),
        "upload_status": status,
        **half_open,
    }


def _upload(site: RunningSite, spool: Path) -> tuple[int, int]:
    """Send until the site answers or cuts; returns the most bytes that lay on its disk, and the status."""
    most, over = [0], threading.Event()

    def watch() -> None:
        while not over.wait(0.002):
            most[0] = max(most[0], _spooled(site, spool))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        status = _pour(site)
    finally:
        over.set()
        watcher.join()
    return most[0], status


def _spooled(site: RunningSite, spool: Path) -> int:
    """Bytes of all temporary files that the server has open, also of those that have no name any more."""
    assert site.server is not None
    total = 0
    for opened in Path(f"/proc/{site.server.pid}/fd").iterdir():
        with contextlib.suppress(OSError):  # closed between the two looks
            if str(opened.readlink()).startswith(str(spool)):
                total += opened.stat().st_size
    return total


def _pour(site: RunningSite) -> int:
    head = (
        f"POST /surveys/bridge/ HTTP/1.1\r\nHost: localhost:{site.port}\r\nTransfer-Encoding: chunked\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\n\r\n"
    )
    part = b'--b\r\nContent-Disposition: form-data; name="photo"; filename="p.jpg"\r\n\r\n'
    with socket.create_connection(("localhost", site.port)) as opened:
        opened.settimeout(60)
        opened.sendall(head.encode() + _chunked(part))
        sent = 0
        try:
            while sent < UPLOAD_BYTES:
                opened.sendall(_chunked(CHUNK))
                sent += len(CHUNK)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused and closed while we were still sending
        try:
            answer = opened.recv(1024)
        except ConnectionResetError:
            answer = b""
    return int(answer.split()[1]) if answer else 0


def _chunked(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def _half_open(site: RunningSite) -> dict[str, Any]:
    """Open requests that never end their head; how long until all are cut, and what others feel meanwhile."""
    before = _p95_ms(site)
    started = time.monotonic()
    waiting = [socket.create_connection(("localhost", site.port)) for _ in range(HALF_OPEN)]
    for opened in waiting:
        opened.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
    during = _p95_ms(site)
    for opened in waiting:
        opened.settimeout(60)
        with contextlib.suppress(ConnectionResetError):
            opened.recv(1)
        opened.close()
    return {
        "half_open_gone_s": round(time.monotonic() - started, 1),
        "others_p95_ms_before": round(before, 1),
        "others_p95_ms_during": round(during, 1),
        "others_slower": round(during / before, 2),
        "cores": os.cpu_count(),
    }


def _p95_ms(site: RunningSite) -> float:
    times = []
    for _ in range(200):
        started = time.perf_counter()
        urllib.request.urlopen(f"{site.base_url}/healthz", timeout=30).close()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.quantiles(times, n=20)[-1]
