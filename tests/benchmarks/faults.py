"""``bin/bench faults``: a thousand stories of broken tabs, networks and servers; nothing lost, doubled or brought back.

There is no peer to run beside: the figure is the number of promises broken, which must be 0.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests import faults
from tests.running import ROOT, RunningSite

STORIES = int(os.environ.get("FAULT_STORIES", "1000"))
SEED = 20261122


def run(count: int = STORIES) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        found = tried(Path(folder), count)
    broken = found.lost + found.doubled + found.brought_back
    return {
        "name": "faults",
        "ours": broken,
        "peer": 0,
        "ratio": 1.0 if broken == 0 else 0.0,
        "unit": "responses lost, doubled or brought back",
        "conditions": f"{found.stories} stories through the JSON and the OpenRosa door of one real server, SpatiaLite",
        "lost": found.lost,
        "doubled": found.doubled,
        "brought_back": found.brought_back,
        "faults": found.faults,
        "seconds": round(time.perf_counter() - start),
    }


def tried(folder: Path, count: int) -> faults.Account:
    """Let the stories happen one after the other to a site of their own, then count."""
    site = RunningSite(folder)
    site.manage("migrate", "--verbosity", "0")
    opened = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks._open_bridge"],
        cwd=ROOT,
        env=site.environment,
        capture_output=True,
        text=True,
        check=True,
    )
    told = faults.stories(count, SEED, slug="bridge", token=opened.stdout.split()[-1])
    try:
        site.start_server()
        for story in told:
            faults.live(site, story)
    finally:
        site.stop()
    return faults.account(site, told)
