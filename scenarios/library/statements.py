"""What released figures say, with the noise of their protection and the chance of who answered both in the range.

Everything here works on published, noisy counts, so it costs no privacy. Ranges cover the true value in at least 90 % of
cases, and not many more (``bin/bench feedback`` counts it).

A share p of noisy counts c with sum N is in its range when (c - p N)² is not surprising: sampling spreads it by N p (1 - p),
the noise of the cells by 2 b² ((m (1 - p)² + (K - m) p²)), where m of the K summed cells make up c. Unlike a range around
c / N this stays right while the noise is not small against N. Source: Fieller, *J. R. Stat. Soc. B* 16 (1954) 175.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from scenarios.library.arrays import Floats, Ints

LEVEL: Final = 0.9
REACH: Final = 1.717
"""Half width in standard deviations: that of 91.4 %, so that approximations leave 90 % in every case."""
SUPPORT_REACH: Final = 1.69
"""The same where cells are added up: keeping shares off 0 and 1 in every cell widens their sum already."""
CONTINUITY: Final = 0.1
"""Counts are whole numbers: a tenth of a unit outwards evens out what few answers lose."""
TAILS: Final = (4.3, 95.7)
"""Percentiles of draws between which a range lies, for the same reason."""


def noise_half_width(scale: float, level: float = LEVEL) -> int:
    """The narrowest whole h such that discrete Laplace noise stays within ±h with at least this probability.

    P(|X| ≤ h) = 1 - 2 a^(h + 1) / (1 + a) with a = exp(-1 / scale).
    """
    a = np.exp(-1.0 / scale)
    h = np.log((1 - level) * (1 + a) / 2) / np.log(a) - 1
    return max(int(np.ceil(h - 1e-9)), 0)


def scale_of(half_width95: float) -> float:
    """Scale of Laplace noise of which 95 % lie within this half width."""
    return float(half_width95 / np.log(20.0))


def share_ranges(counts: Ints, scale: float, chosen: int = 1) -> tuple[Floats, Floats]:
    """90 % ranges of the true share behind every cell of one question whose options exclude each other.

    Args:
        counts: noisy counts, shape ``(..., K)``.
        scale: of the noise of one cell, in answers; 0 for exact counts.
        chosen: every count of ``counts`` is the sum of so many cells of its own; 1 unless options were joined.
    Returns:
        Lowest and highest share, shape ``(..., K)`` each, within 0 to 1.
    """
    total = counts.sum(axis=-1, keepdims=True).astype(np.float64)
    cells = counts.shape[-1] * chosen
    return _ranges(counts.astype(np.float64), total, scale, chosen, cells)


def joined_range(count: Floats, total: Floats, scale: float, joined: int, cells: int) -> tuple[Floats, Floats]:
    """The range of the share of ``joined`` out of ``cells`` noisy cells together; arrays of one shape."""
    return _ranges(np.asarray(count, dtype=np.float64), np.asarray(total, dtype=np.float64), scale, joined, cells)


def _ranges(count: Floats, total: Floats, scale: float, joined: int, cells: int) -> tuple[Floats, Floats]:
    """Where the quadratic in p that the module's head derives changes its sign, exactly."""
    n = np.maximum(total, 1.0)
    noise = 2 * scale**2
    low, high = (_end(count + sign * CONTINUITY, total, n, noise, joined, cells, sign) for sign in (-1, 1))
    return np.clip(low, 0.0, 1.0), np.clip(high, 0.0, 1.0)


def _end(count: Floats, total: Floats, n: Floats, noise: float, joined: int, cells: int, sign: int) -> Floats:
    """(c - p N)² = z² (n p (1 - p) + s² (m (1 - p)² + (K - m) p²)) solved for p; everything where N itself may be 0."""
    z2 = REACH**2
    a = total**2 + z2 * n - z2 * noise * cells
    b = -2 * count * total - z2 * n + 2 * z2 * noise * joined
    c = count**2 - z2 * noise * joined
    inside = b**2 - 4 * a * c
    open_ended = (a <= 0) | (inside < 0)
    root = np.sqrt(np.maximum(inside, 0.0))
    end: Floats = (-b + sign * root) / np.where(open_ended, 1.0, 2 * a)
    return np.where(open_ended, float(sign > 0), end)


