"""CPU of the server per delivered live message: our hub against a Channels in-memory layer, at 1,000 clients."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from typing import Any

CLIENTS = 1000


def _cpu_us(way: str, messages: int) -> float:
    """Each way in a fresh process with a fresh data folder."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks._fanout_server", way, str(CLIENTS), str(messages)],
            env={**os.environ, "LOGGIA_DATA_DIR": folder},
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
    return float(done.stdout.split()[-1])


def run() -> dict[str, Any]:
    ours = _cpu_us("hub", 100)
    peer = _cpu_us("layer", 10)
    return {
        "name": "fanout",
        "ours": round(ours, 1),
        "peer": round(peer, 1),
        "ratio": round(peer / ours, 1),
        "unit": "µs of server CPU per delivered message",
        "conditions": f"{CLIENTS} clients in a process of their own, 200-byte text, uvicorn, peer: Channels in-memory layer",
        "websockets_broadcast": round(_cpu_us("websockets", 100), 1),
    }
