from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from scenarios import importing, receptors
from scenarios.library import comparison, layers, what_if
from scenarios.library.city import CityNetwork
from scenarios.library.comparison import WhatIf
from scenarios.library.layers import Layer
from scenarios.library.measures import Measures
from sources import osm
from tests.scenarios.conftest import BRIDGE
from tests.scenarios.villages import village


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> CityNetwork:
    return importing.build(osm.read(village(tmp_path_factory.mktemp("village")))).network


compute = comparison.compare  # itself, not what other tests remember of it


def compared(city: CityNetwork, measures: Measures, executor: object = None) -> WhatIf:
    return compute(city, measures, draws=5, seed=1, report=lambda _d, _s: None, executor=executor)  # type: ignore[arg-type]


def everything(found: WhatIf) -> bytes:
    arrays = [
        found.values,
        found.way_before,
        found.way_after,
        *(side for x in found.layers for side in (x.before, x.after)),
    ]
    return b"".join(array.tobytes() for array in arrays)


@pytest.fixture(scope="module")
def bridge(city: CityNetwork) -> Measures:
    return Measures.closing(city.links_of(np.array(BRIDGE)))


@pytest.fixture(scope="module")
def here(city: CityNetwork, bridge: Measures) -> WhatIf:
    return compared(city, bridge)


def test_other_processes_give_the_same_bytes(city: CityNetwork, bridge: Measures, here: WhatIf) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        assert everything(compared(city, bridge, pool)) == everything(here)


def test_four_workers_give_the_same_bytes_as_none(city: CityNetwork, bridge: Measures, here: WhatIf) -> None:
    with ThreadPoolExecutor(4) as pool:
        assert everything(compared(city, bridge, pool)) == everything(here)


def test_houses_at_the_closed_bridge_get_quieter_and_its_air_cleaner(city: CityNetwork, here: WhatIf) -> None:
    air, noise = here.layers
    ways = dict(zip(air.feature_id, air.classes().tolist(), strict=True))
    assert [ways[f"way/{way}"] for way in BRIDGE] == [-2, -2]
    assert air.after[0][air.feature_id.index(f"way/{BRIDGE[0]}")] == 0.0
    assert set(noise.feature_id) == set(city.building_id.tolist())
    assert np.isfinite(noise.before).all()


def test_doing_nothing_changes_neither_noise_nor_air(city: CityNetwork) -> None:
    found = compared(city, Measures.none(city.n_links))
    assert all((layer.classes() == 0).all() for layer in found.layers)
    columns = [list(what_if.INDICATORS).index(name) for name in ("noisy_homes", "nox_streets", "no2_streets")]
    assert found.values[:, 0, columns].tolist() == pytest.approx(found.values[:, 1, columns], rel=1e-4)


def test_less_than_a_decibel_is_no_clear_change_and_three_are_much() -> None:
    draws = np.zeros((20, 4))
    found = Layer("noise", ["a", "b", "c", "d"], draws + 60, draws + 60 + np.array([0.9, 1.0, -3.0, -2.9]))
    assert found.classes().tolist() == [0, 1, -2, -1]


def test_the_loudest_wall_counts(city: CityNetwork) -> None:
    level = np.linspace(40.0, 60.0, len(city.receptor_building))
    loudest = layers.loudest_facade(city, level)
    assert loudest.max() == 60.0
    assert loudest[0] == level[city.receptor_building == 0].max()


def test_receptors_stand_along_walls_and_never_more_than_allowed(tmp_path: Path) -> None:
    features = osm.read(village(tmp_path)).features
    many, few = receptors.from_buildings(features), receptors.from_buildings(features, most=40)
    assert len(few.lonlat) <= 40 < len(many.lonlat)
    assert set(few.building.tolist()) == set(range(len(few.building_id)))
    west, south = features.lonlat.min(axis=0)
    east, north = features.lonlat.max(axis=0)
    assert ((many.lonlat >= [west - 1e-9, south - 1e-9]) & (many.lonlat <= [east + 1e-9, north + 1e-9])).all()
