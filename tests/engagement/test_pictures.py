"""Pictures drawn from geometry."""

from __future__ import annotations

import re

import pytest

from engagement import pictures
from engagement.pictures import Frame

FRAME = Frame.around(24.94, 60.17, 24.96, 60.18)


def polygon(kind: str, *ring: tuple[float, float], height_m: float = 0) -> dict[str, object]:
    closed = [*ring, ring[0]]
    return {
        "type": "Feature",
        "properties": {"kind": kind, "height_m": height_m},
        "geometry": {"type": "Polygon", "coordinates": [closed]},
    }


def square(kind: str, lon: float, lat: float, size: float = 0.002, height_m: float = 0) -> dict[str, object]:
    return polygon(kind, (lon, lat), (lon + size, lat), (lon + size, lat + size), (lon, lat + size), height_m=height_m)


def test_the_middle_of_the_frame_is_the_middle_of_the_picture() -> None:
    assert FRAME.to_px(24.95, 60.175) == pytest.approx((400, 300))


def test_the_frame_shows_its_rectangle_whole_and_to_scale() -> None:
    left, low = FRAME.to_px(24.94, 60.17)
    right, high = FRAME.to_px(24.96, 60.18)
    assert 0 < left < right < 800
    assert 0 < high < low < 600
    # 0.02 degrees of longitude at 60.175 N are 1,107 m, 0.01 of latitude 1,111 m
    assert (right - left) / (low - high) == pytest.approx(1107 / 1111, rel=0.01)


def test_a_building_stands_up_with_its_roof_above_its_walls() -> None:
    drawn = pictures.slanted([square("building", 24.949, 60.174, height_m=30)], FRAME)
    assert drawn.count('class="p-wall"') == drawn.count('class="p-roof"') == 1
    wall = re.search(r'p-wall" d="M\d+ (\d+)', drawn)
    roof = re.search(r'p-roof" fill-rule="evenodd" d="M\d+ (\d+)', drawn)
    assert wall and roof and int(roof[1]) < int(wall[1])


def test_near_buildings_are_drawn_after_far_ones() -> None:
    near, far = square("building", 24.949, 60.171, height_m=10), square("building", 24.949, 60.178, height_m=10)
    drawn = pictures.slanted([near, far], FRAME)
    heights = [int(y) for y in re.findall(r'p-roof" fill-rule="evenodd" d="M\d+ (\d+)', drawn)]
    assert heights == sorted(heights)


def test_what_lies_outside_or_is_smaller_than_a_pixel_is_left_out() -> None:
    outside, tiny = square("water", 25.5, 60.5), square("building", 24.95, 60.175, size=0.000001)
    assert pictures.slanted([outside, tiny], FRAME) == ""


def test_an_unknown_kind_of_feature_is_not_drawn() -> None:
    assert pictures.slanted([square("submarine", 24.95, 60.175)], FRAME) == ""


def test_a_closed_street_is_drawn_with_stripes() -> None:
    street = {
        "type": "Feature",
        "properties": {"kind": "closed"},
        "geometry": {"type": "LineString", "coordinates": [[24.945, 60.175], [24.955, 60.176]]},
    }
    drawn = pictures.slanted([street], FRAME)
    assert 'class="p-closed"' in drawn and 'class="p-closed-stripe"' in drawn


def test_a_picture_of_a_whole_quarter_stays_light() -> None:
    houses = [
        square("building", 24.94 + 0.0008 * column, 60.17 + 0.0004 * row, size=0.0003, height_m=18)
        for column in range(25)
        for row in range(25)
    ]
    drawn = pictures.slanted(houses, FRAME)
    assert drawn.count('class="p-roof"') == pictures.MOST_BUILDINGS
    assert len(drawn) < 60_000
