"""``bin/bench coverage``: how often what was published holds, over 10,000 releases of every size.

Two promises. The noise of a count stays within ± ``count_error95`` in at least 95 % of all draws, and within the next
narrower whole number in less. The range of a share, noise and sampling together, holds the share of the population in at
least 95 %. Noise is OpenDP's own; the town answers by a public distribution.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from privacy import dp, estimates
from privacy.accounting import Loss

SIZES = (50, 60, 150, 400, 1_000, 5_000)
RUNS = 10_000
SHARES = np.array([0.4, 0.25, 0.15, 0.1, 0.1])
PROMISED = 0.95


def run() -> dict[str, Any]:
    mechanism = dp.choose(1 / 5, dp.sensitivity(1), 4.0, 1e-6, Loss(0.0, 0.0))
    assert mechanism is not None
    rows = {str(n): _covered(n, mechanism) for n in SIZES}
    exact = 1 - dp.tail(mechanism.name, mechanism.scale, mechanism.error95)
    narrower = 1 - dp.tail(mechanism.name, mechanism.scale, mechanism.error95 - 1)
    worst = min(row["range"] for row in rows.values())
    return {
        "name": "coverage",
        "ours": worst,
        "peer": PROMISED,
        "ratio": round(worst / PROMISED, 4),
        "unit": "least share of published ranges that hold the truth",
        "conditions": f"{RUNS:,} releases per size of one question with {len(SHARES)} options, ε 0.8, {mechanism.name}",
        "noise_exact": round(exact, 4),
        "noise_next_narrower_exact": round(narrower, 4),
        "per_size": rows,
        "goals": {"range": PROMISED, "noise_exact": PROMISED, "noise_next_narrower_below": PROMISED},
    }


def _covered(n: int, mechanism: dp.Mechanism) -> dict[str, float]:
    counts = np.random.default_rng(n).multinomial(n, SHARES, RUNS)
    drawn = dp.noisy(counts, mechanism)
    noise = np.abs(drawn - counts)
    held = told = 0
    for row in drawn:
        found = estimates.of_one(row, mechanism.error95)
        if found is not None:
            told += len(SHARES)
            held += int(((found.low <= SHARES) & (found.high >= SHARES)).sum())
    return {
        "noise": round(float((noise <= mechanism.error95).mean()), 4),
        "next_narrower": round(float((noise <= mechanism.error95 - 1).mean()), 4),
        "range": round(held / told, 4),
        "told": round(told / drawn.size, 4),
    }
