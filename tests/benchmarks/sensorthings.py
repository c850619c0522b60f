"""SensorThings: the newest readings of 100 series in one expanded query, against a query per series; and what fuzzing finds.

Each figure comes from a process of its own with a fresh SpatiaLite file. ``SENSORTHINGS_QUERIES`` sets how many random
queries are sent (100,000 without it).
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from typing import Any

QUERIES = int(os.environ.get("SENSORTHINGS_QUERIES", "100000"))


def _part(name: str, *words: str) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [sys.executable, "-m", "tests.benchmarks._sensorthings_parts", name, *words],
            env={**os.environ, "LOGGIA_DATA_DIR": folder, "LOGGIA_SENSORTHINGS_OPEN_WRITES": "1"},
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def run() -> dict[str, Any]:
    speed, fuzz = _part("speed"), _part("fuzz", str(QUERIES))
    return {
        "name": "sensorthings",
        "ours": speed["expanded_ms"],
        "peer": speed["per_parent_ms"],
        "ratio": round(speed["per_parent_ms"] / speed["expanded_ms"], 1),
        "unit": "ms for the newest 3 readings of 100 series",
        "conditions": f"{speed['rows']} readings in SpatiaLite, Django test client, peer: one GET per series",
        "thousand_observations_expanded_ms": speed["thousand_ms"],
        "hostile": speed["hostile"],
        "fuzz": fuzz,
    }
