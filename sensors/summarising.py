"""Figures of groups of readings: arrays in, arrays out.

Every group is computed from its own readings in their order and from nothing else, so that the figures of one hour come
out the same, to the last bit, whether it is computed alone or among a year of others.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from sensors.phenomena import Summing
from sensors.quality import Bits, Mask, Values

Groups = npt.NDArray[np.intp]
SHARES = (0.0, 0.1, 0.5, 0.9, 1.0)


@dataclass(frozen=True)
class Figures:
    """One row per group, shape ``(groups,)`` each; NaN where no reading is in the figures."""

    n: Bits
    left_out: Bits
    mean: Values
    min: Values
    p10: Values
    p50: Values
    p90: Values
    max: Values

    def rows(self) -> list[tuple[float, ...]]:
        """``(n, left_out, mean, min, max, p10, p50, p90)`` of each group."""
        columns = (self.n, self.left_out, self.mean, self.min, self.max, self.p10, self.p50, self.p90)
        return list(zip(*(column.tolist() for column in columns), strict=True))


def summarise(group: Groups, values: Values, good: Mask, groups: int, summing: Summing) -> Figures:
    """Number, mean, extremes and percentiles of each group.

    Args:
        group: the number of each reading's group, 0 to ``groups - 1``, shape ``(n,)``.
        good: which readings count.
        summing: noise is joined by its energy. Directions are joined on the circle; their extremes and percentiles are
            those of the deviation from the mean direction.
    Percentiles are interpolated linearly between the readings (Hyndman and Fan 1996, type 7).
    """
    n = np.bincount(group[good], minlength=groups)
    left_out = np.bincount(group[~good], minlength=groups)
    own, kept = group[good], values[good]
    mean = joined(own, kept, groups, summing)
    if summing is not Summing.CIRCULAR:
        return Figures(n, left_out, mean, *_quantiles(own, kept, n))
    away = (kept - mean[own] + 180.0) % 360.0 - 180.0
    low, p10, p50, p90, high = ((mean + spread) % 360.0 for spread in _quantiles(own, away, n))
    return Figures(n, left_out, mean, low, p10, p50, p90, high)


def joined(group: Groups, values: Values, groups: int, summing: Summing) -> Values:
    """The mean of each group in the way of its kind of value; NaN for an empty one, shape ``(groups,)``."""
    count = np.bincount(group, minlength=groups)
    with np.errstate(invalid="ignore", divide="ignore"):
        if summing is Summing.ENERGY:
            energy = np.bincount(group, weights=10 ** (values / 10), minlength=groups) / count
            return np.asarray(10 * np.log10(energy))
        if summing is Summing.CIRCULAR:
            angle = np.radians(values)
            east = np.bincount(group, weights=np.sin(angle), minlength=groups)
            north = np.bincount(group, weights=np.cos(angle), minlength=groups)
            return np.where(count > 0, np.degrees(np.arctan2(east, north)) % 360, np.nan)
        return np.asarray(np.bincount(group, weights=values, minlength=groups) / count)


def _quantiles(group: Groups, values: Values, n: Bits) -> list[Values]:
    """The values at :data:`SHARES` of each group's sorted readings."""
    ordered = values[np.lexsort((values, group))]
    if len(ordered) == 0:
        return [np.full(len(n), np.nan) for _share in SHARES]
    first = np.concatenate([[0], np.cumsum(n)[:-1]])
    found = []
    for share in SHARES:
        place = share * np.maximum(n - 1, 0)
        low = np.floor(place).astype(np.int64)
        high = np.minimum(low + 1, np.maximum(n - 1, 0))
        below = ordered[(first + low).clip(max=len(ordered) - 1)]
        above = ordered[(first + high).clip(max=len(ordered) - 1)]
        found.append(np.where(n > 0, below + (above - below) * (place - low), np.nan))
    return found
