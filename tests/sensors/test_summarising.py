"""Figures of groups of readings, expected values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from sensors.phenomena import Summing
from sensors.summarising import summarise

ALL = np.ones(4, dtype=np.bool_)
ONE = np.zeros(4, dtype=np.intp)


def test_percentiles_are_interpolated_between_the_readings() -> None:
    (row,) = summarise(ONE, np.array([40.0, 10.0, 20.0, 30.0]), ALL, 1, Summing.MEAN).rows()
    assert row == (4, 0, 25.0, 10.0, 40.0, 13.0, 25.0, 37.0)


def test_noise_is_joined_by_its_energy() -> None:
    """Half an hour of 70 dB and half of 50 dB is 67.03 dB, not 60."""
    (row,) = summarise(ONE, np.array([70.0, 70.0, 50.0, 50.0]), ALL, 1, Summing.ENERGY).rows()
    assert row[2] == pytest.approx(67.0329, abs=1e-4)


def test_wind_from_350_and_10_degrees_is_north_wind() -> None:
    (row,) = summarise(ONE, np.array([350.0, 10.0, 355.0, 5.0]), ALL, 1, Summing.CIRCULAR).rows()
    assert min(row[2], 360 - row[2]) == pytest.approx(0, abs=1e-9)
    assert row[3:5] == pytest.approx((350.0, 10.0))


def test_readings_that_are_objected_to_are_counted_and_in_no_figure() -> None:
    good = np.array([True, False, True, True])
    (row,) = summarise(ONE, np.array([1.0, 999.0, 2.0, 3.0]), good, 1, Summing.MEAN).rows()
    assert row == pytest.approx((3, 1, 2.0, 1.0, 3.0, 1.2, 2.0, 2.8))


def test_a_group_alone_gives_the_same_bits_as_among_others() -> None:
    rng = np.random.default_rng(7)
    for summing in Summing:
        group = np.sort(rng.integers(0, 50, 3_000)).astype(np.intp)
        values = rng.uniform(20, 300, 3_000)
        good = rng.random(3_000) > 0.1
        together = summarise(group, values, good, 50, summing).rows()
        for number in range(50):
            own = group == number
            alone = summarise(np.zeros(own.sum(), dtype=np.intp), values[own], good[own], 1, summing).rows()
            assert alone == [together[number]]