def share_draws(counts: Ints, scale: float, joined: Ints, count: int, rng: np.random.Generator) -> Floats:
    """Draws of the true share of the ``joined`` options together, shape ``(count,)``, within 0 to 1."""
    total = max(float(counts.sum()), 1.0)
    observed = float(counts[joined].sum()) / total
    share = min(max(observed, 0.5 / total), 1 - 0.5 / total)
    m, k = len(joined), len(counts)
    variance = share * (1 - share) / total + 2 * scale**2 * (m * (1 - share) ** 2 + (k - m) * share**2) / total**2
    drawn: Floats = np.clip(observed + np.sqrt(variance) * rng.standard_normal(count), 0.0, 1.0)
    return drawn


def support_range(pro: Ints, contra: Ints, weight: Floats, scale: float) -> tuple[float, float, float]:
    """Support among those whom a measure affects: estimate and 90 % range, all 0 to 1.

    Args:
        pro, contra: noisy counts per cell of the map, shape ``(n_cells,)``.
        weight: people living in the cell if the model says that it is affected, else 0; same shape.
        scale: of the noise of one count, in answers.
    Raises:
        ValueError: nobody is affected, or the noise drowns the number of answers.
    """
    if weight.sum() <= 0:
        raise ValueError("the model says that nobody is affected")
    groups = merged_cells((pro + contra).astype(np.float64), weight, scale)
    size = groups.max() + 1
    for_it, all_of_it, people = (
        np.bincount(groups, values, minlength=size)
        for values in (pro * (weight > 0), (pro + contra) * (weight > 0), weight)
    )
    cells = np.bincount(groups, weight > 0, minlength=size).astype(np.float64)
    share = np.clip(for_it / np.maximum(all_of_it, 1.0), 0.0, 1.0)
    shrunk = np.clip(share, 0.5 / np.maximum(all_of_it, 1), 1 - 0.5 / np.maximum(all_of_it, 1))
    noise = 2 * scale**2 * cells * ((1 - shrunk) ** 2 + shrunk**2)
    variance = shrunk * (1 - shrunk) / np.maximum(all_of_it, 1) + noise / np.maximum(all_of_it, 1) ** 2
    if size == 1:  # few answers: the range that stays right while noise is not small against them
        low, high = joined_range(
            for_it.astype(np.float64), all_of_it.astype(np.float64), scale, int(cells[0]), 2 * int(cells[0])
        )
        return float(share[0]), float(low[0]), float(high[0])
    part = people / people.sum()
    mean, error = float(part @ share), SUPPORT_REACH * float(np.sqrt(part**2 @ variance))
    return mean, max(mean - error, 0.0), min(mean + error, 1.0)


def merged_cells(answers: Floats, weight: Floats, scale: float) -> Ints:
    """Group of each cell: neighbours in order are joined until every group holds enough answers to say something.

    Raises:
        ValueError: even all of them together do not.
    """
    enough = 30.0
    groups, group, held, noisy = np.zeros(len(answers), dtype=np.int64), 0, 0.0, 0
    for cell, (count, people) in enumerate(zip(answers.tolist(), weight.tolist(), strict=True)):
        groups[cell] = group
        if people > 0:
            held, noisy = held + count, noisy + 1
            if held >= max(enough, 6 * scale * np.sqrt(2 * noisy)):
                group, held, noisy = group + 1, 0.0, 0
    if group == 0 and held < 3 * scale * np.sqrt(2 * max(noisy, 1)):
        raise ValueError("the noise drowns the number of answers")
    return np.minimum(groups, max(group - 1, 0))


def range_of(draws: Floats) -> tuple[float, float]:
    """The 90 % range of draws that hold both what was released and what is assumed, shape ``(n_draws,)``."""
    low, high = np.percentile(draws, TAILS)
    return float(low), float(high)


def fewer_trips(share_of_flow: Floats, actual: Floats, changing: Floats) -> Floats:
    """Trips that remain where people say that they would change, as a multiple of the trips before.

    Args:
        share_of_flow: share of each pair's trips that pass the closed link, 0 to 1.
        actual: how much of what people state they do, 0 to 1 (stated-to-actual discount).
        changing: share that states another mode or no trip.
    """
    left: Floats = 1 - share_of_flow * actual * changing
    return left
