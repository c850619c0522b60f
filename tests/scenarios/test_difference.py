from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scenarios.library import difference
from scenarios.library.assignment import SHIPPED_GAP, assign
from tests.scenarios.test_assignment import read_town
from tests.scenarios.towns import two_routes


def test_differences_below_the_floor_are_hidden() -> None:
    before, after = np.array([100.0, 100.0, 100.0]), np.array([104.0, 96.0, 105.1])
    assert difference.shown(before, after, 5.0) == pytest.approx([0.0, 0.0, 5.1])


def test_the_sign_of_a_change_is_as_sure_as_the_draws_agree() -> None:
    changes = np.array([[1.0, -2.0, 0.0], [3.0, -1.0, 0.0], [2.0, 4.0, 0.0], [2.0, -5.0, 0.0]])
    assert difference.sign_probability(changes[0], changes) == pytest.approx([1.0, 0.75, 0.0])


def test_a_change_gets_its_class_only_where_its_sign_is_sure() -> None:
    before = np.array([1000.0, 1000.0, 1000.0, 1000.0, 40.0, 1000.0])
    after = np.array([1300.0, 1300.0, 900.0, 1009.0, 80.0, 0.0])
    p_sign = np.array([1.0, 0.9, 0.95, 1.0, 0.96, 1.0])
    assert difference.classes(before, after, p_sign, floor=1.0).tolist() == [2, 0, -1, 0, 1, -2]


def test_a_difference_needs_measured_noise() -> None:
    network, demand = two_routes()
    plain = assign(network.graph, network.delay, demand)
    with pytest.raises(ValueError, match="measure_noise"):
        difference.noise_floor(plain, plain)


def test_the_shipped_settings_show_no_spurious_and_no_wrong_sign_link_on_anaheim(shared_data: Path) -> None:
    network, demand, best = read_town(shared_data, "Anaheim")
    graph = network.graph
    inner = (graph.tail >= graph.n_zones) & (graph.head >= graph.n_zones)
    busiest = np.arange(graph.n_links) == np.argmax(np.where(inner, best, 0.0))
    assert best[busiest] == pytest.approx(13_602, abs=1)
    both = (network, network.closing(busiest))
    ours = [assign(n.graph, n.delay, demand, gap=SHIPPED_GAP, measure_noise=True) for n in both]
    truth = [assign(n.graph, n.delay, demand, gap=1e-11) for n in both]
    floor = difference.noise_floor(ours[0], ours[1])
    change = difference.shown(ours[0].flow, ours[1].flow, floor)
    true_change = truth[1].flow - truth[0].flow
    painted = change != 0
    wrong_sign = painted & (np.sign(change) != np.sign(true_change))
    spurious = painted & (np.abs(true_change) < floor / 2)
    assert (int(wrong_sign.sum()), int(spurious.sum())) == (0, 0)
    assert floor < 1.0
    assert int(painted.sum()) > 400
