from __future__ import annotations

import numpy as np
import pytest

from sources import osm as openstreetmap
from sources.osm_heights import metres_in
from sources.report import Unreadable
from sources.table import BRIDGE, BUILDING, STREET, WATER, FeatureTable
from tests.sources.conftest import Osm

# A square of about 55 m by 111 m, its inner court, and a corner outside.
SQUARE = {1: (24.0, 60.0), 2: (24.001, 60.0), 3: (24.001, 60.001), 4: (24.0, 60.001)}
COURT = {5: (24.0003, 60.0003), 6: (24.0006, 60.0003), 7: (24.0006, 60.0006), 8: (24.0003, 60.0006)}
RING, COURT_RING = [1, 2, 3, 4, 1], [5, 6, 7, 8, 5]


def row(table: FeatureTable, feature_id: str) -> int:
    return table.ids.tolist().index(feature_id)


@pytest.mark.parametrize(
    ("tags", "height_m", "source"),
    [
        ({"height": "12.5 m", "building:levels": "9"}, 12.5, "height"),
        ({"building:levels": "5", "roof:levels": "1"}, 18.4, "levels"),
        ({"building": "school"}, 9.6, "assumed: usual for school"),
        ({"height": "very high"}, 8.0, "assumed: usual for a building"),
    ],
)
def test_a_building_says_how_high_it_is_and_how_we_know(
    osm: Osm, tags: dict[str, str], height_m: float, source: str
) -> None:
    city = openstreetmap.read(osm(SQUARE, {10: (RING, {"building": "yes"} | tags)}))
    assert city.features.ids.tolist() == ["way/10"]
    assert city.features.height_m == pytest.approx([height_m])
    assert city.features.height_source.tolist() == [source]
    assert city.report.ids("assumed", "heights") == (["way/10"] if source.startswith("assumed") else [])


def test_a_multipolygon_building_keeps_its_court_and_its_outline_is_not_drawn_twice(osm: Osm) -> None:
    ways = {10: (RING, {"building": "yes"}), 11: (COURT_RING, {})}
    relation = {5: ([("way", 10, "outer"), ("way", 11, "inner")], {"type": "multipolygon", "building": "yes"})}
    city = openstreetmap.read(osm(SQUARE | COURT, ways, relation))
    assert city.features.ids.tolist() == ["relation/5"]
    assert city.features.ring_offsets.tolist() == [0, 2]
    assert np.diff(city.features.coord_offsets).tolist() == [4, 4]
    assert city.report.ids("left out", "buildings") == ["way/10"]


def test_parts_shape_the_building_that_they_stand_in(osm: Osm) -> None:
    ways = {
        10: (RING, {"building": "office", "name": "Talo", "height": "10"}),
        11: (COURT_RING, {"building:part": "yes", "height": "40", "min_height": "10"}),
    }
    table = openstreetmap.read(osm(SQUARE | COURT, ways)).features
    assert table.ids.tolist() == ["way/10"]
    assert table.part_height_m.tolist() == [40.0, 10.0]
    assert table.part_base_m.tolist() == [10.0, 0.0]
    assert table.height_m.tolist() == [40.0]
    assert table.base_m.tolist() == [0.0]


def test_bad_rings_are_mended_boxed_or_refused_but_never_lost(osm: Osm) -> None:
    ways = {
        10: ([1, 3, 2, 4, 1], {"building": "yes"}),  # a bow tie
        11: ([1, 2, 99, 1], {"building": "yes"}),  # its third corner lies outside the file: no area, and flat
        12: ([1, 3, 98, 1], {"building": "yes"}),  # two known corners across
        13: ([1, 2, 3, 97, 1], {"building": "yes"}),
    }
    city = openstreetmap.read(osm(SQUARE, ways))
    assert city.features.ids.tolist() == ["way/10", "way/12", "way/13"]
    assert city.report.ids("repaired", "buildings") == ["way/10", "way/12", "way/13"]
    assert city.report.ids("boxed", "buildings") == ["way/12"]
    assert city.report.ids("refused", "buildings") == ["way/11"]


