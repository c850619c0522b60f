"""``bin/bench feedback``: how often the 90 % ranges of forms (a) to (d) hold the truth, for every n and ε.

The peer is the same range without the privacy noise in it, as tools compute it that take a release for exact counts.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scenarios.library import statements
from tests.scenarios.simulation import ANSWERS, EPSILONS, FORMS, laplace

REPEATS = {"a": 10_000, "b": 4_000, "c": 3_000, "d": 1_500}
SENSITIVITY = 2.0
GOAL = (0.90, 0.93)


def run() -> dict[str, Any]:
    random = np.random.default_rng(2026)
    found = {
        form: {
            f"n={n} ε={epsilon:g}": _share(*simulate(n, SENSITIVITY / epsilon, REPEATS[form], random))
            for n in ANSWERS
            for epsilon in EPSILONS
        }
        for form, simulate in FORMS.items()
    }
    every = [share for shares in found.values() for share in shares.values() if share is not None]
    return {
        "name": "feedback",
        "ours": min(every),
        "peer": _without_noise(random),
        "ratio": round(min(every) / _without_noise(random), 2),
        "unit": "share of 90 % ranges that hold the truth, worst case over n, ε and form",
        "conditions": f"n 50 to 5,000, ε 0.5 to 4, repeats {REPEATS}; peer: form (a), n=300, ε=1, noise left out",
        "largest": max(every),
        "within_goal": sum(GOAL[0] <= share <= GOAL[1] for share in every),
        "of": len(every),
        "coverage": found,
        "noise_only": {f"ε={epsilon:g}": _noise_only(SENSITIVITY / epsilon) for epsilon in EPSILONS},
    }


def _share(held: int, said: int) -> float | None:
    return round(held / said, 4) if said else None


def _without_noise(random: np.random.Generator) -> float:
    true = random.dirichlet([2.0] * 4, 5_000)
    low, high = statements.share_ranges(random.multinomial(300, true) + laplace(2.0, (5_000, 4), random), 0.0)
    return round(float(np.mean((low <= true) & (true <= high))), 4)


def _noise_only(scale: float) -> dict[str, float]:
    """Coverage of the whole-number range of pure noise, and of the next narrower one."""
    a, h = float(np.exp(-1 / scale)), statements.noise_half_width(scale)
    return {
        "half_width": h,
        "covers": round(1 - 2 * a ** (h + 1) / (1 + a), 4),
        "narrower": round(1 - 2 * a**h / (1 + a), 4),
    }
