from __future__ import annotations

import numpy as np
import pytest

from scenarios.library import demand


def test_trip_ends_follow_floor_area() -> None:
    rates = demand.TripRates(homes_out=0.5, homes_in=0.2, works_out=0.1, works_in=1.0, source="made up")
    out, into = demand.trip_ends(np.array([2000.0, 0.0]), np.array([0.0, 3000.0]), rates)
    assert out == pytest.approx([10.0, 3.0])
    assert into == pytest.approx([4.0, 30.0])


def test_balancing_keeps_both_sums_and_the_odds_of_the_prior() -> None:
    prior = np.array([[1.0, 2.0], [3.0, 4.0]])
    trips = demand.balance(prior, np.array([30.0, 70.0]), np.array([60.0, 40.0]))
    assert trips.sum(axis=1) == pytest.approx([30.0, 70.0])
    assert trips.sum(axis=0) == pytest.approx([60.0, 40.0])
    assert trips[0, 0] * trips[1, 1] / (trips[0, 1] * trips[1, 0]) == pytest.approx(1 * 4 / (2 * 3))


def test_totals_that_differ_are_refused() -> None:
    with pytest.raises(ValueError, match="10 trips begin and 12 end"):
        demand.balance(np.ones((2, 2)), np.array([5.0, 5.0]), np.array([6.0, 6.0]))


def test_trips_to_a_zone_that_nothing_reaches_are_refused() -> None:
    with pytest.raises(ValueError, match="zone 1"):
        demand.balance(np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([5.0, 5.0]), np.array([5.0, 5.0]))


def test_nearby_zones_attract_more_than_far_ones_but_nobody_drives_around_the_corner() -> None:
    attraction = demand.tanner(np.array([0.0, 1.0, 4.0, 20.0, np.inf]), 1.0, 0.25)
    assert attraction == pytest.approx([0.0, np.exp(-0.25), 4 * np.exp(-1.0), 20 * np.exp(-5.0), 0.0])


def test_gravity_places_every_trip_and_none_within_a_zone() -> None:
    minutes = np.array([[0.0, 5.0, 9.0], [5.0, 0.0, 6.0], [9.0, 6.0, 0.0]])
    trips = demand.gravity(
        np.array([100.0, 50.0, 80.0]), np.array([1.0, 1.0, 1.0]), minutes, power=1.0, rate_per_min=0.2
    )
    assert np.diag(trips) == pytest.approx([0.0, 0.0, 0.0])
    assert trips.sum(axis=1) == pytest.approx([100.0, 50.0, 80.0])
    assert trips.sum(axis=0) == pytest.approx([230 / 3] * 3)
