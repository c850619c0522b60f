from __future__ import annotations

import csv
import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

# Two banks: 1 and 2 south, 3 north; the bridge 2-3 is the only way north. Node 4 is on a detour 1-4-2.
NETWORK = """\
<NUMBER OF ZONES> 3
<NUMBER OF NODES> 4
<FIRST THRU NODE> 1
<NUMBER OF LINKS> 4
<END OF METADATA>
~ init_node term_node capacity length free_flow_time b power speed toll link_type ;
1 2 100 1 10 1 1 0 0 1 ;
1 4 1000 1 10 0.5 1 0 0 1 ;
4 2 1000 1 5 0 1 0 0 1 ;
2 3 100 1 2 0.15 4 0 0 1 ;
"""
TRIPS = """\
<NUMBER OF ZONES> 3
<END OF METADATA>
Origin 1
 2 : 150; 3 : 50;
Origin 2
 2 : 9;
"""


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    network, trips = tmp_path / "town_net.tntp", tmp_path / "town_trips.tntp"
    network.write_text(NETWORK, encoding="utf-8")
    trips.write_text(TRIPS, encoding="utf-8")
    return network, trips, tmp_path / "flows.csv"


def assigned(files: tuple[Path, Path, Path], *words: str) -> tuple[dict[str, object], dict[tuple[int, int], float]]:
    network, trips, out = files
    said = StringIO()
    call_command("assign", str(network), str(trips), "--out", str(out), *words, stdout=said)
    with out.open(encoding="utf-8") as file:
        flows = {(int(r["init_node"]), int(r["term_node"])): float(r["volume"]) for r in csv.DictReader(file)}
    return json.loads(said.getvalue()), flows


def test_the_command_prints_the_certificate_and_writes_every_flow(files: tuple[Path, Path, Path]) -> None:
    certificate, flows = assigned(files, "--gap", "1e-9")
    # 10 + v/10 = 10 + (200 - v)/200 + 5  →  v = 6/0.105
    assert flows[1, 2] == pytest.approx(6 / 0.105, rel=1e-6)
    assert flows[4, 2] == pytest.approx(200 - 6 / 0.105, rel=1e-6)
    assert flows[2, 3] == pytest.approx(50.0)
    assert certificate["converged"] is True
    assert certificate["relative_gap"] <= 1e-9  # type: ignore[operator]
    assert (certificate["demand"], certificate["assigned"], certificate["intrazonal"]) == (209.0, 200.0, 9.0)


def test_closing_the_bridge_lists_who_cannot_travel(files: tuple[Path, Path, Path]) -> None:
    certificate, flows = assigned(files, "--close", "2-3")
    assert certificate["closed"] == ["2-3"]
    assert certificate["unreachable"] == 50.0
    assert certificate["unreachable_trips"] == [{"origin": 1, "destination": 3, "trips": 50.0}]
    assert certificate["assigned"] == 150.0
    assert flows[2, 3] == 0.0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--close", "3-2"], "no link from node 3 to node 2"),
        (["--close", "bridge"], "Write FROM-TO"),
        (["--gap", "0"], "no relative gap"),
    ],
)
def test_what_cannot_be_done_is_said(files: tuple[Path, Path, Path], words: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        assigned(files, *words)


def test_an_absent_file_is_named(files: tuple[Path, Path, Path]) -> None:
    with pytest.raises(CommandError, match=r"absent\.tntp cannot be read"):
        call_command("assign", "absent.tntp", str(files[1]))
