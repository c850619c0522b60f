"""Checks of a series: what they find, what they leave alone."""

from __future__ import annotations

import csv
import gzip

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from sensors import quality, times
from sensors.phenomena import PM2_5
from sensors.quality import HOUR_US, Flag, Limits
from tests.conftest import SHARED_DATA

DUST = Limits(*PM2_5.plausible, step=PM2_5.step, stuck_h=PM2_5.stuck_h, resting=PM2_5.resting)


def hours(count: int) -> quality.Times:
    return np.arange(count, dtype=np.int64) * HOUR_US


def flagged(bits: quality.Bits, flag: Flag) -> list[int]:
    return np.flatnonzero(bits & flag).tolist()


def noisy(count: int) -> quality.Values:
    return np.asarray(10 + np.sin(np.arange(count) * 1.7))


def test_a_run_of_equal_values_is_stuck_from_its_first_to_its_last_reading() -> None:
    values = noisy(30)
    values[10:20] = 32.0
    assert flagged(quality.window_flags(hours(30), values, DUST), Flag.STUCK) == list(range(10, 20))


def test_a_shorter_run_and_a_run_at_the_resting_value_are_ordinary() -> None:
    values = noisy(40)
    values[5:12] = 32.0  # six hours
    values[20:35] = 0.0  # no dust, no cars
    assert flagged(quality.window_flags(hours(40), values, DUST), Flag.STUCK) == []


def test_a_gap_ends_a_run_and_marks_the_first_reading_after_it() -> None:
    values = noisy(30)
    values[6:14] = 32.0
    moments = hours(30)
    moments[10:] += 30 * HOUR_US
    bits = quality.window_flags(moments, values, DUST)
    assert flagged(bits, Flag.STUCK) == []
    assert flagged(bits, Flag.GAP) == [10]


def test_a_single_spike_is_a_spike_and_not_two_steps() -> None:
    values = noisy(30)
    values[15] = 400.0
    bits = quality.window_flags(hours(30), values, DUST)
    assert flagged(bits, Flag.SPIKE) == [15]
    assert flagged(bits, Flag.STEP) == []


def test_a_lasting_jump_is_one_step() -> None:
    values = noisy(40)
    values[20:] += 300
    assert flagged(quality.window_flags(hours(40), values, DUST), Flag.STEP) == [20]


def test_very_humid_air_marks_the_dust_readings_within_half_an_hour() -> None:
    minutes = np.array([0, 10, 45, 120], dtype=np.int64) * 60_000_000
    humidity_at = np.array([5, 100], dtype=np.int64) * 60_000_000
    marked = quality.humid_mask(minutes, humidity_at, np.array([92.0, 60.0]))
    assert marked.tolist() == [True, True, False, False]
    assert quality.humid_mask(minutes, humidity_at[:0], np.array([])).tolist() == [False] * 4


def test_reasons_are_words() -> None:
    assert quality.reasons(Flag.STUCK | Flag.GAP) == ["stuck: the same value for hours", "first reading after a gap"]


@given(st.integers(0, 60).flatmap(lambda n: arrays(np.float64, n, elements=st.floats(-1e6, 1e6))))
def test_no_series_breaks_a_check_and_no_value_is_changed(values: quality.Values) -> None:
    before = values.copy()
    bits = quality.window_flags(hours(len(values)), values, DUST)
    assert bits.shape == values.shape
    assert np.array_equal(values, before)


def test_the_berlin_boxes_yield_the_stuck_one_and_the_four_absurd_values() -> None:
    path = SHARED_DATA / "sensors" / "opensensemap_berlin_pm25.csv.gz"
    if not path.is_file():
        pytest.skip(f"{path} is not here")
    boxes: dict[str, dict[int, float]] = {}
    with gzip.open(path, "rt") as stream:
        for row in csv.DictReader(stream):
            boxes.setdefault(row["sensorId"], {})[times.microseconds(row["createdAt"])] = float(row["value"])
    stuck, absurd, objected, readings = set(), 0, 0, 0
    for box, series in boxes.items():
        moments = np.array(sorted(series), dtype=np.int64)
        values = np.array([series[moment] for moment in moments.tolist()])
        bits = quality.window_flags(moments, values, DUST)
        out_of_range = quality.range_mask(values, *PM2_5.plausible)
        if (bits & Flag.STUCK).any():
            stuck.add(box)
        absurd += int(out_of_range.sum())
        if not (bits & Flag.STUCK).any():
            objected += int((((bits & quality.OBJECTIONS) != 0) & ~out_of_range).sum())
            readings += len(values)
    assert stuck == {"61056a6a95edc2001b2dd4ce"}
    assert absurd == 4
    assert objected / readings < 0.005


def test_a_box_far_from_at_least_three_neighbours_is_marked() -> None:
    own = np.array([9.0, 90.0, 400.0, 400.0, np.nan])
    around = np.array([[10, 11, 12], [10, 11, 12], [10, 11, np.nan], [40, 45, 50], [10, 11, 12]], dtype=np.float64)
    assert quality.neighbour_mask(own, around, ratio=8, least=40).tolist() == [False, True, False, True, False]
    clean = np.array([1.0])
    assert quality.neighbour_mask(clean, np.array([[90.0, 95.0, 99.0]]), ratio=8, least=40).tolist() == [True]
