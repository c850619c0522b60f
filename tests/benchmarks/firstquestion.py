"""How long until a poster's question stands on the reference phone, on a good and on a bad network.

Chromium at a phone's size, CPU slowed 4 times, network slowed by its own tools, cold cache each time. The peer is the
site's page about accessibility, plain text whose sheet is linked instead of carried inside: what inlining is worth.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path
from typing import Any

from tests.chromium import open_chromium, phone
from tests.running import RunningSite

RUNS = 5
CPU_SLOWED = 4
NETWORKS = {"1.6 Mbit/s, 150 ms": (1_600_000, 150), "400 kbit/s, 400 ms": (400_000, 400)}
PROMISED_S = {"1.6 Mbit/s, 150 ms": 1.0, "400 kbit/s, 400 ms": 2.5}
PAINTED = """() => new Promise(done => new PerformanceObserver((list, watch) => {
  const paint = list.getEntriesByName("first-contentful-paint")[0];
  if (paint) { watch.disconnect(); done(paint.startTime / 1000); }
}).observe({ type: "paint", buffered: true }))"""
QUESTION, PEER = "/p/pitka", "/accessibility/"


def run() -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder, open_chromium() as browser:
        site = RunningSite(Path(folder))
        site.manage("migrate", "--verbosity", "0")
        site.manage("load_demo", "--no-run")
        try:
            site.start_server()
            measured = {
                (path, name): _median_s(browser, site, path, name) for name in NETWORKS for path in (QUESTION, PEER)
            }
        finally:
            site.stop()
    good, bad = NETWORKS
    return {
        "name": "firstquestion",
        "ours": round(measured[QUESTION, good], 2),
        "peer": round(measured[PEER, good], 2),
        "ratio": round(measured[PEER, good] / measured[QUESTION, good], 2),
        "unit": "s until the question is painted, median",
        "conditions": f"{good}, CPU slowed {CPU_SLOWED} times, cold cache, {RUNS} visits; promised {PROMISED_S[good]} s",
        "slow_network": round(measured[QUESTION, bad], 2),
        "slow_network_peer": round(measured[PEER, bad], 2),
        "slow_network_conditions": f"{bad}, else the same; promised {PROMISED_S[bad]} s",
    }


def _median_s(browser: Any, site: RunningSite, path: str, network: str) -> float:
    return statistics.median(_once_s(browser, site, path, *NETWORKS[network]) for _visit in range(RUNS))


def _once_s(browser: Any, site: RunningSite, path: str, bits_per_s: int, latency_ms: int) -> float:
    """Seconds from asking for the page until its text is painted, as somebody sees it who was never there."""
    context = phone(browser, site.base_url, service_workers="block")
    try:
        page = context.new_page()
        tools = context.new_cdp_session(page)
        tools.send("Network.enable")
        speed = {"downloadThroughput": bits_per_s / 8, "uploadThroughput": bits_per_s / 8}
        tools.send("Network.emulateNetworkConditions", {"offline": False, "latency": latency_ms, **speed})
        tools.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWED})
        page.goto(path, wait_until="commit")
        return float(page.evaluate(PAINTED))
    finally:
        context.close()
