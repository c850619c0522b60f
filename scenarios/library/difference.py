"""What a measure changes, and what is only noise of the calculation."""

from __future__ import annotations

from typing import Final

import numpy as np

from scenarios.library.arrays import Floats
from scenarios.library.assignment import Assignment

SURE: Final = 0.95
"""Share of the draws that must agree on the sign before a change is shown: then its 90 % range does not cross zero."""
STRONG_SHARE: Final = 0.25
"""A change by at least this share of the flow before is a strong one …"""
STRONG_VPH: Final = 100.0
"""… if it is at least this many vehicles per hour."""
MATERIAL_VPH: Final = 10.0
"""Less than one vehicle in six minutes is not worth a colour, however exactly it is computed."""


def noise_floor(before: Assignment, after: Assignment) -> float:
    """Vehicles per hour below which a difference of the two flows says nothing: both solvers' own noise together.

    Raises:
        ValueError: if one of the assignments was run without measuring its noise.
    """
    floors = before.certificate.noise_floor, after.certificate.noise_floor
    if floors[0] is None or floors[1] is None:
        raise ValueError("assign with measure_noise=True before comparing")
    return floors[0] + floors[1]


def shown(before: Floats, after: Floats, floor: float) -> Floats:
    """The differences with everything at or below the floor set to 0, same shape."""
    change = after - before
    return np.where(np.abs(change) > floor, change, 0.0)


def sign_probability(best: Floats, draws: Floats) -> Floats:
    """How sure the sign of a change is: the share of draws that have it.

    Args:
        best: the change with the best inputs, shape ``(n,)``.
        draws: one row per draw, shape ``(n_draws, n)``.
    Returns:
        Shape ``(n,)``, from 0 to 1; 0 where nothing changes.
    """
    direction = np.sign(best)
    agreeing: Floats = np.mean((np.sign(draws) == direction) & (direction != 0), axis=0)
    return agreeing


def classes(before: Floats, after: Floats, p_sign: Floats, floor: float) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
    """Difference classes −2 much less, −1 less, 0 no clear change, 1 more, 2 much more, shape ``(n,)``."""
    change = shown(before, after, max(floor, MATERIAL_VPH))
    clear = (change != 0) & (p_sign >= SURE)
    strong = (np.abs(change) >= STRONG_SHARE * before) & (np.abs(change) >= STRONG_VPH)
    grade = np.where(clear, np.where(strong, 2, 1), 0)
    return (np.sign(change) * grade).astype(np.int8)
