"""Differentially private counts: exact integer noise from OpenDP on cells that we counted.

Numbers in, numbers out. Noise never comes from NumPy's generator or from floating point: OpenDP samples the discrete
Laplace and discrete Gaussian distributions exactly.

Neighbouring data sets differ by one unit being there or not. Cells come from public option lists, so a cell nobody
chose is answered like any other, and counts are never clipped afterwards.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from privacy.accounting import Loss, fits, rho_of, rho_of_pure

Counts = NDArray[np.int64]
Name = Literal["laplace", "gaussian"]
CONFIDENCE = 0.95


@dataclass(frozen=True)
class Sensitivity:
    """How far one unit can move a vector of counts: sum of changes, and root of the sum of their squares."""

    l1: int
    l2: float


@dataclass(frozen=True)
class Mechanism:
    """Integer noise of one table. ``scale`` is b of the Laplace or σ of the Gaussian distribution, in units."""

    name: Name
    scale: float
    loss: Loss

    @property
    def error95(self) -> int:
        """The smallest m such that noise stays within ±m in at least 95 % of all draws."""
        return error_bound(self.name, self.scale)

    @property
    def deviation(self) -> float:
        """Standard deviation of the noise in one cell."""
        if self.name == "gaussian":
            return self.scale
        ratio = math.exp(-1 / self.scale)
        return math.sqrt(2 * ratio) / (1 - ratio)


def sensitivity(choices_per_unit: int) -> Sensitivity:
    """Of a table in which one unit adds 1 to at most ``choices_per_unit`` cells."""
    return Sensitivity(choices_per_unit, math.sqrt(choices_per_unit))


def laplace(epsilon: float, bound: Sensitivity) -> Mechanism:
    """Discrete Laplace noise for pure ``epsilon``-differential privacy."""
    scale = bound.l1 / epsilon
    claimed = float(_measurement("laplace", scale).map(bound.l1))
    return Mechanism("laplace", scale, Loss(claimed, rho_of_pure(claimed)))


def gaussian(rho: float, bound: Sensitivity) -> Mechanism:
    """Discrete Gaussian noise for ``rho``-zCDP."""
    scale = bound.l2 / math.sqrt(2 * rho)
    return Mechanism("gaussian", scale, Loss(math.inf, float(_measurement("gaussian", scale).map(bound.l2))))


def noisy(counts: Counts, mechanism: Mechanism) -> Counts:
    """The counts with fresh noise in every cell, same shape, unclipped. Pay for it before you call."""
    flat = np.ascontiguousarray(counts, dtype=np.int64).ravel()
    drawn = _measurement(mechanism.name, mechanism.scale)(flat)
    return np.array(drawn, dtype=np.int64).reshape(counts.shape)


def candidates(fraction: float, bound: Sensitivity, epsilon_total: float, delta: float) -> Iterator[Mechanism]:
    """The ways of spending ``fraction`` of a budget on one table: of its ε with Laplace, of its ρ with Gaussian noise."""
    yield laplace(fraction * epsilon_total, bound)
    yield gaussian(fraction * rho_of(epsilon_total, delta), bound)


def choose(fraction: float, bound: Sensitivity, epsilon_total: float, delta: float, spent: Loss) -> Mechanism | None:
    """The mechanism that errs less among those the rest of the budget can pay; None when it can pay neither.

    Raises:
        ValueError: if ``fraction`` is not between 0 and 1.
    """
    if not 0 < fraction <= 1:
        raise ValueError("fraction must lie between 0 and 1")
    affordable = [
        mechanism
        for mechanism in candidates(fraction, bound, epsilon_total, delta)
        if fits(spent, mechanism.loss, epsilon_total, delta)
    ]
    return min(affordable, key=lambda mechanism: (mechanism.error95, mechanism.deviation), default=None)


@lru_cache(maxsize=4096)
def error_bound(name: Name, scale: float, confidence: float = CONFIDENCE) -> int:
    """The smallest whole m with P(|noise| ≤ m) ≥ ``confidence``. The next narrower whole range covers less."""
    guess = 0
    while tail(name, scale, guess) > 1 - confidence:
        guess += 1
    return guess


def tail(name: Name, scale: float, bound: int) -> float:
    """P(|noise| > ``bound``), exact for Laplace, summed to 1e-12 for Gaussian noise."""
    if bound < 0:
        return 1.0
    if name == "laplace":
        ratio = math.exp(-1 / scale)
        return 2 * ratio ** (bound + 1) / (1 + ratio)
    mass = probabilities(name, scale)
    middle = len(mass) // 2
    return float(1 - mass[max(0, middle - bound) : middle + bound + 1].sum())


@lru_cache(maxsize=64)
def probabilities(name: Name, scale: float) -> NDArray[np.float64]:
    """P(noise = x) for x from -w to w, shape ``(2 w + 1,)``, with w so wide that less than 1e-12 is left out."""
    width = math.ceil(scale * (30 if name == "laplace" else 8)) + 2
    place = np.arange(-width, width + 1, dtype=np.float64)
    weight = np.exp(-np.abs(place) / scale) if name == "laplace" else np.exp(-(place**2) / (2 * scale**2))
    mass: NDArray[np.float64] = weight / weight.sum()
    return mass


def forecast_points(units: int, mechanism: Mechanism) -> float:
    """95 % noise of a share among ``units`` answers, in percentage points."""
    return 100 * mechanism.error95 / units if units else math.inf


def sampling_points(units: int, share: float = 0.4) -> float:
    """95 % sampling error of a ``share`` among ``units`` answers, in percentage points: what noise is to be held against."""
    return 100 * 1.96 * math.sqrt(share * (1 - share) / units) if units else math.inf


@lru_cache(maxsize=256)
def _measurement(name: Name, scale: float) -> Any:
    """OpenDP's measurement on vectors of whole numbers. Imported here: loading the library takes half a second."""
    import opendp.prelude as opendp

    opendp.enable_features("contrib")
    domain = opendp.vector_domain(opendp.atom_domain(T="i64"))
    if name == "laplace":
        return opendp.m.make_laplace(domain, opendp.l1_distance(T="i64"), scale)
    return opendp.m.make_gaussian(domain, opendp.l2_distance(T="f64"), scale)
