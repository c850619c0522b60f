from __future__ import annotations

import numpy as np
import pytest

from privacy import dp, estimates


def test_shares_refer_to_the_noisy_number_of_answers_and_are_not_clipped() -> None:
    shares = estimates.of_one(np.array([170, 112, 79, -2]), 4)
    assert shares is not None
    assert shares.n == 359
    assert shares.estimate == pytest.approx([170 / 359, 112 / 359, 79 / 359, -2 / 359])
    assert (shares.low >= 0).all()
    assert (shares.high <= 1).all()
    assert (shares.low < shares.high).all()


def test_a_range_without_noise_is_wilsons_with_half_a_unit_added() -> None:
    shares = estimates.of_one(np.array([40, 60]), 0)
    assert shares is not None
    assert shares.low[0] == pytest.approx(0.3047, abs=0.002)
    assert shares.high[0] == pytest.approx(0.5031, abs=0.002)


def test_an_option_that_noise_pushed_below_nothing_keeps_an_honest_range() -> None:
    shares = estimates.of_one(np.array([-6, 406]), 4)
    assert shares is not None
    assert shares.low[0] == 0
    # (p − 0.00125)² = 3.84 p (1 − p) / 400 + (4 / 400)² ((1 − p)² + p²) at p = 0.0174
    assert shares.high[0] == pytest.approx(0.0174, abs=0.0002)
    assert shares.high[1] == 1
    assert shares.low[1] == pytest.approx(1 - 0.0174, abs=0.0002)


def test_noise_that_drowns_the_answers_gives_no_share() -> None:
    assert estimates.of_one(np.array([9, -4, 3, 8, 2]), 15) is None
    assert estimates.of_many(np.array([3, 5]), 10, 4) is None


def test_ticked_options_refer_to_those_who_answered() -> None:
    shares = estimates.of_many(np.array([80, 30]), 100, 4)
    assert shares is not None
    assert shares.n == 100
    assert shares.estimate == pytest.approx([0.8, 0.3])


def test_the_mean_of_a_scale_has_its_error() -> None:
    mean = estimates.mean(np.array([0, 0, 100, 100, 0]), np.array([1.0, 2, 3, 4, 5]), 4)
    assert mean is not None
    assert mean.value == pytest.approx(3.5)
    # sampling: 1.96 · 0.5 / √200 = 0.0693; noise: 4 · √(6.25 + 2.25 + 0.25 + 0.25 + 2.25) / 200 = 0.0671
    assert mean.error95 == pytest.approx(0.0965, abs=0.0005)


@pytest.mark.parametrize("units", [50, 150, 1000, 5000])
@pytest.mark.parametrize("true", [(0.41, 0.27, 0.19, 0.13), (0.9, 0.05, 0.03, 0.02), (0.5, 0.5)])
def test_the_range_of_noise_and_sampling_covers_the_true_share(units: int, true: tuple[float, ...]) -> None:
    mechanism = dp.laplace(0.8, dp.sensitivity(1))
    rng = np.random.default_rng(units)
    drawn = rng.multinomial(units, true, 3000)
    noisy = dp.noisy(drawn, mechanism)
    covered = np.zeros(len(true))
    for row in noisy:
        shares = estimates.of_one(row, mechanism.error95)
        assert shares is not None
        covered += (shares.low <= true) & (true <= shares.high)
    # 95 % less four standard deviations of 3,000 runs.
    assert (covered / 3000 >= 0.95 - 4 * (0.05 * 0.95 / 3000) ** 0.5).all()
