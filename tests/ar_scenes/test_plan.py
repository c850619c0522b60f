"""The town from straight above."""

from __future__ import annotations

import re

import numpy as np

from ar_scenes import plan
from ar_scenes.plan import Drawn, Frame, Mark
from sources.table import FeatureTable
from tests.ar_scenes.conftest import EAST_DEG, LAT, LON, NORTH_DEG

BOX = (LON, LAT, LON + 160 * EAST_DEG, LAT + 160 * NORTH_DEG)


def test_a_pixel_is_as_many_metres_each_way() -> None:
    frame = Frame(BOX)
    east, north = frame.to_px(np.array([[LON + 80 * EAST_DEG, LAT], [LON, LAT + 80 * NORTH_DEG]]))
    assert np.allclose(east, [500, frame.height_px], atol=3)
    assert np.allclose(north, [0, frame.height_px - 500], atol=3)
    assert abs(frame.px_per_m - 1000 / 160) < 0.05


def test_geojson_says_what_a_map_needs_and_leaves_footpaths_out(town: FeatureTable) -> None:
    found = {feature["properties"]["id"]: feature for feature in plan.geojson(town)["features"]}
    assert found["way/101"]["properties"] == {"id": "way/101", "kind": "building", "name": "Talo 1", "height_m": 7.0}
    assert found["way/1"]["geometry"]["type"] == "LineString"
    assert found["relation/4"]["geometry"]["type"] == "Polygon"
    assert len(found["relation/4"]["geometry"]["coordinates"]) == 2  # the pond has an island
    assert "way/2" not in found


def test_only_what_touches_the_box_is_told(town: FeatureTable) -> None:
    corner = (LON - EAST_DEG, LAT - NORTH_DEG, LON + 12 * EAST_DEG, LAT + 12 * NORTH_DEG)
    assert {feature["properties"]["id"] for feature in plan.geojson(town, corner)["features"]} == {"way/100", "way/5"}


def test_a_street_is_drawn_as_wide_as_it_is(town: FeatureTable) -> None:
    drawn = plan.svg(town, BOX, lambda _id: None, [], "Plan")
    widths = {float(width) for width in re.findall(r'class="street" stroke-width="([\d.]+)"', drawn)}
    assert widths == {round(8 * Frame(BOX).px_per_m, 1), round(2 * Frame(BOX).px_per_m, 1)}


def test_labels_are_escaped_and_lead_somewhere(town: FeatureTable) -> None:
    def look(feature_id: str) -> Drawn | None:
        return Drawn('Bridge "A" <b>', "/feature/?id=way/3&x=1", "closed") if feature_id == "way/3" else None

    drawn = plan.svg(town, BOX, look, [], "Plan")
    link = '<a href="/feature/?id=way/3&amp;x=1" aria-label="Bridge &quot;A&quot; &lt;b&gt;" tabindex="-1"><path class="bridge closed"'
    assert link in drawn


def test_words_that_would_cover_each_other_are_not_written_twice(town: FeatureTable) -> None:
    here = [Mark("sensor", LON + 80 * EAST_DEG, LAT + (60 + n) * NORTH_DEG, f"{n} cars") for n in (1, 2)]
    away = Mark("sensor", LON - 1, LAT, "far away")
    drawn = plan.svg(town, BOX, lambda _id: None, [*here, away], "Plan")
    assert re.findall(r"<text[^>]*>([^<]*)</text>", drawn) == ["1 cars"]
    assert re.findall(r"<title>([^<]*)</title>", drawn) == ["1 cars", "2 cars"]


def test_a_box_beyond_the_data_is_cut_to_them() -> None:
    assert plan.within((0, 0, 10, 10), (5, -5, 20, 8)) == (5, 0, 10, 8)
    assert plan.within((0, 0, 1, 1), (5, 5, 6, 6)) == (0, 0, 1, 1)
