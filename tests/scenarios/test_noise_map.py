from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from scenarios.library import noise_map, road_noise, sound_path
from scenarios.library.cnossos_tables import A_WEIGHT_DB
from scenarios.library.noise_map import Segments, SoundPaths
from scenarios.library.vehicles import DayProfile


def one_road(receptors: list[list[float]], points: list[list[float]], length_m: float) -> SoundPaths:
    """Everything that lies at these points is one link."""
    count = len(points)
    segments = Segments(np.array(points), np.full(count, length_m), np.zeros(count, dtype=np.int64))
    return SoundPaths(noise_map.sound_bands(np.array(receptors), segments, 1), sparse.csr_array(np.ones((1, 1))))


def test_constant_levels_give_the_lden_that_can_be_worked_out_by_hand() -> None:
    level = np.array([50.0])
    # 10 lg((12·10^5 + 4·10^5.5 + 8·10^6) / 24) = 56.40
    assert noise_map.lden_db(level, level, level)[0] == pytest.approx(56.40, abs=0.005)


def test_periods_share_a_day_of_traffic() -> None:
    day, evening, night = DayProfile(0.1, 0.6, 0.2, "").per_hour()
    assert (day, evening, night) == pytest.approx((0.5, 0.5, 0.25))
    assert 12 * day + 4 * evening + 8 * night == pytest.approx(10.0)


def test_a_receptor_hears_one_short_segment_as_a_point_source() -> None:
    power = road_noise.sound_power_db(np.array([[1000.0, 0, 0, 0, 0]]), np.full((1, 5), 50.0))
    paths = one_road([[0.0, 100.0]], [[0.0, 0.0]], 8.0)
    change = sound_path.level_change_db(np.array([100.0]), 0.05, 4.0, noise_map.GROUND)
    by_hand = 10 * np.log10(np.sum(8 * 10 ** ((power + change + A_WEIGHT_DB) / 10)))
    assert noise_map.levels_dba(paths, power)[0] == pytest.approx(by_hand, abs=1e-6)


def test_a_long_straight_road_falls_by_about_three_decibels_per_doubling() -> None:
    paths = one_road([[0.0, 20.0], [0.0, 40.0]], [[x, 0.0] for x in np.arange(-3000.0, 3000.0, 10.0)], 10.0)
    near, far = noise_map.levels_dba(paths, np.full((1, 8), 80.0))
    assert near - far == pytest.approx(3.0, abs=1.0)


def test_where_no_road_is_near_it_is_silent() -> None:
    paths = one_road([[0.0, 900.0]], [[0.0, 0.0]], 10.0)
    assert noise_map.levels_dba(paths, np.full((1, 8), 90.0)).tolist() == [20.0]
    assert paths.n_pairs == 0
