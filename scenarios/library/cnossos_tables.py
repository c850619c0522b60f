"""Coefficients of the European noise method for road vehicles, as its annex prints them.

Source: Directive (EU) 2015/996, annex, tables F-1 to F-4, and its amendment, Delegated Directive (EU) 2021/1226.
Columns are the octave bands of ``BANDS_HZ``, rows the categories of ``CATEGORIES``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from scenarios.library.arrays import Floats

BANDS_HZ: Final = np.array([63.0, 125.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0])
A_WEIGHT_DB: Final = np.array([-26.2, -16.1, -8.6, -3.2, 0.0, 1.2, 1.0, -1.1])
"""IEC 61672-1, rounded as the Directive prints it."""
CATEGORIES: Final = ("light", "medium", "heavy", "moped", "motorcycle")
"""1 light motor vehicles, 2 medium heavy, 3 heavy, 4a mopeds, 4b motorcycles."""
_NONE: Final = [0.0] * 8


@dataclass(frozen=True, eq=False)
class Surface:
    """What a road surface adds to noise at the reference speed, dB per category and band, and per decade of speed."""

    name: str
    alpha_db: Floats
    """Shape ``(5, 8)``."""
    beta_db: Floats
    """Shape ``(5,)``."""

    @classmethod
    def of(cls, name: str, light: list[float], medium: list[float], heavy: list[float], beta: list[float]) -> Surface:
        return cls(name, np.array([light, medium, heavy, _NONE, _NONE]), np.array([*beta, 0.0, 0.0]))


@dataclass(frozen=True, eq=False)
class Coefficients:
    """One edition of the method. All arrays have shape ``(5, 8)``."""

    edition: int
    rolling: Floats
    rolling_per_decade: Floats
    propulsion: Floats
    propulsion_per_speed: Floats
    surfaces: dict[str, Surface]


_ROLLING_PER_DECADE: Final = np.array(
    [
        [30.0, 41.5, 38.9, 25.7, 32.5, 37.2, 39.0, 40.0],
        [30.0, 35.8, 32.6, 23.8, 30.1, 36.2, 38.3, 40.1],
        [30.0, 33.5, 31.3, 25.4, 31.8, 37.1, 38.6, 40.6],
        _NONE,
        _NONE,
    ]
)
_PROPULSION_PER_SPEED: Final = np.array(
    [
        [-1.3, 7.2, 7.7, 8.0, 8.0, 8.0, 8.0, 8.0],
        [-1.9, 4.7, 6.4, 6.5, 6.5, 6.5, 6.5, 6.5],
        [0.0, 3.0, 4.6, 5.0, 5.0, 5.0, 5.0, 5.0],
        [4.2, 7.4, 9.8, 11.6, 15.7, 18.9, 20.3, 20.6],
        [3.2, 5.9, 11.9, 11.6, 11.5, 12.6, 11.1, 12.0],
    ]
)
REFERENCE: Final = Surface.of("reference", _NONE, _NONE, _NONE, [0.0, 0.0, 0.0])
_FR_R2: Final = Surface.of(
    "FR_R2",
    [10.8, 11.4, 12.0, 7.5, 1.5, -0.9, 1.1, 3.1],
    [20.6, 17.1, 13.7, 9.8, 10.2, 10.8, 10.1, 9.2],
    [16.7, 13.6, 10.6, 5.3, 6.3, 6.9, 6.3, 5.8],
    [-2.7, -1.2, 3.5],
)
EDITION_2015: Final = Coefficients(
    2015,
    np.array(
        [
            [79.7, 85.7, 84.5, 90.2, 97.3, 93.9, 84.1, 74.3],
            [84.0, 88.7, 91.5, 96.7, 97.4, 90.9, 83.8, 80.5],
            [87.0, 91.7, 94.1, 100.7, 100.8, 94.3, 87.1, 82.5],
            _NONE,
            _NONE,
        ]
    ),
    _ROLLING_PER_DECADE,
    np.array(
        [
            [94.5, 89.2, 88.0, 85.9, 84.2, 86.9, 83.3, 76.1],
            [101.0, 96.5, 98.8, 96.8, 98.6, 95.2, 88.8, 82.7],
            [104.4, 100.6, 101.7, 101.0, 100.1, 95.9, 91.3, 85.3],
            [88.0, 87.5, 89.5, 93.7, 96.6, 98.8, 93.9, 88.7],
            [95.0, 97.2, 92.7, 92.9, 94.7, 93.2, 90.1, 86.5],
        ]
    ),
    _PROPULSION_PER_SPEED,
    {
        "reference": REFERENCE,
        "FR_R2": _FR_R2,
        "NL01": Surface.of(
            "NL01",
            [0.5, 3.3, 2.4, 3.2, -1.3, -3.5, -2.6, 0.5],
            [0.9, 1.4, 1.8, -0.4, -5.2, -4.6, -3.0, -1.4],
            [0.9, 1.4, 1.8, -0.4, -5.2, -4.6, -3.0, -1.4],
            [-6.5, 0.2, 0.2],
        ),
        "NL02": Surface.of(
            "NL02",
            [0.4, 2.4, 0.2, -3.1, -4.2, -6.3, -4.8, -2.0],
            [0.4, 0.2, -0.7, -5.4, -6.3, -6.3, -4.7, -3.7],
            [0.4, 0.2, -0.7, -5.4, -6.3, -6.3, -4.7, -3.7],
            [-3.0, 4.7, 4.7],
        ),
        "NL03": Surface.of(
            "NL03",
            [-1.0, 1.7, -1.5, -5.3, -6.3, -8.5, -5.3, -2.4],
            [1.0, 0.1, -1.8, -5.9, -6.1, -6.7, -4.8, -3.8],
            [1.0, 0.1, -1.8, -5.9, -6.1, -6.7, -4.8, -3.8],
            [-0.1, -0.8, -0.8],
        ),
    },
)
EDITION_2021: Final = Coefficients(
    2021,
    np.array(
        [
            [83.1, 89.2, 87.7, 93.1, 100.1, 96.7, 86.8, 76.2],
            [88.7, 93.2, 95.7, 100.9, 101.7, 95.1, 87.8, 83.6],
            [91.7, 96.2, 98.2, 104.9, 105.1, 98.5, 91.1, 85.6],
            _NONE,
            _NONE,
        ]
    ),
    _ROLLING_PER_DECADE,
    np.array(
        [
            [97.9, 92.5, 90.7, 87.2, 84.7, 88.0, 84.4, 77.1],
            [105.5, 100.2, 100.5, 98.7, 101.0, 97.8, 91.2, 85.0],
            [108.8, 104.2, 103.5, 102.9, 102.6, 98.5, 93.8, 87.5],
            [93.0, 93.0, 93.5, 95.3, 97.2, 100.4, 95.8, 90.9],
            [99.9, 101.9, 96.7, 94.4, 95.2, 94.7, 92.1, 88.6],
        ]
    ),
    _PROPULSION_PER_SPEED,
    {"reference": REFERENCE, "FR_R2": _FR_R2},
)
TEMPERATURE_DB_PER_K: Final = np.array([0.08, 0.04, 0.04, 0.0, 0.0])
STUDDED_A_DB: Final = np.array([0.0, 0.0, 0.0, 2.6, 2.9, 1.5, 2.3, 9.2])
STUDDED_B_DB: Final = np.array([0.0, 0.0, 0.0, -3.1, -6.4, -14.0, -22.4, -11.4])
CROSSING, ROUNDABOUT = 1, 2
JUNCTION_ROLLING_DB: Final = {
    CROSSING: np.array([-4.5, -4.0, -4.0, 0.0, 0.0]),
    ROUNDABOUT: np.array([-4.4, -2.3, -2.3, 0.0, 0.0]),
}
JUNCTION_PROPULSION_DB: Final = {
    CROSSING: np.array([5.5, 9.0, 9.0, 0.0, 0.0]),
    ROUNDABOUT: np.array([3.1, 6.7, 6.7, 0.0, 0.0]),
}
