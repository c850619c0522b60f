from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from sources import tntp
from sources.report import Unreadable

NETWORK = """\
<NUMBER OF ZONES> 2
<NUMBER OF NODES> 3
<FIRST THRU NODE> 3
<NUMBER OF LINKS> 2
<TOLL FACTOR> 0.5
<END OF METADATA>

~ \tinit_node\tterm_node\tcapacity\tlength\tfree_flow_time\tb\tpower\tspeed\ttoll\tlink_type\t;
\t1\t3\t1800\t5280\t1.5\t0.15\t4\t4842\t3\t1\t;
\t3\t2\t900\t2640\t0.75\t0.15\t4\t4842\t0\t1\t;
"""
TRIPS = """\
<NUMBER OF ZONES> 2
<TOTAL OD FLOW> 120.5
<END OF METADATA>

Origin  1
    1 :    0.0;     2 :   100.0;

Origin \t2
    1 :    20.5;
"""


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_a_network_is_read_column_by_column(tmp_path: Path) -> None:
    network = tntp.read_network(written(tmp_path, "town_net.tntp", NETWORK))
    assert (network.n_zones, network.n_nodes, network.first_through_node, len(network)) == (2, 3, 3, 2)
    assert network.init_node.tolist() == [1, 3]
    assert network.term_node.tolist() == [3, 2]
    assert network.capacity.tolist() == [1800.0, 900.0]
    assert network.length.tolist() == [5280.0, 2640.0]
    assert network.free_flow_time.tolist() == [1.5, 0.75]
    assert network.toll.tolist() == [3.0, 0.0]
    assert (network.toll_factor, network.distance_factor) == (0.5, 0.0)


def test_trips_are_a_matrix_from_row_to_column(tmp_path: Path) -> None:
    trips = tntp.read_trips(written(tmp_path, "town_trips.tntp", TRIPS), 2)
    assert trips.tolist() == [[0.0, 100.0], [20.5, 0.0]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (NETWORK.replace("<NUMBER OF LINKS> 2", "<NUMBER OF LINKS> 9"), "announces 9 links and holds 2"),
        (NETWORK.replace("1800", "many"), "line 9: “many” is not a number"),
        (NETWORK.replace("\t3\t2\t900\t2640\t0.75\t0.15\t4\t4842\t0\t1\t;", "\t3\t2\t900;"), "line 10: 3 columns"),
        (NETWORK.replace("\t1\t3\t", "\t7\t3\t"), "outside 1 … 3"),
        ("col1,col2\n1,2\n", "columns"),
        ("", "NUMBER OF ZONES"),
    ],
)
def test_a_damaged_network_is_refused_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        tntp.read_network(written(tmp_path, "town_net.tntp", text))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (TRIPS.replace("2 :   100.0", "9 :   100.0"), "zone 9 is not one of the 2 zones"),
        (TRIPS.replace("Origin", "From"), "before the first"),
        ("", "no “Origin”"),
    ],
)
def test_a_damaged_trip_table_is_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        tntp.read_trips(written(tmp_path, "town_trips.tntp", text), 2)


def test_binary_files_are_refused_with_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "picture_net.tntp"
    path.write_bytes(b"\x89PNG\xff\xfe\x00")
    with pytest.raises(Unreadable, match="cannot be read as text"):
        tntp.read_network(path)


def test_sioux_falls_has_the_published_sums(shared_data: Path) -> None:
    network = tntp.read_network(shared_data / "roads/SiouxFalls_net.tntp")
    trips = tntp.read_trips(shared_data / "roads/SiouxFalls_trips.tntp", network.n_zones)
    flows = tntp.read_flows(shared_data / "roads/SiouxFalls_flow.tntp")
    assert (len(network), network.n_nodes, network.n_zones) == (76, 24, 24)
    assert np.sum(network.capacity) == pytest.approx(778_787.7, abs=0.1)
    assert np.sum(network.free_flow_time) == 314
    assert np.sum(trips) == 360_600
    assert len(flows) == 76
