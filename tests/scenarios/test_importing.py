from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from scenarios import importing, zoning
from scenarios.library.city import CORDON, DOOR, INSIDE, RING, STREET, CityNetwork
from sources import osm
from sources.report import Unreadable
from tests.scenarios.villages import BRIDGE_NORTHBOUND, BRIDGE_SOUTHBOUND, FOOTPATH, village

EXTRACT = Path(settings.BASE_DIR) / "build/demo/Helsinki.osm.pbf"
PITKASILTA = [23952344, 122869888]


@pytest.fixture(scope="module")
def open_village(tmp_path_factory: pytest.TempPathFactory) -> importing.Imported:
    return importing.build(osm.read(village(tmp_path_factory.mktemp("open"))))


@pytest.fixture(scope="module")
def closed_village(tmp_path_factory: pytest.TempPathFactory) -> importing.Imported:
    return importing.build(osm.read(village(tmp_path_factory.mktemp("closed"), open_edges=False)))


def test_streets_become_links_with_the_source_of_every_value(open_village: importing.Imported) -> None:
    city = open_village.network
    bridge = city.links_of(np.array([BRIDGE_NORTHBOUND, BRIDGE_SOUTHBOUND]))
    assert int(bridge.sum()) == 2
    assert city.speed_kmh[bridge].tolist() == [40.0, 40.0]
    assert set(city.speed_source[bridge].tolist()) == {"tagged"}
    assert city.length_m[bridge] == pytest.approx([150.0, 150.0], rel=0.02)
    assert all(source.startswith("assumed") for source in city.capacity_source.tolist())


def test_streets_that_leave_the_map_are_joined_by_an_assumed_ring(open_village: importing.Imported) -> None:
    city = open_village.network
    ring = city.kind == RING
    assert int((city.zone_kind == CORDON).sum()) == 8  # four streets, two ends each
    assert int(ring.sum()) == 16  # eight stretches, both directions
    assert set(city.speed_source[ring].tolist()) == {"assumed: outside the map"}
    assert (city.length_m[ring] > 0).all()
    # Each stretch joins neighbours around the map, so that every outside point has two.
    assert np.bincount(city.tail[ring])[np.unique(city.tail[ring])].tolist() == [2] * 8
    assert {(f["kind"], f["count"]) for f in open_village.report["findings"] if f["outcome"] == "assumed"} >= {
        ("ring links", 16),
        ("cordon zones", 8),
    }


def test_a_map_without_open_edges_gets_no_ring(closed_village: importing.Imported) -> None:
    city = closed_village.network
    assert not (city.kind == RING).any()
    assert (city.zone_kind == INSIDE).all()


def test_closing_the_bridge_splits_the_city_only_where_no_ring_joins_it(
    open_village: importing.Imported, closed_village: importing.Imported
) -> None:
    def reachable(city: CityNetwork) -> bool:
        closed = city.links_of(np.array([BRIDGE_NORTHBOUND, BRIDGE_SOUTHBOUND]))
        return bool(np.isfinite(city.road_network().closing(closed).empty_times()).all())

    assert reachable(open_village.network)
    assert not reachable(closed_village.network)


def test_zones_hold_the_floor_area_of_their_buildings(open_village: importing.Imported) -> None:
    city = open_village.network
    # 16 buildings of 0.3 x 0.27 grid steps (150 m each) and five storeys, half of them homes.
    ground = (0.3 * 150.3) * (0.27 * 150.3)
    assert city.homes_m2.sum() == pytest.approx(8 * 5 * ground, rel=0.03)
    assert city.works_m2.sum() == pytest.approx(8 * 5 * ground, rel=0.03)
    inside = city.zone_kind == INSIDE
    assert (city.homes_m2[inside] + city.works_m2[inside] > 0).all()
    assert (city.cordon_out_vph[inside] == 0).all()


def test_every_zone_has_doors_to_streets_and_no_traffic_passes_through_it(open_village: importing.Imported) -> None:
    city = open_village.network
    graph = city.road_network().graph
    assert not graph.passable[graph.zone_node].any()
    doors = city.kind == DOOR
    assert set(graph.zone_node.tolist()) <= set(city.tail[doors].tolist()) & set(city.head[doors].tolist())


def test_paths_are_drawn_but_not_modelled(open_village: importing.Imported) -> None:
    assert open_village.network.unmodelled_way.tolist() == [FOOTPATH]


def test_a_network_keeps_its_name_through_storage_and_changes_it_with_its_content(
    open_village: importing.Imported,
) -> None:
    city = open_village.network
    assert CityNetwork.from_bytes(city.to_bytes()).digest == city.digest
    ring = city.kind == RING
    faster = city.with_ring(city.length_m[ring], city.speed_kmh[ring] + 10, city.capacity_vph[ring], "set by a planner")
    assert faster.digest != city.digest
    assert set(faster.speed_source[ring].tolist()) == {"set by a planner"}
    assert set(faster.capacity_source[ring].tolist()) == {"assumed: outside the map"}


def test_a_ring_link_without_speed_is_refused(open_village: importing.Imported) -> None:
    city = open_village.network
    ring = city.kind == RING
    with pytest.raises(ValueError, match="speed above 0"):
        city.with_ring(city.length_m[ring], 0 * city.speed_kmh[ring], city.capacity_vph[ring], "set by a planner")


def test_a_file_without_streets_is_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "sea.osm"
    path.write_text('<osm version="0.6"><node id="1" version="1" lon="24.9" lat="60.1"/></osm>', encoding="utf-8")
    with pytest.raises(Unreadable):
        importing.build(osm.read(path))


@pytest.mark.skipif(not EXTRACT.is_file(), reason="no demo extract: run bin/setup --demo")
def test_the_demo_city_can_lose_pitkasilta_and_nobody_is_cut_off() -> None:
    found = osm.read(EXTRACT)
    city = importing.build(found).network
    closed = city.links_of(np.array(PITKASILTA))
    assert int(closed.sum()) == 2
    assert np.isfinite(city.road_network().closing(closed).empty_times()).all()
    assert int((city.kind == STREET).sum()) > 1400
    floor = zoning.floor_areas_m2(found.features)
    assert 1.5e6 < floor.sum() < 6e6


def test_no_zone_hangs_on_one_street_alone() -> None:
    streets = [{"A"}, {"A"}, {"A", "B"}, {"A"}, {"B"}, {"C"}]
    assert importing._doors(streets) == [0, 1, 4]
    assert importing._doors([{"A"}, {"A"}]) == [0, 1]
