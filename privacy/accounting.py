"""How much privacy loss several answers add up to. Numbers in, numbers out.

Two ways of adding up are kept side by side, because each is the tighter one somewhere: pure ε simply adds (good for a
few answers with Laplace noise); zero-concentrated differential privacy adds ρ (good for many answers with Gaussian
noise) and converts to (ε, δ) at the end. The promise to a unit is (ε, δ) of everything together, and it holds as long
as one of the two sums stays inside it.

Sources: Bun and Steinke, *Concentrated Differential Privacy* (2016), propositions 1.4 and 1.7; Canonne, Kamath and
Steinke, *The Discrete Gaussian for Differential Privacy* (2020), corollary 13.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

SLACK = 1e-9  # claims are rounded upwards in the last digit; a budget is not refused over that


@dataclass(frozen=True)
class Loss:
    """What answers cost: pure ``epsilon`` (infinite for Gaussian noise) and zCDP ``rho``."""

    epsilon: float
    rho: float


def total(losses: Iterable[Loss]) -> Loss:
    """Several answers about the same units together."""
    all_losses = list(losses)
    return Loss(math.fsum(loss.epsilon for loss in all_losses), math.fsum(loss.rho for loss in all_losses))


def rho_of_pure(epsilon: float) -> float:
    """ε-differential privacy implies (ε²/2)-zCDP."""
    return epsilon**2 / 2


@lru_cache(maxsize=4096)
def epsilon_of(rho: float, delta: float) -> float:
    """The smallest ε such that ρ-zCDP implies (ε, δ)-differential privacy, by the best Rényi order α.

    Raises:
        ValueError: if ``rho`` is negative or ``delta`` is not between 0 and 1.
    """
    if rho < 0 or not 0 < delta < 1:
        raise ValueError("rho must not be negative, delta must lie between 0 and 1")
    if rho == 0:
        return 0.0

    def epsilon_at(order: float) -> float:
        return order * rho + (math.log(1 / (order * delta)) + (order - 1) * math.log1p(-1 / order)) / (order - 1)

    # Convex in the order; the best one lies near 1 + sqrt(ln(1/δ)/ρ).
    low, high = 1 + 1e-9, 2 + 4 * math.sqrt(math.log(1 / delta) / rho)
    for _step in range(200):
        left, right = low + (high - low) / 3, high - (high - low) / 3
        low, high = (low, right) if epsilon_at(left) < epsilon_at(right) else (left, high)
    return max(0.0, epsilon_at((low + high) / 2))


@lru_cache(maxsize=1024)
def rho_of(epsilon: float, delta: float) -> float:
    """The largest ρ whose zCDP still implies (``epsilon``, ``delta``)-differential privacy."""
    low, high = 0.0, epsilon
    for _step in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if epsilon_of(middle, delta) <= epsilon else (low, middle)
    return low


def composed_epsilon(spent: Loss, delta: float) -> float:
    """The ε that can be claimed for everything together at ``delta``: the tighter of the two sums."""
    return min(spent.epsilon, epsilon_of(spent.rho, delta))


def fraction_spent(spent: Loss, epsilon_total: float, delta: float) -> float:
    """How much of the budget is gone, 0 to 1, counted in the way that leaves more."""
    return min(spent.epsilon / epsilon_total, spent.rho / rho_of(epsilon_total, delta))


def fits(spent: Loss, more: Loss, epsilon_total: float, delta: float) -> bool:
    """Whether ``more`` may still be spent.

    The budget is a filter on the outcome: a sequence of answers, chosen as one likes after seeing earlier ones, keeps
    the promise if at every step one of the two sums is inside it (stop the zCDP sum when it would be exceeded; beyond,
    the pure sum bounds the loss for certain).
    """
    after = total([spent, more])
    pure = after.epsilon <= epsilon_total * (1 + SLACK)
    return pure or after.rho <= rho_of(epsilon_total, delta) * (1 + SLACK)
