from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from scenarios.library import networks
from scenarios.library.arrays import Floats
from scenarios.library.assignment import Assignment, assign
from scenarios.library.graph import Graph
from scenarios.library.networks import RoadNetwork
from scenarios.library.volume_delay import VolumeDelay
from sources import tntp
from tests.scenarios.towns import SHORTCUT, braess, grid_town, linear, two_routes

SOLVERS = ["newton", "frank-wolfe"]


def solved(network: RoadNetwork, demand: Floats, **how: object) -> Assignment:
    return assign(network.graph, network.delay, demand, **how)  # type: ignore[arg-type]


def shortest_by_hand(network: RoadNetwork, cost: Floats) -> Floats:
    """Quickest times between zones by Floyd and Warshall: another method than the library's."""
    graph = network.graph
    time = np.full((graph.n_nodes, graph.n_nodes), np.inf)
    np.fill_diagonal(time, 0.0)
    for link in np.flatnonzero(graph.is_open):
        a, b = graph.tail[link], graph.head[link]
        time[a, b] = min(time[a, b], cost[link])
    for node in range(graph.n_nodes):
        if graph.passable[node]:
            time = np.minimum(time, time[:, node, None] + time[None, node, :])
    return time[np.ix_(graph.zone_node, graph.zone_node)]


@pytest.mark.parametrize("method", SOLVERS)
def test_two_routes_share_the_trips_so_that_both_take_equally_long(method: str) -> None:
    found = solved(*two_routes(), gap=1e-10, method=method)
    assert found.flow == pytest.approx([1250.0, 750.0])
    assert found.cost == pytest.approx([22.5, 22.5])


@pytest.mark.parametrize(("shortcut", "minutes"), [(False, 83.0), (True, 92.0)])
def test_braess_is_exact(shortcut: bool, minutes: float) -> None:
    found = solved(*braess(shortcut=shortcut), gap=1e-9)
    assert found.pair_cost == pytest.approx([minutes], abs=1e-6)
    assert found.certificate.tstt == pytest.approx(6 * minutes, abs=1e-5)


def test_adding_a_link_makes_everybody_slower_as_braess_says() -> None:
    without, with_it = (solved(*braess(shortcut=shortcut)) for shortcut in (False, True))
    assert with_it.certificate.tstt > without.certificate.tstt
    assert without.flow[SHORTCUT] == 0
    assert with_it.flow[SHORTCUT] == pytest.approx(2.0, abs=1e-4)


@pytest.mark.parametrize("method", SOLVERS)
def test_the_certificate_can_be_checked_from_the_flows_alone(method: str) -> None:
    network, demand = grid_town(5, 8, 6000)
    found = solved(network, demand, method=method)
    cost = network.delay.cost(found.flow)
    shortest = shortest_by_hand(network, cost)
    tstt, sptt = np.sum(found.flow * cost), np.sum(demand * shortest)
    assert found.certificate.tstt == pytest.approx(tstt, rel=1e-12)
    assert found.certificate.sptt == pytest.approx(sptt, rel=1e-12)
    assert found.certificate.relative_gap == pytest.approx((tstt - sptt) / tstt, abs=1e-12)
    assert found.certificate.relative_gap <= 1e-6
    assert found.certificate.converged


def test_what_flows_into_a_node_flows_out_of_it() -> None:
    network, demand = grid_town(5, 8, 6000)
    graph, flow = network.graph, solved(network, demand).flow
    surplus = np.bincount(graph.tail, flow, graph.n_nodes) - np.bincount(graph.head, flow, graph.n_nodes)
    expected = np.zeros(graph.n_nodes)
    expected[graph.zone_node] = demand.sum(axis=1) - demand.sum(axis=0)
    assert surplus == pytest.approx(expected, abs=1e-6)


def test_two_independent_solvers_agree_on_every_street() -> None:
    network, demand = grid_town(6, 10, 15_000)
    newton, frank_wolfe = (solved(network, demand, gap=1e-7, method=method) for method in SOLVERS)
    assert np.abs(newton.flow - frank_wolfe.flow).max() < 0.005 * newton.flow.max()
    assert newton.certificate.objective == pytest.approx(frank_wolfe.certificate.objective, rel=1e-6)


def test_the_same_problem_gives_the_same_bytes() -> None:
    network, demand = grid_town(6, 10, 15_000)
    assert solved(network, demand).flow.tobytes() == solved(network, demand).flow.tobytes()


def test_nobody_drives_through_a_centroid() -> None:
    # 0 → 1 → 2 is quick, but 1 is a centroid; 0 → 3 → 2 takes longer.
    delay = VolumeDelay.bpr(np.array([1.0, 1.0, 5.0, 5.0]), np.full(4, 1000.0))
    graph = Graph.of(4, np.array([0, 1, 0, 3]), np.array([1, 2, 3, 2]), np.array([0, 1, 2]), np.array([0, 0, 0, 1]) > 0)
    demand = np.array([[0.0, 7.0, 10.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0]])
    found = assign(graph, delay, demand)
    assert found.flow == pytest.approx([7.0, 3.0, 10.0, 10.0])


def test_closing_a_link_that_nobody_uses_changes_no_flow() -> None:
    network, demand = grid_town(6, 10, 15_000)
    unused = solved(network, demand, gap=1e-9, measure_noise=True)
    empty = np.flatnonzero(unused.flow == 0)
    assert len(empty) > 0
    closed = np.zeros(network.graph.n_links, dtype=bool)
    closed[empty[0]] = True
    after = solved(network.closing(closed), demand, gap=1e-9, measure_noise=True)
    assert np.abs(after.flow - unused.flow).max() < 0.01


