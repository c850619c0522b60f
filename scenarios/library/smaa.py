"""Which option comes first when weights and results are uncertain: stochastic multicriteria acceptability analysis.

Source: Lahdelma & Salminen, *Operations Research* 49 (2001) 444. Weights say what matters to people; they never change
what a model computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from scenarios.library.arrays import Bools, Floats

WINNER: Final = 0.8
"""Below this probability of being first nothing is called the winner."""
Z95: Final = 1.959964


@dataclass(frozen=True, eq=False)
class Acceptability:
    """How often each option takes each rank."""

    rank: Floats
    """Probability that an option (row) takes a rank (column, 0 is first), shape ``(n_options, n_options)``."""
    central_weights: Floats
    """Mean weight of each indicator, shape ``(n_indicators,)``."""
    weights_p05: Floats
    weights_p95: Floats

    @property
    def first(self) -> Floats:
        """Probability of being first, shape ``(n_options,)``."""
        return self.rank[:, 0]

    @property
    def winner(self) -> int | None:
        """The option that is first with a probability of at least 0.8; None when there is no clear one."""
        best = int(np.argmax(self.first))
        return best if self.first[best] >= WINNER else None


def acceptability(scores: Floats, weights: Floats) -> Acceptability:
    """Rank the options in every draw by their weighted scores.

    Args:
        scores: 0 (worst) to 1 (best), shape ``(n_draws, n_options, n_indicators)``.
        weights: not negative, rows add up to 1, shape ``(n_draws, n_indicators)``.
    """
    utility = np.einsum("dok,dk->do", scores, weights)
    n_options = utility.shape[1]
    better = np.sum(utility[:, None, :] > utility[:, :, None], axis=2)
    equal = np.sum(utility[:, None, :] == utility[:, :, None], axis=2)
    ranks = np.arange(n_options)
    # Options that tie share the ranks that they take together.
    takes = (ranks >= better[:, :, None]) & (ranks < (better + equal)[:, :, None])
    rank = np.mean(takes / equal[:, :, None], axis=0)
    low, high = np.percentile(weights, (5, 95), axis=0)
    return Acceptability(rank, weights.mean(axis=0), low, high)


def scores(values: Floats, less_is_better: Bools) -> Floats:
    """Values of the indicators on a common scale, 0 for the worst and 1 for the best that any draw shows.

    Args:
        values: shape ``(n_draws, n_options, n_indicators)``, each indicator in its own unit.
        less_is_better: shape ``(n_indicators,)``.
    Returns:
        Same shape; an indicator on which nothing differs scores 1 everywhere.
    """
    low, high = values.min(axis=(0, 1)), values.max(axis=(0, 1))
    spread = high - low
    scaled = np.divide(values - low, spread, out=np.ones_like(values), where=spread > 0)
    scored: Floats = np.where(less_is_better & (spread > 0), 1.0 - scaled, scaled)
    return scored


def released_weights(share: Floats, error95: Floats, count: int, rng: np.random.Generator) -> Floats:
    """Draws of the weights behind published shares, privacy noise and sampling error included.

    Args:
        share: published share of each indicator, unclipped, shape ``(k,)``.
        error95: half width of its 95 % range, of noise and sampling together, shape ``(k,)``.
    Returns:
        Shape ``(count, k)``, each row not negative with sum 1.
    """
    k = len(share)
    if k == 1:
        return np.ones((count, 1))
    # Bringing independent errors to a sum of 1 takes a k-th of their variance away; the factor gives it back.
    spread = error95 / Z95 * np.sqrt(k / (k - 1))
    return on_simplex(share + rng.standard_normal((count, k)) * spread)


def any_weights(k: int, count: int, rng: np.random.Generator) -> Floats:
    """Draws when nothing is known about what matters: all weightings equally likely, shape ``(count, k)``."""
    return rng.dirichlet(np.ones(k), size=count)


def on_simplex(points: Floats) -> Floats:
    """The nearest point of the simplex (not negative, sum 1) to each row. Source: Held, Wolfe & Crowder (1974)."""
    k = points.shape[1]
    falling = -np.sort(-points, axis=1)
    excess = (np.cumsum(falling, axis=1) - 1.0) / np.arange(1, k + 1)
    kept = np.sum(falling > excess, axis=1)
    shift = excess[np.arange(len(points)), kept - 1]
    nearest: Floats = np.maximum(points - shift[:, None], 0.0)
    return nearest
