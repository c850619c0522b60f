"""The demo city itself, as read from the extract that ``bin/setup --demo`` fetches."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from sources import osm as openstreetmap
from sources.table import BRIDGE, BUILDING, STREET, WATER

EXTRACT = Path(settings.BASE_DIR) / "build/demo/Helsinki.osm.pbf"
pytestmark = pytest.mark.skipif(not EXTRACT.is_file(), reason="no demo extract: run bin/setup --demo")


@pytest.fixture(scope="module")
def helsinki() -> openstreetmap.City:
    return openstreetmap.read(EXTRACT)


def test_the_centre_of_helsinki_is_read_whole(helsinki: openstreetmap.City) -> None:
    kinds = np.bincount(helsinki.features.kind).tolist()
    assert kinds[BUILDING] == 498
    assert kinds[STREET] > 2000
    assert kinds[BRIDGE] == 6
    assert kinds[WATER] == 11
    assert len(set(helsinki.features.ids.tolist())) == len(helsinki.features)


def test_every_building_of_the_file_is_read_or_named_in_the_report(helsinki: openstreetmap.City) -> None:
    report = helsinki.report
    # 433 building ways and 67 building relations in the file, 5 parts without a building.
    assert 498 + len(report.ids("left out", "buildings")) + len(report.ids("refused", "buildings")) == 433 + 67 + 5


@pytest.mark.parametrize("way", [23952344, 122869888])
def test_pitkasilta_is_two_oneway_links_and_two_bridges(helsinki: openstreetmap.City, way: int) -> None:
    roads, features = helsinki.roads, helsinki.features
    (link,) = np.flatnonzero(roads.way_id == way)
    assert (roads.name[link], roads.highway[link], bool(roads.oneway[link])) == ("Pitkäsilta", "secondary", True)
    assert (roads.free_speed_kmh[link], roads.lanes[link]) == (40.0, 1.0)
    assert roads.length_m[link] == pytest.approx(56, abs=1)
    assert features.kind[features.ids.tolist().index(f"way/{way}")] == BRIDGE


def test_the_sea_is_where_the_ferries_are_and_not_on_the_senate_square(helsinki: openstreetmap.City) -> None:
    import shapely

    table = helsinki.features
    wet = []
    for i in np.flatnonzero((table.kind == WATER) & ~table.is_line):
        for part in range(table.part_offsets[i], table.part_offsets[i + 1]):
            ring = table.ring_offsets[part]
            wet.append(shapely.Polygon(table.lonlat[table.coord_offsets[ring] : table.coord_offsets[ring + 1]]))
    water = shapely.union_all(wet)
    assert water.contains(shapely.Point(24.9480, 60.1768))  # Siltavuorensalmi
    assert not water.contains(shapely.Point(24.9522, 60.1695))  # Senaatintori
