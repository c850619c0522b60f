"""Values per second through the doors for boxes, against a plain DRF endpoint on the same PostGIS in the same run.

Pushes are unmodified airrohr JSON with five values; DRF takes one value a request. Interleaved rounds, medians. Then a
million readings by the file door against COPY with conflict check into the same table.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks._ingest_client import CONNECTIONS, VALUES
from tests.benchmarks._postgis import postgis

SITE, CLIENT = "tests.benchmarks._ingest_site", "tests.benchmarks._ingest_client"
ROUNDS, SECONDS = 3, 5


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _module(env: dict[str, str], name: str, *words: object) -> str:
    command = [sys.executable, "-m", name, *map(str, words)]
    return subprocess.run(command, env=env, stdout=subprocess.PIPE, check=True, text=True).stdout.strip()


def _pushes_per_s(env: dict[str, str], way: str, known: Path) -> float:
    port = _free_port()
    server = subprocess.Popen([sys.executable, "-m", SITE, way, str(port)], env=env)
    try:
        while True:
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.05)
        return float(_module(env, CLIENT, way, port, known, SECONDS))
    finally:
        server.terminate()
        server.wait()


def run() -> dict[str, Any]:
    with postgis() as services, tempfile.TemporaryDirectory() as folder:
        env, known = {**os.environ, **services}, Path(folder) / "known.json"
        _module(env, SITE, "prepare", known)
        rates: dict[str, list[float]] = {"doors": [], "drf": []}
        for _round in range(ROUNDS):
            for way, found in rates.items():
                found.append(_pushes_per_s(env, way, known))
        code, key = json.loads(known.read_text())["keys"][0]
        bulk = json.loads(_module(env, SITE, "bulk", code, key).splitlines()[-1])
    pushes, peer = statistics.median(rates["doors"]), statistics.median(rates["drf"])
    ours = pushes * len(VALUES)
    return {
        "name": "ingest",
        "ours": round(ours),
        "peer": round(peer),
        "ratio": round(ours / peer, 1),
        "unit": "values/s, answered after the commit",
        "conditions": f"PostGIS, one server process, {CONNECTIONS} connections, {len(VALUES)} values a push, "
        f"peer: DRF ModelViewSet under the same uvicorn, one value a request; median of {ROUNDS} interleaved rounds",
        "pushes_per_s": round(pushes),
        **bulk,
        "bulk_share_of_raw": round(bulk["bulk_rows_per_s"] / bulk["raw_copy_rows_per_s"], 2),
    }
