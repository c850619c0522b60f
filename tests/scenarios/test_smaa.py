from __future__ import annotations

import numpy as np
import pytest

from scenarios.library import smaa


def test_an_option_that_is_always_better_wins_with_any_weights() -> None:
    random = np.random.default_rng(1)
    scores = np.tile(np.array([[0.9, 0.8], [0.2, 0.1]]), (500, 1, 1))
    found = smaa.acceptability(scores, smaa.any_weights(2, 500, random))
    assert found.rank == pytest.approx(np.array([[1.0, 0.0], [0.0, 1.0]]))
    assert found.winner == 0


def test_below_four_in_five_nothing_is_called_the_winner() -> None:
    # Option 0 is best on the first indicator, option 1 on the second; weights decide.
    scores = np.tile(np.eye(2), (100, 1, 1))
    seventy_nine = np.where(np.arange(100)[:, None] < 79, [[0.6, 0.4]], [[0.4, 0.6]])
    eighty = np.where(np.arange(100)[:, None] < 80, [[0.6, 0.4]], [[0.4, 0.6]])
    assert smaa.acceptability(scores, seventy_nine).first == pytest.approx([0.79, 0.21])
    assert smaa.acceptability(scores, seventy_nine).winner is None
    assert smaa.acceptability(scores, eighty).winner == 0


def test_options_that_tie_share_their_ranks() -> None:
    scores = np.tile(np.array([[0.5], [0.5], [0.1]]), (10, 1, 1))
    found = smaa.acceptability(scores, np.ones((10, 1)))
    assert found.rank == pytest.approx(np.array([[0.5, 0.5, 0.0], [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]]))
    assert found.winner is None


def test_scores_run_from_worst_to_best_and_ignore_what_does_not_differ() -> None:
    values = np.array([[[10.0, 3.0], [20.0, 3.0]], [[15.0, 3.0], [30.0, 3.0]]])
    scored = smaa.scores(values, np.array([True, True]))
    assert scored[..., 0] == pytest.approx(np.array([[1.0, 0.5], [0.75, 0.0]]))
    assert scored[..., 1] == pytest.approx(np.ones((2, 2)))


def test_the_nearest_point_of_the_simplex() -> None:
    points = np.array([[0.2, 0.3, 0.5], [0.5, 0.5, 0.6], [1.4, -0.2, 0.1]])
    nearest = smaa.on_simplex(points)
    assert nearest == pytest.approx(np.array([[0.2, 0.3, 0.5], [0.3, 0.3, 0.4], [1.0, 0.0, 0.0]]))


@pytest.mark.parametrize("error95", [0.02, 0.10])
def test_the_error_of_a_release_arrives_in_the_weights(error95: float) -> None:
    share = np.array([0.4, 0.35, 0.25])
    weights = smaa.released_weights(share, np.full(3, error95), 40_000, np.random.default_rng(7))
    assert weights.sum(axis=1) == pytest.approx(np.ones(40_000))
    assert (weights >= 0).all()
    assert weights.mean(axis=0) == pytest.approx(share, abs=0.002)
    assert 1.96 * weights.std(axis=0) == pytest.approx(np.full(3, error95), rel=0.03)


def test_privacy_noise_turns_a_sure_winner_into_an_open_question() -> None:
    scores = np.tile(np.array([[1.0, 0.0], [0.0, 1.0]]), (20_000, 1, 1))
    share = np.array([0.55, 0.45])
    exact = smaa.released_weights(share, np.array([0.02, 0.02]), 20_000, np.random.default_rng(3))
    noisy = smaa.released_weights(share, np.array([0.15, 0.15]), 20_000, np.random.default_rng(3))
    assert smaa.acceptability(scores, exact).winner == 0
    assert smaa.acceptability(scores, noisy).winner is None
