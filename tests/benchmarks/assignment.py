"""Traffic assignment to a relative gap of 1e-6: ours against AequilibraE's bi-conjugate Frank-Wolfe on the same networks.

Both sides start from arrays in memory and end with link flows; the peer is spared its start-up and the preparation of its
graph, and may use all cores, ours uses one. Seconds are by the clock, taken in turn; the ratio is the smallest of all networks.
Both results are checked with one and the same certificate. AequilibraE lives in a folder of its own and is no dependency.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from scenarios.library import networks
from scenarios.library.arrays import Floats
from scenarios.library.assignment import assign
from scenarios.library.graph import Trips
from scenarios.library.networks import RoadNetwork
from scenarios.library.routing import Router
from sources import tntp
from tests.scenarios.towns import grid_town

ROOT = Path(__file__).resolve().parent.parent.parent
ROADS = ROOT.parent / "shared/data/roads"
PEER_FOLDER = ROOT / "build/bench/aequilibrae"
PEER_VERSION = "1.7.2"
PEER = Path(__file__).with_name("_aequilibrae.py")
GAP = 1e-6
MOST_ITERATIONS = 20_000
TIMES = 3


def run() -> dict[str, object]:
    """Raises RuntimeError with a sentence when the peer cannot be had or does not run."""
    python = _peer()
    found = [_compared(python, *town) for town in _towns()]
    worst = min(found, key=lambda row: row["ratio"])
    return {
        "name": "assignment",
        "ours": worst["ours_s"],
        "peer": worst["peer_s"],
        "ratio": worst["ratio"],
        "unit": f"s ({worst['network']}, the smallest ratio)",
        "conditions": (
            f"relative gap {GAP:g}, same arrays, by the clock, median of {TIMES} in turn (1 where the peer takes over 10 s); AequilibraE {PEER_VERSION} bfw on all "
            f"cores without start-up and graph preparation, ours on one core; Sioux Falls and Anaheim only where the shared road data lie beside the project"
        ),
        "networks": found,
    }


def _towns() -> Iterator[tuple[str, RoadNetwork, Floats]]:
    for name in ("SiouxFalls", "Anaheim"):
        if (ROADS / f"{name}_net.tntp").is_file():
            read = tntp.read_network(ROADS / f"{name}_net.tntp")
            yield name, networks.of_tntp(read), tntp.read_trips(ROADS / f"{name}_trips.tntp", read.n_zones)
        else:
            print(f"{name} is left out: {ROADS} is not here", file=sys.stderr)
    yield "grid town, 900 links, 40 zones", *grid_town(14, 40, 25_000)
    yield "grid town, 3,600 links, 390 zones, little traffic", *grid_town(27, 387, 30_000)
    yield "grid town, 3,600 links, 390 zones, much traffic", *grid_town(27, 387, 100_000)


def _compared(python: Path, name: str, network: RoadNetwork, demand: Floats) -> dict[str, Any]:
    ours: list[float] = []
    theirs: list[float] = []
    for _turn in range(TIMES):
        start = time.perf_counter()
        result = assign(network.graph, network.delay, demand, gap=GAP)
        ours.append(time.perf_counter() - start)
        if not theirs or theirs[0] < 10:
            seconds, flow = _theirs(python, network, demand)
            theirs.append(seconds)
    ours_s, peer_s = statistics.median(ours), statistics.median(theirs)
    return {
        "network": name,
        "links": network.graph.n_links,
        "zones": network.graph.n_zones,
        "ours_s": round(ours_s, 4),
        "peer_s": round(peer_s, 4),
        "ratio": round(peer_s / ours_s, 2),
        "our_gap": result.certificate.relative_gap,
        "peer_gap": _gap(network, demand, flow),
        "largest_flow_difference_vph": round(float(np.abs(flow - result.flow).max()), 2),
        "largest_flow_vph": round(float(result.flow.max())),
    }


def _gap(network: RoadNetwork, demand: Floats, flow: Floats) -> float:
    """The relative gap of any flows, by the definition of our certificate."""
    router, cost = Router(network.graph), network.delay.cost(flow)
    time_between = router.trees(cost).time[:, router.end]
    trips = Trips.of(demand, np.isfinite(time_between))
    shortest = float(np.sum(trips.volume * time_between[trips.origin, trips.destination]))
    total = float(np.sum(flow * cost))
    return (total - shortest) / total


def _theirs(python: Path, network: RoadNetwork, demand: Floats) -> tuple[float, Floats]:
    graph, delay = network.graph, network.delay
    with tempfile.TemporaryDirectory(dir=ROOT / "build/bench") as folder:
        given, out = Path(folder) / "in.npz", Path(folder) / "out.npz"
        np.savez(
            given, tail=graph.tail, head=graph.head, free_flow_time=delay.free_flow_time, capacity=delay.capacity_vph,
            b=delay.coefficient, power=delay.power, demand=demand, blocked=not graph.passable.all(), gap=GAP, most=MOST_ITERATIONS,
        )  # fmt: skip
        done = subprocess.run(
            [str(python), str(PEER), str(given), str(out)], capture_output=True, text=True, check=False
        )
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise RuntimeError(f"AequilibraE did not run: {last}")
        with np.load(out) as found:
            return float(done.stdout.split()[-1]), found["flows"]


def _peer() -> Path:
    """The interpreter of a folder that holds AequilibraE, installed on first use."""
    python = PEER_FOLDER / "bin/python"
    ready = [str(python), "-c", "import aequilibrae"]
    if python.exists() and subprocess.run(ready, capture_output=True, check=False).returncode == 0:
        return python
    PEER_FOLDER.parent.mkdir(parents=True, exist_ok=True)
    steps = [
        [sys.executable, "-m", "venv", "--clear", str(PEER_FOLDER)],
        [str(python), "-m", "pip", "install", "--quiet", f"aequilibrae=={PEER_VERSION}"],
    ]
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise RuntimeError(f"AequilibraE {PEER_VERSION} could not be installed apart, so there is no peer: {last}")
    return python
