from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.models import User
from scenarios import comparing, importing, measuring, planning
from scenarios.library.assignment import assign
from scenarios.library.city import STREET, CityNetwork
from scenarios.measuring import BadMeasure, Planned
from scenarios.models import Network
from sources import osm
from tests.scenarios.conftest import BRIDGE, computed
from tests.scenarios.villages import place, village

WORKS = {"kind": "road_works", "ways": BRIDGE, "begins": "2027-05-03", "ends": "2027-06-30", "hours": [22, 6]}


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> CityNetwork:
    return importing.build(osm.read(village(tmp_path_factory.mktemp("village")))).network


def plan(city: CityNetwork, *raw: dict[str, Any]) -> Planned:
    return measuring.planned(city, [measuring.checked(city, one) for one in raw])


def test_measures_add_up_in_their_order(city: CityNetwork) -> None:
    found = plan(
        city,
        {"kind": "close_links", "ways": BRIDGE},
        {"kind": "set_speed", "ways": [200], "kmh": 15},
        {"kind": "set_capacity", "ways": [200], "factor": 0.5},
        {"kind": "scale_demand", "factor": 0.9},
    )
    street = city.links_of(np.array([200]))
    assert found.measures.closed.tolist() == city.links_of(np.array(BRIDGE)).tolist()
    assert set(found.measures.speed[street].tolist()) == {0.5}
    assert set(found.measures.capacity[street].tolist()) == {0.5}
    assert (found.measures.demand, found.hour, found.level) == (0.9, 16, 1.0)


def test_a_slower_street_takes_longer_when_it_is_empty(city: CityNetwork) -> None:
    found = plan(city, {"kind": "set_speed", "ways": [200], "kmh": 15})
    network = city.road_network()
    street = city.links_of(np.array([200]))
    before, after = network.delay.free_flow_time[street], found.measures.after(network).delay.free_flow_time[street]
    assert after.tolist() == pytest.approx((2 * before).tolist())


def test_one_way_leaves_the_direction_that_is_named(city: CityNetwork) -> None:
    closed = plan(city, {"kind": "one_way", "ways": [200], "towards": "east"}).measures.closed
    assert 0 < closed.sum() < city.links_of(np.array([200])).sum()
    assert (city.node_lonlat[city.head[closed], 0] < city.node_lonlat[city.tail[closed], 0]).all()


def test_a_new_street_is_not_there_before_and_carries_cars_after(city: CityNetwork) -> None:
    link = {"kind": "add_link", "from": list(place(3, 1)), "to": list(place(3, 2)), "kmh": 40, "capacity_vph": 1500}
    found = plan(city, link)
    added = found.measures.added
    assert (found.city.n_links, int(added.sum())) == (city.n_links + 2, 2)
    assert set(found.city.way_id[added].tolist()) == {-1}
    network = found.city.road_network()
    demand = np.ones((len(city.zone_node), len(city.zone_node)))
    flows = [assign(side.graph, side.delay, demand).flow for side in (found.measures.before(network), network)]
    assert flows[0][added].sum() == 0.0 < flows[1][added].sum()
    assert (found.city.kind[added] == STREET).all()


def test_works_at_night_are_computed_for_the_busiest_night_hour(city: CityNetwork) -> None:
    found = plan(city, WORKS)
    assert (found.hour, found.all_day) == (22, False)
    assert found.level == pytest.approx(0.28)
    assert plan(city, WORKS | {"hours": [6, 22]}).all_day


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ({"kind": "one_way", "ways": [200], "towards": "up"}, "“towards” is north, east, south or west"),
        ({"kind": "set_speed", "ways": [200], "kmh": 500}, "“kmh” is a number from 5 to 130."),
        ({"kind": "set_speed", "ways": [200], "kmh": True}, "“kmh” is a number from 5 to 130."),
        ({"kind": "set_capacity", "ways": [200], "factor": 0}, "“factor” is a number from 0.1 to 4."),
        ({"kind": "scale_demand"}, "“factor” is a number from 0.1 to 3."),
        ({"kind": "add_link", "from": [0, 0], "to": [1, 1]}, "No junction of the network lies within 50 m of “from”."),
        ({"kind": "add_link", "from": "here"}, "“from” is \\[longitude, latitude\\] of a junction."),
        (WORKS | {"ends": "2027-01-01"}, "The works end before they begin."),
        (WORKS | {"begins": "soon"}, "“begins” is a day such as 2027-05-03."),
        (WORKS | {"hours": [5, 5]}, "“hours” are two whole hours of the day"),
    ],
)
def test_a_measure_that_makes_no_sense_is_refused_with_a_sentence(
    city: CityNetwork, raw: dict[str, Any], told: str
) -> None:
    with pytest.raises(BadMeasure, match=told):
        measuring.checked(city, raw)


def test_measures_that_never_hold_together_are_refused(city: CityNetwork) -> None:
    with pytest.raises(BadMeasure, match="no hour of the day in which all measures are in force"):
        plan(city, WORKS, WORKS | {"hours": [9, 15]})


@given(
    begins=st.dates(date(2027, 1, 1), date(2027, 12, 1)),
    days=st.integers(0, 40),
    first=st.integers(0, 23),
    last=st.integers(0, 24),
    after=st.integers(-3, 45),
    hour=st.integers(0, 23),
)
def test_works_are_active_in_their_days_and_hours_and_in_no_other(
    begins: date, days: int, first: int, last: int, after: int, hour: int
) -> None:
    if first == last:
        return
    body = {"begins": begins.isoformat(), "ends": (begins + timedelta(days)).isoformat(), "hours": [first, last]}
    in_hours = first <= hour < last if first < last else hour >= first or hour < last
    assert measuring.active(body, begins + timedelta(after), hour) == (0 <= after <= days and in_hours)


@pytest.mark.django_db
def test_options_stand_side_by_side_and_say_what_was_not_modelled(network: Network, planner: User) -> None:
    for title, measure in (("Closed", {"kind": "close_links", "ways": BRIDGE}), ("Nights", WORKS)):
        computed(planning.create_scenario(network.project, title={"en": title}, measures=[measure], planner=planner))
    runs = comparing.finished_runs(network.project)
    rows = {row.label: row for row in comparing.side_by_side(runs)}
    assert [run.summary["hour"] for run in runs] == [16, 22]
    noisy = rows["Nitrogen oxides from cars on the streets of the map"]
    assert noisy.figures[0] is not None and noisy.figures[1] is None
    time = rows["Time that all cars spend on the way"]
    assert time.figures[0] is not None and time.figures[1] is not None
    assert time.figures[0].change.mean > time.figures[1].change.mean