def test_cutting_the_only_bridge_loses_nobody_silently() -> None:
    # Two banks of two zones each, joined by one bridge in either direction.
    links = [
        (0, 1, 2.0, 0.01),
        (1, 0, 2.0, 0.01),
        (1, 2, 1.0, 0.02),
        (2, 1, 1.0, 0.02),
        (2, 3, 2.0, 0.01),
        (3, 2, 2.0, 0.01),
    ]
    network = linear(4, links, [0, 1, 2, 3])
    demand = np.array([[5.0, 40.0, 30.0, 20.0], [10.0, 0.0, 7.0, 0.0], [0.0, 4.0, 0.0, 60.0], [9.0, 0.0, 8.0, 0.0]])
    closed = np.array([0, 0, 1, 1, 0, 0]) > 0
    found = solved(network.closing(closed), demand)
    said = found.certificate
    assert (said.demand, said.assigned, said.unreachable, said.intrazonal) == (193.0, 118.0, 70.0, 5.0)
    trips = found.trips
    lost = {
        (int(o), int(d)): v
        for o, d, v in zip(trips.lost_origin, trips.lost_destination, trips.lost_volume, strict=True)
    }
    assert lost == {(0, 2): 30.0, (0, 3): 20.0, (1, 2): 7.0, (2, 1): 4.0, (3, 0): 9.0}
    assert (found.flow[closed] == 0).all()


def test_a_network_on_which_nobody_can_travel_still_has_a_certificate() -> None:
    network, demand = two_routes()
    found = solved(network.closing(np.array([True, True])), demand, measure_noise=True)
    assert found.certificate.converged
    assert found.certificate.unreachable == 2000.0
    assert found.certificate.tstt == 0.0


def test_starting_from_a_similar_equilibrium_leads_to_the_same_flows() -> None:
    network, demand = grid_town(6, 10, 15_000)
    before = solved(network, demand, gap=1e-9)
    closed = np.zeros(network.graph.n_links, dtype=bool)
    closed[int(np.argmax(before.flow[10:-10])) + 10] = True
    cold = solved(network.closing(closed), 1.1 * demand, gap=1e-9)
    warm = solved(network.closing(closed), 1.1 * demand, gap=1e-9, start=before)
    assert np.abs(cold.flow - warm.flow).max() < 1.0


def test_the_noise_floor_covers_what_the_solver_leaves_open() -> None:
    network, demand = grid_town(6, 10, 15_000)
    shipped = solved(network, demand, gap=1e-6, measure_noise=True)
    truth = solved(network, demand, gap=1e-11)
    assert shipped.certificate.noise_floor is not None
    assert np.percentile(np.abs(shipped.flow - truth.flow), 99) <= shipped.certificate.noise_floor


def test_steep_delay_functions_converge_too() -> None:
    network, demand = grid_town(6, 10, 12_000)
    delay = VolumeDelay(
        network.delay.free_flow_time,
        network.delay.capacity_vph,
        network.delay.coefficient,
        np.full(network.graph.n_links, 16.0),
        network.delay.fixed_cost,
    )
    assert assign(network.graph, delay, demand).certificate.relative_gap <= 1e-6


@pytest.mark.parametrize(
    ("demand", "said"),
    [
        (np.array([[0.0, -1.0], [0.0, 0.0]]), "not negative"),
        (np.array([[0.0, np.nan], [0.0, 0.0]]), "finite"),
        (np.zeros((3, 3)), "2 zones"),
    ],
)
def test_an_impossible_demand_is_refused(demand: Floats, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        solved(two_routes()[0], demand)


class TestBestKnownFlows:
    """Sioux Falls and Anaheim against the flows that researchers agree on."""

    @pytest.fixture(params=["SiouxFalls", "Anaheim"])
    def town(self, request: pytest.FixtureRequest, shared_data: Path) -> tuple[RoadNetwork, Floats, Floats]:
        return read_town(shared_data, request.param)

    def test_gap_and_objective(self, town: tuple[RoadNetwork, Floats, Floats]) -> None:
        network, demand, best = town
        found = solved(network, demand, gap=1e-6).certificate
        assert found.relative_gap <= 1e-6
        assert found.objective == pytest.approx(network.delay.integral(best), rel=1e-6)
        assert found.assigned == pytest.approx(demand.sum() - np.trace(demand))

    def test_the_shipped_settings_find_the_best_known_flows(self, town: tuple[RoadNetwork, Floats, Floats]) -> None:
        network, demand, best = town
        flow = solved(network, demand, gap=1e-8, measure_noise=True).flow
        assert np.sum(np.abs(flow - best)) / np.sum(best) < 1e-4


def read_town(shared_data: Path, name: str) -> tuple[RoadNetwork, Floats, Floats]:
    read = tntp.read_network(shared_data / f"roads/{name}_net.tntp")
    demand = tntp.read_trips(shared_data / f"roads/{name}_trips.tntp", read.n_zones)
    volumes = tntp.read_flows(shared_data / f"roads/{name}_flow.tntp")
    ends = zip(read.init_node.tolist(), read.term_node.tolist(), strict=True)
    return networks.of_tntp(read), demand, np.array([volumes[pair] for pair in ends])
