from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from scenarios.library import counts_to_od
from scenarios.library.arrays import Floats
from scenarios.library.assignment import assign
from scenarios.library.counts_to_od import Prior, Spread
from scenarios.library.statements import REACH
from tests.scenarios.towns import grid_town, two_routes


def test_one_pair_and_one_counter_meet_in_the_middle_of_their_errors() -> None:
    prior = Prior(np.array([0]), np.array([1]), np.array([100.0]), Spread(0.3, 0.0, 0.0, 0.4))
    # variance of the prior 50²; of the count 25²: 100 + 2500 / 3125 · 50
    found = counts_to_od.calibrate(prior, sparse.csr_array(np.array([[1.0]])), np.array([150.0]), np.array([25.0]))
    assert found.volume[0] == pytest.approx(140.0)
    low, high = found.range90(sparse.csr_array(np.array([[1.0]])))
    # what is left is 2500·625/3125 = 500
    assert (high[0] - low[0]) / 2 == pytest.approx(REACH * np.sqrt(500.0))


def test_what_is_wrong_everywhere_is_learnt_from_one_street() -> None:
    prior = Prior(np.array([0, 1]), np.array([1, 0]), np.array([100.0, 200.0]), Spread(0.0, 0.0, 0.0, 1.0))
    found = counts_to_od.calibrate(prior, sparse.csr_array(np.array([[1.0, 0.0]])), np.array([50.0]), np.array([1e-3]))
    assert found.volume.tolist() == pytest.approx([50.0, 100.0], rel=1e-3)


def street_errors(seed: int, *, structured: bool) -> tuple[float, float, counts_to_od.HoldOut]:
    """Error on streets without a counter before and after, and what the hold-out said."""
    random = np.random.default_rng(seed)
    network, true = grid_town(8, 12, 4000.0, seed=seed)
    flow = assign(network.graph, network.delay, true).flow
    if structured:
        by_zone = np.exp(random.normal(0, 0.3, 12))[:, None] * np.exp(random.normal(0, 0.3, 12))
        wrong = 0.75 * true * by_zone
    else:
        wrong = true
    busy = np.flatnonzero(flow > 50)
    links = random.choice(busy, 25, replace=False)
    counts = np.maximum(flow[links] * (1 + 0.08 * random.normal(size=25)), 0.0)
    better, said = counts_to_od.from_counts(network, wrong, links, counts, 0.1 * flow[links] + 3)
    rest = np.setdiff1d(busy, links)

    def error(demand: Floats) -> float:
        there = assign(network.graph, network.delay, demand).flow
        return float(np.sqrt(np.mean((there[rest] - flow[rest]) ** 2)))

    return error(wrong), error(better), said


@pytest.mark.parametrize("seed", [1, 3])
def test_counts_halve_the_error_on_streets_without_a_counter_when_zones_are_wrong(seed: int) -> None:
    before, after, said = street_errors(seed, structured=True)
    assert after < 0.6 * before
    assert said.geh_after < said.geh_before


def test_no_gain_is_said_when_there_is_none() -> None:
    _before, _after, said = street_errors(1, structured=False)
    assert not said.gain
    assert said.sentence().endswith(": no gain.")


def test_fewer_than_five_counters_cannot_check_themselves() -> None:
    network, demand = two_routes()
    with pytest.raises(ValueError, match="2 counters are too few to leave one out: 5 are needed"):
        counts_to_od.from_counts(network, demand, np.array([0, 1]), np.array([900.0, 900.0]), np.array([9.0, 9.0]))


def test_geh_is_what_the_manual_says() -> None:
    assert counts_to_od.geh(np.array([1200.0]), np.array([1000.0]))[0] == pytest.approx(6.0302, abs=1e-4)
