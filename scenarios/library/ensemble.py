"""Draws of uncertain inputs: the same run gives the same draws, on any machine and in any number of processes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from scenarios.library.arrays import Floats

RANGE = (5.0, 95.0)
"""A range of model results covers 90 % of the stated inputs."""


@dataclass(frozen=True)
class Span:
    """An uncertain input: any value from ``low`` to ``high`` is as likely as any other; ``best`` is the central one."""

    low: float
    best: float
    high: float
    unit: str
    source: str

    def __post_init__(self) -> None:
        if not self.low <= self.best <= self.high:
            raise ValueError(f"{self.best} does not lie between {self.low} and {self.high}")


def seed_of(*words: str) -> int:
    """A seed from names and hashes, so that draws belong to what they are drawn for."""
    return int.from_bytes(hashlib.sha256("\0".join(words).encode()).digest()[:8], "big")


def draws(spans: Mapping[str, Span], count: int, seed: int) -> list[dict[str, float]]:
    """Values of every input for each of ``count`` draws, spread evenly over the spans.

    Latin hypercube: each input is cut into ``count`` equally likely parts and every part is used once. Source: McKay,
    Beckman & Conover, *Technometrics* 21 (1979) 239.
    """
    names = sorted(spans)
    random = np.random.default_rng(seed)
    parts = np.stack([random.permutation(count) for _name in names], axis=1) if names else np.zeros((count, 0))
    points = (parts + random.random(parts.shape)) / max(count, 1)
    return [
        {
            name: spans[name].low + float(p) * (spans[name].high - spans[name].low)
            for name, p in zip(names, row, strict=False)
        }
        for row in points
    ]


def central(spans: Mapping[str, Span]) -> dict[str, float]:
    """The best value of every input."""
    return {name: span.best for name, span in spans.items()}


def range_of(values: Floats) -> tuple[float, float]:
    """5th and 95th percentile of draws, shape ``(n_draws,)``."""
    low, high = np.percentile(values, RANGE)
    return float(low), float(high)
