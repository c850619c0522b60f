from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from sources.osm import read_road_table
from sources.osm_roads import directions, opened_to_cars, tagged_lanes, tagged_speed_kmh
from tests.sources.conftest import Osm

CROSS = {1: (24.0, 60.0), 2: (24.001, 60.0), 3: (24.002, 60.0), 4: (24.001, 60.001), 5: (24.001, 59.999)}


def test_a_crossing_splits_both_streets_into_links_each_way(osm: Osm) -> None:
    streets = {10: ([1, 2, 3], {"highway": "primary", "name": "Pääkatu"}), 11: ([4, 2, 5], {"highway": "residential"})}
    table, report = read_road_table(osm(CROSS, streets))
    links = {(int(table.node_id[a]), int(table.node_id[b])) for a, b in zip(table.start, table.end, strict=True)}
    assert links == {(1, 2), (2, 1), (2, 3), (3, 2), (4, 2), (2, 4), (2, 5), (5, 2)}
    assert Counter(table.name.tolist()) == {"Pääkatu": 4, "": 4}
    assert report.read == {"road links": 8}


def test_a_oneway_street_is_one_link_and_a_minus_one_street_runs_backwards(osm: Osm) -> None:
    streets = {
        10: ([1, 2], {"highway": "secondary", "oneway": "yes", "lanes": "2", "lanes:psv": "1", "maxspeed": "40"}),
        11: ([4, 2], {"highway": "secondary", "oneway": "-1"}),
    }
    table, _ = read_road_table(osm(CROSS, streets))
    assert table.node_id[table.start].tolist() == [1, 2]
    assert table.node_id[table.end].tolist() == [2, 4]
    assert table.lanes.tolist() == [1.0, 1.0]
    assert table.capacity_vph.tolist() == [900.0, 900.0]
    assert table.free_speed_kmh.tolist() == [40.0, 50.0]
    assert table.speed_source.tolist() == ["tagged", "assumed: usual for secondary"]
    assert table.lanes_source.tolist() == ["tagged", "assumed: usual for secondary"]


def test_lengths_are_true_metres_along_the_course(osm: Osm) -> None:
    table, _ = read_road_table(osm(CROSS, {10: ([1, 2, 3], {"highway": "tertiary", "oneway": "yes"})}))
    # GeographicLib: 0.002 degrees of longitude at 60 N on WGS 84 are 111.600 m.
    assert table.length_m == pytest.approx([111.600], abs=0.001)
    assert table.course(0).tolist() == [[24.0, 60.0], [24.001, 60.0], [24.002, 60.0]]


def test_a_street_that_leaves_the_file_is_cut_and_its_end_marked(osm: Osm) -> None:
    table, report = read_road_table(osm(CROSS, {10: ([1, 2, 99, 98], {"highway": "primary"})}))
    assert table.node_id[table.node_at_edge].tolist() == [2]
    assert report.ids("repaired", "streets") == ["way/10"]


def test_a_loop_never_joins_a_junction_to_itself(osm: Osm) -> None:
    ring = {
        10: ([2, 3, 4, 5, 2], {"highway": "residential", "oneway": "yes"}),
        11: ([1, 2], {"highway": "residential"}),
    }
    table, _ = read_road_table(osm(CROSS, ring))
    assert not (table.start == table.end).any()
    assert int((table.way_id == 10).sum()) == 2


def test_what_is_not_for_cars_is_left_out_by_name(osm: Osm) -> None:
    streets = {
        10: ([1, 2], {"highway": "residential"}),
        11: ([4, 2], {"highway": "service", "access": "private"}),
        12: ([2, 5], {"highway": "footway"}),
    }
    relations = {7: ([("way", 10, "from"), ("node", 2, "via"), ("way", 11, "to")], {"type": "restriction"})}
    table, report = read_road_table(osm(CROSS, streets, relations))
    assert set(table.way_id.tolist()) == {10}
    assert report.ids("left out", "road links") == ["way/11"]
    assert report.ids("left out", "turn restrictions") == ["relation/7"]


@pytest.mark.parametrize(
    ("tags", "kmh"),
    [
        ({"maxspeed": "30"}, 30.0),
        ({"maxspeed": "30 mph"}, pytest.approx(48.28, abs=0.01)),
        ({"maxspeed": "FI:urban"}, 50.0),
        ({"maxspeed": "FI:zone30"}, 30.0),
        ({"maxspeed": "walk"}, 7.0),
        ({"maxspeed": "fast"}, None),
        ({"maxspeed": "0"}, None),
        ({}, None),
    ],
)
def test_a_speed_is_read_or_left_open(tags: dict[str, str], kmh: float | None) -> None:
    assert tagged_speed_kmh(tags) == kmh


@pytest.mark.parametrize(
    ("tags", "oneway", "lanes"),
    [
        ({"lanes": "4"}, False, 2.0),
        ({"lanes": "3", "lanes:forward": "2"}, False, 2.0),
        ({"lanes": "2", "lanes:bus": "1"}, True, 1.0),
        ({"lanes": "many"}, True, None),
    ],
)
def test_lanes_are_those_of_general_traffic_in_one_direction(
    tags: dict[str, str], oneway: bool, lanes: float | None
) -> None:
    assert tagged_lanes(tags, "forward", oneway=oneway) == lanes


def test_the_most_specific_access_tag_decides() -> None:
    assert opened_to_cars({"access": "no", "motor_vehicle": "yes"})
    assert not opened_to_cars({"access": "yes", "motorcar": "no"})
    assert directions({"junction": "roundabout"}) == (True, False)


def test_a_table_comes_back_from_its_file(osm: Osm, tmp_path: object) -> None:
    path = osm(CROSS, {10: ([1, 2, 3], {"highway": "primary", "name": "Ä"})})
    table, _ = read_road_table(path)
    table.save(path.with_suffix(".npz"))
    again = type(table).load(path.with_suffix(".npz"))
    assert again.name.tolist() == ["Ä", "Ä"]
    assert np.array_equal(again.lonlat, table.lonlat)
