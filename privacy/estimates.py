"""From noisy counts to shares and means with a 95 % range of noise and sampling together.

Numbers in, numbers out; nothing here touches raw answers, so it costs no budget.

The range is the set of true shares p for which the observed share is not surprising (Wilson's idea, with the noise as a
second source of spread): (p̂ - p)² = z² p (1 - p) / n + h² q(p) / n². Here h is the 95 % half-width of the noise in one
cell, n the noisy number of answers, and q(p) says how noise in the denominator adds: (1 - p)² + (K - 1) p² when the K
options of a question are summed to n, 1 + p² when n was counted in a cell of its own.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Z95 = 1.959964
MIN_SIGNAL = 3  # fewer answers than three times the noise of their number say nothing about shares


@dataclass(frozen=True)
class Shares:
    """Shares of one group, each array of shape ``(options,)``. ``estimate`` is unclipped, the range lies within 0 to 1."""

    n: int
    estimate: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


@dataclass(frozen=True)
class Mean:
    value: float
    error95: float


def of_one(counts: NDArray[np.int64], half_width: int) -> Shares | None:
    """Shares of options that exclude each other; None when noise drowns the number of answers.

    Args:
        counts: noisy counts, shape ``(options,)``.
        half_width: 95 % noise of one cell.
    """
    n = int(counts.sum())
    if n < MIN_SIGNAL * half_width * math.sqrt(len(counts)):
        return None
    return _shares(counts, n, half_width, same=True)


def of_many(counts: NDArray[np.int64], answered: int, half_width: int) -> Shares | None:
    """Shares of options of which one unit may tick several; ``answered`` is the noisy number of units that answered."""
    if answered < MIN_SIGNAL * half_width:
        return None
    return _shares(counts, answered, half_width, same=False)


def of_areas(counts: NDArray[np.int64], answered: int, half_widths: NDArray[np.float64]) -> Shares | None:
    """Shares of areas whose noises differ in width, ``half_widths`` of shape ``(areas,)``."""
    if answered < MIN_SIGNAL * half_widths.min():
        return None
    return _shares(counts, answered, half_widths, same=False)


def mean(counts: NDArray[np.int64], values: NDArray[np.float64], half_width: int) -> Mean | None:
    """The mean of a scale from its noisy counts, with the 95 % error of noise and sampling.

    Args:
        counts: noisy counts, shape ``(steps,)``.
        values: the number that each step stands for, same shape.
    """
    n = int(counts.sum())
    if n < MIN_SIGNAL * half_width * math.sqrt(len(counts)):
        return None
    weight = counts / n
    centre = float(weight @ values)
    spread = float(values.max() - values.min())
    # Noise may make the observed variance negative or absurd; it cannot exceed a quarter of the squared range.
    variance = min(max(float(weight @ values**2) - centre**2, 0.0), spread**2 / 4)
    noise = half_width**2 * float(((values - centre) ** 2).sum()) / n**2
    return Mean(centre, math.sqrt(Z95**2 * variance / n + noise))


def of_scores(sums: NDArray[np.int64], weighted: int, steps: int, half_width: int) -> Shares | None:
    """Means of codes 0 to ``steps`` from noisy sums of centred codes; None when noise drowns the number of answers.

    Nothing is known about the spread of single answers, so the range takes the widest that a mean allows (all at the
    two ends): it is at least a 95 % range, often more.

    Args:
        sums: noisy sums of ``2 code - steps``, shape ``(figures,)``.
        weighted: noisy number of units that answered, times ``steps``.
        half_width: 95 % noise of one sum.

    Returns:
        Means in codes, 0 to ``steps``; ``n`` is the noisy number of units.
    """
    if weighted < MIN_SIGNAL * half_width:
        return None
    n = weighted / steps
    share = (sums / n / steps + 1) / 2
    noise = (half_width / (2 * steps * n)) ** 2
    # (p̂ - p)² = z² p (1 - p) / n + h² (1 + (2 p - 1)²): the number of units has noise of its own.
    sampling = Z95**2 / n
    a = 1 + sampling - 4 * noise
    within = np.clip(share, 0.0, 1.0)
    b, c = -2 * within - sampling + 4 * noise, within**2 - 2 * noise
    low, high = (np.clip(_root(a, b, c, sign), 0.0, 1.0) for sign in (-1, 1))
    return Shares(round(n), steps * share, steps * low, steps * high)


def _shares(counts: NDArray[np.int64], n: int, half_width: float | NDArray[np.float64], *, same: bool) -> Shares:
    observed = counts / n
    # Counts are whole numbers: half a unit outwards keeps the range at 95 % or more, instead of 95 % on average.
    # Noise may push a count below nothing or above all; the range then starts there, or it would claim to be certain.
    within = np.clip(observed, 0.0, 1.0)
    low = _end(within - 0.5 / n, n, half_width, extra=len(counts) if same else 1, same=same, sign=-1)
    high = _end(within + 0.5 / n, n, half_width, extra=len(counts) if same else 1, same=same, sign=1)
    return Shares(n, observed, np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0))


def _end(
    observed: NDArray[np.float64], n: int, half_width: float | NDArray[np.float64], *, extra: int, same: bool, sign: int
) -> NDArray[np.float64]:
    """One end of the range: a p² + b p + c = 0 has both as its roots."""
    sampling, noise = Z95**2 / n, (half_width / n) ** 2
    a = 1 + sampling - extra * noise
    b = -2 * observed - sampling + (2 * noise if same else 0.0)
    c = observed**2 - noise
    return _root(a, b, c, sign)


def _root(
    a: float | NDArray[np.float64], b: NDArray[np.float64], c: NDArray[np.float64], sign: int
) -> NDArray[np.float64]:
    root = np.sqrt(np.maximum(b**2 - 4 * a * c, 0.0))
    end: NDArray[np.float64] = (-b + sign * root) / (2 * a)
    return end
