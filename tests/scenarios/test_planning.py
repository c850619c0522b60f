from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from engagement.models import LogEntry, Project, User
from scenarios import planning
from scenarios.library.city import RING
from scenarios.measuring import BadMeasure
from scenarios.models import Measure, Network, Scenario
from scenarios.planning import BadRing, NoNetwork, UnreadableCity
from tests.scenarios.conftest import BRIDGE, CLOSE_BRIDGE
from tests.scenarios.villages import FOOTPATH, village

pytestmark = pytest.mark.django_db
TITLE = {"en": "What if?"}


def test_reading_the_same_file_again_keeps_the_same_network(project: Project, tmp_path: Path) -> None:
    first = planning.import_network(project, village(tmp_path))
    again = planning.import_network(project, village(tmp_path))
    assert first == again
    assert first.attribution == "© OpenStreetMap contributors"
    assert first.city().digest == first.digest


def test_an_unreadable_city_is_refused_and_nothing_is_kept(project: Project, tmp_path: Path) -> None:
    path = tmp_path / "notes.osm.pbf"
    path.write_bytes(b"not a map")
    with pytest.raises(UnreadableCity):
        planning.import_network(project, path)
    assert not Network.objects.exists()


def test_a_scenario_is_a_baseline_and_measures_in_order(bridge_closed: Scenario, network: Network) -> None:
    assert bridge_closed.network == network
    assert [(m.position, m.kind, m.body) for m in bridge_closed.measures.all()] == [(1, "close_links", CLOSE_BRIDGE)]
    assert bridge_closed.closed_ways() == BRIDGE
    assert LogEntry.objects.filter(verb="scenario.created").count() == 1


def test_asking_the_same_again_gives_the_same_scenario(bridge_closed: Scenario, planner: User) -> None:
    backwards = {"kind": "close_links", "ways": ["way/102", 101]}
    again = planning.create_scenario(bridge_closed.project, title=TITLE, measures=[backwards], planner=planner)
    assert again == bridge_closed
    assert again.title == {"en": "What if the bridge closed?"}
    assert Measure.objects.count() == 1


@pytest.mark.parametrize(
    ("measure", "said"),
    [
        ({"kind": "dig_tunnel"}, "The kind “dig_tunnel” is not known. Known: close_links, one_way, set_speed"),
        ({"kind": "close_links", "ways": []}, "Name at least one street"),
        ({"kind": "close_links", "ways": "all"}, "list of OSM ways"),
        ({"kind": "close_links", "ways": ["the bridge"]}, "“the bridge” is no OSM way"),
        ({"kind": "close_links", "ways": [999]}, "The network has no way/999"),
        ({"kind": "close_links", "ways": [FOOTPATH]}, "No cars are modelled on way/300"),
        ({"kind": "close_links", "ways": BRIDGE, "for": "dogs"}, "not for “dogs”"),
    ],
)
def test_a_measure_that_cannot_be_computed_is_refused_with_a_sentence(
    network: Network, planner: User, measure: dict[str, Any], said: str
) -> None:
    with pytest.raises(BadMeasure, match=said):
        planning.create_scenario(network.project, title=TITLE, measures=[measure], planner=planner)
    assert not Scenario.objects.exists()


def test_without_network_title_or_measure_there_is_no_scenario(network: Network, planner: User) -> None:
    other = Project.objects.create(slug="other", title={"en": "Other"}, languages=["en"])
    with pytest.raises(NoNetwork):
        planning.create_scenario(other, title=TITLE, measures=[CLOSE_BRIDGE], planner=planner)
    with pytest.raises(BadMeasure, match="at least one measure"):
        planning.create_scenario(network.project, title=TITLE, measures=[], planner=planner)
    with pytest.raises(BadMeasure, match="title"):
        planning.create_scenario(network.project, title={"en": " "}, measures=[CLOSE_BRIDGE], planner=planner)


def test_streets_are_named_by_name_or_number(network: Network) -> None:
    city = network.city()
    assert planning.ways_in(city, "pitkasilta\n\n way/200 ") == [101, 102, 200]
    with pytest.raises(BadMeasure, match="No street called “Mannerheimintie”"):
        planning.ways_in(city, "Mannerheimintie")


def test_changing_the_ring_makes_another_network(network: Network, planner: User) -> None:
    ring = int((network.city().kind == RING).sum())
    changed = planning.change_ring(planner, network, [(900.0, 50.0, 2000.0)] * ring)
    assert changed.digest != network.digest
    city = changed.city()
    assert set(city.length_m[city.kind == RING].tolist()) == {900.0}
    assert Network.objects.count() == 2
    assert planning.network_of(network.project) == changed
    with pytest.raises(BadRing):
        planning.change_ring(planner, network, [(900.0, -1.0, 2000.0)] * ring)
    with pytest.raises(BadRing):
        planning.change_ring(planner, network, [(900.0, 50.0, 2000.0)])


def test_only_a_computed_scenario_can_be_shown(bridge_closed: Scenario, planner: User) -> None:
    with pytest.raises(BadMeasure, match="Compute the scenario first"):
        planning.publish_scenario(planner, bridge_closed, published=True)
