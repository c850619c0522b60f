"""Milliseconds for the newest value of 10,000 streams over 10 million readings, as the public map asks for them."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

from tests.benchmarks._postgis import postgis


def run() -> dict[str, Any]:
    with postgis() as services:
        command = [sys.executable, "-m", "tests.benchmarks._latest_site"]
        done = subprocess.run(command, env={**os.environ, **services}, stdout=subprocess.PIPE, check=True, text=True)
    ours, peer, lateral, readings, streams = (float(word) for word in done.stdout.split()[-5:])
    return {
        "name": "latest",
        "ours": round(ours, 1),
        "peer": round(peer, 1),
        "ratio": round(peer / ours, 1),
        "unit": "ms, median of 7, the query and the reading of its rows",
        "conditions": f"PostGIS, {streams:.0f} streams, {readings:.0f} readings; peer: DISTINCT ON over the readings",
        "lateral_ms": round(lateral, 1),
    }
