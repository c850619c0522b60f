"""ISO/TR 17534-4, cases TC01 to TC04: a source of 93 dB per band 1 m high, a receiver 194.16 m away and 4 m high."""

from __future__ import annotations

import numpy as np
import pytest

from scenarios.library import sound_path
from scenarios.library.arrays import Floats

POWER_DB = 93.0
DISTANCE_M = np.array([np.hypot(200 - 10, 50 - 10)])
MIXED = (0.2 * 40.88 + 0.5 * 102.19 + 0.9 * 51.09) / 194.16
CASES = {
    "TC01": (
        0.0,
        [39.21, 39.16, 39.03, 38.86, 38.53, 37.36, 32.87, 16.54],
        [40.58, 40.52, 40.40, 40.23, 39.89, 38.72, 34.24, 17.90],
        [39.95, 39.89, 39.77, 39.60, 39.26, 38.09, 33.61, 17.27],
    ),
    "TC02": (
        0.5,
        [37.71, 37.66, 37.53, 35.01, 29.82, 35.86, 31.37, 15.04],
        [38.39, 38.34, 38.22, 38.04, 36.45, 36.54, 32.05, 15.72],
        [38.07, 38.01, 37.89, 36.79, 34.29, 36.21, 31.73, 15.39],
    ),
    "TC03": (
        1.0,
        [36.21, 36.16, 34.45, 26.19, 30.49, 34.36, 29.87, 13.54],
        [36.21, 36.16, 36.03, 31.63, 35.53, 34.36, 29.87, 13.54],
        [36.21, 36.16, 35.31, 29.71, 33.70, 34.36, 29.87, 13.54],
    ),
    "TC04": (
        MIXED,
        [37.59, 37.53, 37.41, 34.10, 29.29, 35.73, 31.25, 14.91],
        [38.21, 38.15, 38.03, 37.86, 36.48, 36.36, 31.87, 15.54],
        [37.91, 37.85, 37.73, 36.37, 34.23, 36.06, 31.57, 15.24],
    ),
}


@pytest.mark.parametrize(("ground", "still", "bent", "mean"), CASES.values(), ids=CASES)
def test_levels_agree_with_the_reference_case_to_a_tenth_of_a_decibel(
    ground: float, still: list[float], bent: list[float], mean: list[float]
) -> None:
    def level(change: Floats) -> list[float]:
        found: list[float] = (POWER_DB + change[0]).tolist()
        return found

    assert level(sound_path.homogeneous_db(DISTANCE_M, 1, 4, ground, ground)) == pytest.approx(still, abs=0.1)
    assert level(sound_path.favourable_db(DISTANCE_M, 1, 4, ground, ground)) == pytest.approx(bent, abs=0.1)
    both = sound_path.level_change_db(DISTANCE_M, 1, 4, ground, ground_at_source=ground)
    assert level(both) == pytest.approx(mean, abs=0.1)


def test_air_absorbs_as_iso_9613_tabulates_for_10_degrees_and_70_percent() -> None:
    assert sound_path.air_absorption_db_per_km().tolist() == pytest.approx(
        [0.122, 0.411, 1.04, 1.93, 3.66, 9.66, 32.8, 117.0], rel=0.01
    )


def test_it_gets_quieter_with_every_metre() -> None:
    change = sound_path.level_change_db(np.arange(5.0, 800.0, 5.0), 0.05, 4.0, 0.2)
    assert (np.diff(10 * np.log10(np.sum(10 ** (change / 10), axis=1))) < 0).all()
