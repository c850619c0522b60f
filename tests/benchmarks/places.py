"""``bin/bench places``: a made-up town's pins in rectangles of at least k units, against the best fixed grid.

The error of a map is the total variation between its density and the true one, both smoothed by 500 m. Seconds are the
processor's, because the machine is shared. A second row sets pins with a heavy tail: few people set most of them.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from privacy.spatial import CellSet, adaptive_cells
from tests.privacy.test_spatial import MAP, SQUARES, TOWN_M, best_fixed_grid, painted, smoothed, town

SIZES = (1_000, 10_000, 100_000)
K, TRIES = 5, 3


def run() -> dict[str, Any]:
    rows = {f"{pins:,}": _row(pins) for pins in SIZES}
    heavy, seconds = _timed(town(SIZES[-1]), np.random.default_rng(2).zipf(1.6, SIZES[-1]) % 30_000)
    largest = rows[f"{SIZES[-1]:,}"]
    return {
        "name": "places",
        "ours": largest["error"],
        "peer": largest["best_fixed_grid"],
        "ratio": round(largest["best_fixed_grid"] / largest["error"], 2),
        "unit": "total variation of the density of 100,000 pins after smoothing by 500 m (less is better)",
        "conditions": f"k = {K} units, 20 km town, 14 centres and 8 % anywhere; processor seconds, best of {TRIES}",
        "per_size": rows,
        "heavy_tailed": {"seconds": seconds, "fewest_units": int(heavy.units.min()), "cells": len(heavy.pins)},
        "goals": {"error": "at most the best fixed grid", "seconds": 0.3, "fewest_units": K, "lost": 0},
    }


def _row(pins: int) -> dict[str, Any]:
    xy = town(pins)
    cells, seconds = _timed(xy, np.arange(pins))
    true = smoothed(np.histogram2d(xy[:, 0], xy[:, 1], bins=SQUARES, range=[[0, TOWN_M]] * 2)[0])
    return {
        "error": round(float(np.abs(smoothed(painted(cells)) - true).sum() / 2), 4),
        "best_fixed_grid": round(best_fixed_grid(xy, K, true), 4),
        "cells": len(cells.pins),
        "fewest_units": int(cells.units.min()),
        "lost": pins - int(cells.pins.sum()),
        "seconds": seconds,
    }


def _timed(xy: np.ndarray, unit: np.ndarray) -> tuple[CellSet, float]:
    times = []
    for _try in range(TRIES):
        start = time.process_time()
        cells = adaptive_cells(xy, unit, K, within_m=MAP)
        times.append(time.process_time() - start)
    return cells, round(min(times), 3)
