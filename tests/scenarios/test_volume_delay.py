from __future__ import annotations

import numpy as np
import pytest

from scenarios.library.volume_delay import VolumeDelay


def test_the_textbook_function() -> None:
    delay = VolumeDelay.bpr(np.array([10.0, 10.0, 10.0]), np.array([1000.0, 1000.0, 1000.0]))
    assert delay.cost(np.array([0.0, 1000.0, 2000.0])) == pytest.approx([10.0, 11.5, 34.0])


def test_the_slope_is_the_derivative_of_the_cost() -> None:
    delay = VolumeDelay.bpr(np.array([10.0, 3.0]), np.array([1000.0, 400.0]))
    volume, step = np.array([700.0, 900.0]), 1e-3
    rise = (delay.cost(volume + step) - delay.cost(volume - step)) / (2 * step)
    assert delay.slope(volume) == pytest.approx(rise, rel=1e-6)


def test_the_integral_adds_up_the_cost() -> None:
    delay = VolumeDelay.bpr(np.array([10.0]), np.array([1000.0]))
    steps = np.linspace(0, 1500, 15_001)
    costs = np.array([float(delay.cost(np.array([v]))[0]) for v in steps])
    assert delay.integral(np.array([1500.0])) == pytest.approx(np.trapezoid(costs, steps), rel=1e-6)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"capacity_vph": [-1.0]}, "capacity_vph must be finite and not negative"),
        ({"free_flow_time": [np.nan]}, "free_flow_time must be finite"),
        ({"capacity_vph": [0.0]}, "no closed link"),
    ],
)
def test_impossible_values_are_refused(changes: dict[str, list[float]], said: str) -> None:
    given = {
        "free_flow_time": [1.0],
        "capacity_vph": [100.0],
        "coefficient": [0.15],
        "power": [4.0],
        "fixed_cost": [0.0],
    }
    with pytest.raises(ValueError, match=said):
        VolumeDelay(**{name: np.array(values) for name, values in (given | changes).items()})
