"""Towns that answer, releases with noise, and how often our ranges hold what was true: forms (a) to (d) of feedback."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from scipy import sparse

from scenarios.library import statements
from scenarios.library.arrays import Ints
from scenarios.library.counts_to_od import Prior, Spread, calibrate

ANSWERS: Final = (50, 100, 300, 1000, 5000)
EPSILONS: Final = (0.5, 1.0, 2.0, 4.0)
Random = np.random.Generator


def laplace(scale: float, size: int | tuple[int, ...], random: Random) -> Ints:
    """Discrete Laplace noise, as releases carry it."""
    p = 1 - np.exp(-1 / scale)
    return random.geometric(p, size) - random.geometric(p, size)


def preferences(n: int, scale: float, repeats: int, random: Random) -> tuple[int, int]:
    """(a) Weights of four criteria from “what matters most?”: how many ranges hold the truth, of how many."""
    true = random.dirichlet([2.0] * 4, repeats)
    low, high = statements.share_ranges(random.multinomial(n, true) + laplace(scale, (repeats, 4), random), scale)
    return int(np.sum((low <= true) & (true <= high))), true.size


def support(n: int, scale: float, repeats: int, random: Random) -> tuple[int, int]:
    """(b) Support among those in six of nine cells, whom the model says are affected."""
    affected = np.array([100.0] * 6 + [0.0] * 3)
    held = said = 0
    for _repeat in range(repeats):
        true = np.clip(random.beta(3, 3) + random.normal(0, 0.08, 9), 0.02, 0.98)
        answered = random.multinomial(n, [1 / 9] * 9)
        pro = random.binomial(answered, true)
        noisy = pro + laplace(scale, 9, random), answered - pro + laplace(scale, 9, random)
        try:
            _mean, low, high = statements.support_range(*noisy, affected, scale)
        except ValueError:  # too few answers: nothing is claimed
            continue
        said, held = said + 1, held + (low <= affected @ true / affected.sum() <= high)
    return int(held), said


def behaviour(n: int, scale: float, repeats: int, random: Random) -> tuple[int, int]:
    """(c) Trips that remain when three of five stated answers leave the car, with a discount from stated to actual."""
    held = 0
    for _repeat in range(repeats):
        true = random.dirichlet([2.0] * 5)
        counts = random.multinomial(n, true) + laplace(scale, 5, random)
        changing = statements.share_draws(counts, scale, np.array([2, 3, 4]), 1500, random)
        left = statements.fewer_trips(np.ones(1), random.beta(4, 4, 1500), changing)
        low, high = statements.range_of(left)
        held += low <= 1 - random.beta(4, 4) * true[2:].sum() <= high
    return int(held), repeats


def counted(n: int, scale: float, repeats: int, random: Random) -> tuple[int, int]:
    """(d) Flow on streets without a counter after calibration with noisy counts of about ``n`` vehicles."""
    pairs, zones = 30, 6
    origin, destination = np.divmod(np.arange(36)[np.arange(36) // 6 != np.arange(36) % 6], zones)
    volume = np.full(pairs, n / 6.0)
    prior = Prior(origin, destination, volume, Spread(0.15, 0.12, 0.12, 0.12))
    factors = prior.factors()
    held = 0
    for _repeat in range(repeats):
        use = sparse.csr_array((random.random((12, pairs)) < 0.2).astype(np.float64))
        true = volume + factors @ random.standard_normal(factors.shape[1])
        passed = use[:8] @ true
        error = np.sqrt((0.1 * (use[:8] @ volume) + 1) ** 2 + 2 * scale**2)
        sensor = (0.1 * (use[:8] @ volume) + 1) * random.standard_normal(8)
        seen = np.maximum(passed + sensor + laplace(scale, 8, random), 0.0)
        low, high = calibrate(prior, use[:8], seen, error).range90(use[8:])
        held += int(np.sum((low <= use[8:] @ true) & (use[8:] @ true <= high)))
    return held, 4 * repeats


FORMS: Final[Mapping[str, Callable[[int, float, int, Random], tuple[int, int]]]] = {
    "a": preferences,
    "b": support,
    "c": behaviour,
    "d": counted,
}
