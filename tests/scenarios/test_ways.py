from __future__ import annotations

import numpy as np
import pytest

from scenarios import importing, maps
from scenarios.library.city import STREET, CityNetwork
from scenarios.library.ways import Ways
from sources import osm
from tests.scenarios.villages import BRIDGE_NORTHBOUND, village


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> CityNetwork:
    return importing.build(osm.read(village(tmp_path_factory.mktemp("ways")))).network


def test_a_way_carries_both_directions_together(city: CityNetwork) -> None:
    ways, everywhere = Ways.of(city), np.where(city.kind == STREET, 100.0, 0.0)
    flow = dict(zip(ways.id.tolist(), ways.flow(everywhere).tolist(), strict=True))
    assert flow[200] == pytest.approx(200.0)  # a two-way street
    assert flow[BRIDGE_NORTHBOUND] == pytest.approx(100.0)  # one direction only


def test_a_way_with_unequal_stretches_is_averaged_along_its_length(city: CityNetwork) -> None:
    ways = Ways.of(city)
    first = np.flatnonzero((city.kind == STREET) & (city.way_id == 201))[0]
    flow = np.zeros(city.n_links)
    flow[first] = 1000.0
    stretches = (city.kind == STREET) & (city.way_id == 201)
    one_way_length = city.length_m[stretches].sum() / 2
    expected = 1000.0 * city.length_m[first] / one_way_length
    assert ways.flow(flow)[ways.id == 201] == pytest.approx([expected])


def test_the_map_of_a_network_draws_each_street_once_and_the_ring(city: CityNetwork) -> None:
    picture = str(maps.of_network(city))
    assert picture.count('class="d-plain"') == 1
    assert picture.count('class="d-ring"') == 1
    # Each two-way stretch is two links and one line: 5 stretches on 4 streets, 8 columns, and the bridge.
    plain = picture.split('class="d-plain" d="')[1].split('"', maxsplit=1)[0]
    assert plain.count("M") == 5 * 4 + 8 + 1
