"""``bin/bench export``: a million answers into files, and the most memory that it takes.

Ours streams; the peer reads the same rows at once and writes them with Python's csv, as a short script would.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

RESPONSES, LIMIT_MB = 100_000, 200
FORMATS = ("csv", "xlsx", "gpkg")


def run() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        _child(folder, "fill")
        ours = {name: _child(folder, name) for name in FORMATS}
        peer, idle = _child(folder, "at-once"), _child(folder, "idle")
    worst = max(float(told[0]) for told in ours.values())
    return {
        "name": "export",
        "ours": worst,
        "peer": float(peer[0]),
        "ratio": round(float(peer[0]) / worst, 2),
        "unit": "MB of memory at most, the whole process",
        "conditions": f"{RESPONSES:,} responses of ten answers, SpatiaLite; the peer reads all rows, then writes CSV",
        "limit_mb": LIMIT_MB,
        "idle_mb": float(idle[0]),
        "added_mb": worst - float(idle[0]),
        "mb": {name: float(told[0]) for name, told in ours.items()},
        "seconds": {name: float(told[1]) for name, told in ours.items()} | {"at-once": float(peer[1])},
    }


def _child(folder: str, deed: str) -> list[str]:
    """Each deed in a process of its own, since memory that was used once is not given back."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks._exporting", deed, str(Path(folder) / f"out-{deed}")],
        env={**os.environ, "LOGGIA_DATA_DIR": folder},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return done.stdout.split()