def test_streets_are_lines_with_a_width_and_a_bridge_is_a_bridge(osm: Osm) -> None:
    ways = {
        20: ([1, 2], {"highway": "secondary", "lanes": "2", "name": "Siltakatu", "bridge": "yes"}),
        21: ([2, 3], {"highway": "footway"}),
        22: ([1, 3], {"highway": "primary", "tunnel": "yes"}),
        23: (RING, {"highway": "pedestrian", "area": "yes"}),
    }
    city = openstreetmap.read(osm(SQUARE, ways))
    table = city.features
    assert table.kind[[row(table, i) for i in ("way/20", "way/21", "way/23")]].tolist() == [BRIDGE, STREET, STREET]
    assert table.width_m[row(table, "way/20")] == 6.5
    assert table.width_m[row(table, "way/21")] == 2.0
    assert np.isnan(table.width_m[row(table, "way/23")])
    assert city.report.ids("left out", "drawn streets") == ["way/22"]


def test_the_sea_lies_to_the_right_of_its_coastline(osm: Osm) -> None:
    shore = {1: (24.2, 60.5), 2: (24.8, 60.5)}
    # Drawn eastwards: land to the north (left), water to the south (right), on to the edges of the file.
    city = openstreetmap.read(
        osm(shore, {30: ([8, 1, 2, 9], {"natural": "coastline"})}, box=(24.195, 60.0, 24.805, 61.0))
    )
    table = city.features
    assert (table.ids.tolist(), table.kind.tolist()) == (["way/30"], [WATER])
    assert table.lonlat[:, 1].min() == 60.0
    assert table.lonlat[:, 1].max() == 60.5
    assert city.report.ids("repaired", "water") == ["way/30"]


def test_addresses_and_names_are_found_in_every_language(osm: Osm) -> None:
    ways = {20: ([1, 2, 3], {"highway": "residential", "name": "Kirkkokatu", "name:sv": "Kyrkogatan"})}
    tags = {1: {"addr:street": "Kirkkokatu", "addr:housenumber": "4 B"}, 2: {"addr:housenumber": "7"}}
    city = openstreetmap.read(osm(SQUARE, ways, node_tags=tags))
    assert (city.addresses.street.tolist(), city.addresses.number.tolist()) == (["Kirkkokatu"], ["4 B"])
    assert city.addresses.lonlat.tolist() == [[24.0, 60.0]]
    assert list(zip(city.places.name.tolist(), city.places.language.tolist(), strict=True)) == [
        ("Kirkkokatu", ""),
        ("Kyrkogatan", "sv"),
    ]
    assert city.report.ids("left out", "addresses") == ["node/2"]


def test_a_file_that_is_no_map_is_refused_with_a_sentence(osm: Osm) -> None:
    path = osm(SQUARE, {10: (RING, {"building": "yes"})})
    broken = path.with_name("broken.osm.pbf")
    broken.write_bytes(b"this is not a map")
    with pytest.raises(Unreadable, match=r"broken\.osm\.pbf cannot be read as OpenStreetMap data"):
        openstreetmap.read(broken)
    with pytest.raises(Unreadable, match=r"There is no file nowhere\.osm"):
        openstreetmap.read(path.with_name("nowhere.osm"))


def test_features_come_back_from_their_file_and_can_be_chosen(osm: Osm) -> None:
    ways = {10: (RING, {"building": "yes", "name": "Ä"}), 11: (COURT_RING, {"building": "yes", "height": "3"})}
    path = osm(SQUARE | COURT, ways)
    openstreetmap.read(path).features.save(path.with_suffix(".npz"))
    table = FeatureTable.load(path.with_suffix(".npz")).take(np.array([1, 0]))
    assert table.ids.tolist() == ["way/11", "way/10"]
    assert table.name.tolist() == ["", "Ä"]
    assert table.kind.tolist() == [BUILDING, BUILDING]
    assert table.coords_of().tolist() == [0, 4, 8]
    assert table.middle() == pytest.approx(np.array([[24.00045, 60.00045], [24.0005, 60.0005]]))


@pytest.mark.parametrize(
    ("text", "metres"), [("12", 12.0), ("12,5", 12.5), ("40 ft", 12.192), ("-3", None), ("12-15", None), ("0", None)]
)
def test_a_height_is_read_in_metres_or_not_at_all(text: str, metres: float | None) -> None:
    assert metres_in(text) == (pytest.approx(metres) if metres else None)
