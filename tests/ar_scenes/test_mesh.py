from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ar_scenes.mesh import Mesh, build_mesh
from sources.building_table import FeatureRows, Part
from sources.table import BUILDING, STREET, WATER, FeatureTable

Points = list[tuple[float, float]]
TEN = [(0.0, 0.0), (10.0, 0.0), (10.0, 10.0), (0.0, 10.0)]
COURT = [(2.0, 2.0), (2.0, 8.0), (8.0, 8.0), (8.0, 2.0)]


def meshed(rows: FeatureRows) -> tuple[FeatureTable, Mesh]:
    """Coordinates are taken as metres already."""
    table = rows.table()
    return table, build_mesh(table, np.column_stack([table.lonlat, np.zeros(len(table.lonlat))]))


def solid(*rings: Points, base: float = 0.0, top: float = 5.0) -> tuple[FeatureTable, Mesh]:
    rows = FeatureRows()
    rows.add("way/1", BUILDING, [Part(tuple(np.array(r) for r in rings), base, top)])
    return meshed(rows)


def areas(mesh: Mesh) -> np.ndarray:
    """Vector area of each triangle: half the cross product."""
    corner = mesh.position[mesh.triangles]
    return np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]) / 2


def test_a_square_house_is_eight_corners_four_walls_and_a_roof() -> None:
    _, mesh = solid(TEN)
    assert sorted(map(tuple, mesh.position.tolist())) == sorted((x, y, z) for x, y in TEN for z in (0.0, 5.0))
    assert len(mesh.triangles) == 10
    up, aside = areas(mesh)[:, 2], np.linalg.norm(areas(mesh)[:, :2], axis=1)
    assert up.sum() == 100.0
    assert aside.sum() == 200.0


def test_walls_face_outwards_and_those_of_a_court_face_the_court() -> None:
    _, mesh = solid(TEN, COURT)
    centres = mesh.position[mesh.triangles].mean(axis=1)
    for centre, area in zip(centres, areas(mesh), strict=True):
        if abs(area[2]) > 1e-9:
            assert area[2] > 0
            continue
        outer_wall = np.isclose(centre[:2], 0).any() or np.isclose(centre[:2], 10).any()
        outwards = float(area[:2] @ (centre[:2] - 5)) > 0
        assert outwards == outer_wall
    assert areas(mesh)[:, 2].sum() == pytest.approx(100 - 36)


def test_what_hovers_has_an_underside() -> None:
    _, mesh = solid(TEN, base=3.0)
    assert areas(mesh)[:, 2][areas(mesh)[:, 2] < 0].sum() == -100.0
    assert mesh.position[:, 2].min() == 3.0


def test_a_street_keeps_its_width_around_a_right_angle() -> None:
    rows = FeatureRows()
    rows.add("way/1", STREET, [Part((np.array([(0.0, 0.0), (10.0, 0.0), (10.0, 10.0)]),))], width_m=4.0)
    _, mesh = meshed(rows)
    assert mesh.position[:, :2].round(9).tolist() == [
        [0, 2], [8, 2], [8, 10],  # left
        [0, -2], [12, -2], [12, 10],  # right
    ]  # fmt: skip
    assert areas(mesh)[:, 2].sum() == pytest.approx(80.0)
    assert (areas(mesh)[:, 2] > 0).all()
    assert set(mesh.position[:, 2].tolist()) == {0.5}


def test_flat_things_lie_in_layers_water_lowest() -> None:
    rows = FeatureRows()
    rows.add("way/1", WATER, [Part((np.array(TEN),))])
    rows.add("way/2", STREET, [Part((np.array(TEN),))])
    rows.add("way/3", STREET, [Part((np.array(TEN[:2]),))], width_m=2.0)
    rows.add("way/4", STREET, [Part((np.array(TEN[:2]),))], width_m=9.0)
    _, mesh = meshed(rows)
    heights = [mesh.position[a:b, 2].max() for a, b in zip(mesh.vertex_offsets, mesh.vertex_offsets[1:], strict=False)]
    assert heights == pytest.approx([0.1, 0.3, 0.4, 0.7])


def test_triangles_stay_with_their_feature() -> None:
    rows = FeatureRows()
    for number in range(3):
        ring = np.array(TEN) + 20 * number
        rows.add(f"way/{number}", BUILDING, [Part((ring,), 0, 3), Part((ring + 0.5,), 3, 6)])
    _, mesh = meshed(rows)
    for number in range(3):
        a, b = mesh.triangle_offsets[number], mesh.triangle_offsets[number + 1]
        assert mesh.triangles[a:b].min() >= mesh.vertex_offsets[number]
        assert mesh.triangles[a:b].max() < mesh.vertex_offsets[number + 1]
        assert b - a == 10 + 12


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.5, 40), st.integers(3, 12)), min_size=1, max_size=6),
    st.integers(0, 2**32 - 1),
)
def test_any_star_shaped_house_holds_its_ground_plan(sizes: list[tuple[float, int]], seed: int) -> None:
    rng, rows, plans = np.random.default_rng(seed), FeatureRows(), []
    for number, (radius, corners) in enumerate(sizes):
        turn = np.arange(corners) * 2 * np.pi / corners
        reach = radius * rng.uniform(0.4, 1.0, corners)
        ring = np.stack([reach * np.cos(turn), reach * np.sin(turn)], axis=1) + 100 * number
        nxt = np.roll(ring, -1, axis=0)
        plans.append(((ring[:, 0] * nxt[:, 1] - ring[:, 1] * nxt[:, 0]) / 2).sum())
        rows.add(f"way/{number}", BUILDING, [Part((ring,), 0.0, 7.0)])
    _, mesh = meshed(rows)
    up = np.maximum(areas(mesh)[:, 2], 0)
    sums = [up[a:b].sum() for a, b in zip(mesh.triangle_offsets[:-1], mesh.triangle_offsets[1:], strict=True)]
    assert sums == pytest.approx(plans, rel=1e-6)
