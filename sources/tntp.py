"""TNTP files: road networks, trip tables and flows as researchers and AequilibraE exchange them.

Format: TransportationNetworks (Stabler, Bar-Gera, Sall). Columns are read by position; ``~`` begins a comment. Units
are the file's own and nobody can tell them from the file: time is often minutes, in Sioux Falls hundredths of an hour.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from sources.report import Unreadable
from sources.table import Floats, Ints

SUFFIXES: Final = (".tntp",)
COLUMNS: Final = (
    "init_node", "term_node", "capacity", "length", "free_flow_time", "b", "power", "speed", "toll", "link_type",
)  # fmt: skip
NEEDED: Final = 7  # up to the power
_METADATA = re.compile(r"<\s*([^>]+?)\s*>\s*(.*)")
_TRIPS = re.compile(r"(\d+)\s*:\s*([-+.\deE]+)")


@dataclass(frozen=True, eq=False)
class TntpNetwork:
    """One network file. Node numbers are the file's, from 1; the first ``n_zones`` nodes are the zones."""

    n_zones: int
    n_nodes: int
    first_through_node: int
    """Nodes with smaller numbers carry no through traffic."""
    init_node: Ints
    term_node: Ints
    capacity: Floats
    length: Floats
    free_flow_time: Floats
    b: Floats
    power: Floats
    toll: Floats
    toll_factor: float
    """Time per unit of toll, as the file's metadata says; 0 when it says nothing."""
    distance_factor: float
    """Time per unit of length, likewise."""

    def __len__(self) -> int:
        return len(self.init_node)


def read_network(path: Path) -> TntpNetwork:
    """Read a ``_net.tntp`` file. Raises ``Unreadable`` with a sentence that names the line."""
    metadata, rows = _split(path)
    table = np.zeros((len(rows), len(COLUMNS)))
    for position, (number, line) in enumerate(rows):
        table[position, : len(COLUMNS)] = _row(path, number, line)
    column = dict(zip(COLUMNS, table.T, strict=True))
    network = TntpNetwork(
        n_zones=int(_number(path, metadata, "NUMBER OF ZONES")),
        n_nodes=int(_number(path, metadata, "NUMBER OF NODES")),
        first_through_node=int(_number(path, metadata, "FIRST THRU NODE", 1.0)),
        init_node=column["init_node"].astype(np.int64),
        term_node=column["term_node"].astype(np.int64),
        toll_factor=_number(path, metadata, "TOLL FACTOR", 0.0),
        distance_factor=_number(path, metadata, "DISTANCE FACTOR", 0.0),
        **{name: column[name] for name in ("capacity", "length", "free_flow_time", "b", "power", "toll")},
    )
    _check(path, network, metadata)
    return network


def read_trips(path: Path, n_zones: int) -> Floats:
    """Read a ``_trips.tntp`` file as a matrix, from row to column, shape ``(n_zones, n_zones)``.

    Raises ``Unreadable`` when a zone is unknown, a number unreadable or no origin is there.
    """
    demand, origin = np.zeros((n_zones, n_zones)), 0
    _, rows = _split(path)
    for number, line in rows:
        if found := re.fullmatch(r"[Oo]rigin\s+(\d+)\s*", line):
            origin = _zone(path, number, found[1], n_zones)
        elif origin:
            for destination, trips in _TRIPS.findall(line):
                demand[origin - 1, _zone(path, number, destination, n_zones) - 1] += _value(path, number, trips)
        else:
            raise Unreadable(f"{path.name}, line {number}: trips stand before the first “Origin”.")
    if not origin:
        raise Unreadable(f"{path.name} holds no “Origin”: it is not a TNTP trip table.")
    return demand


def read_flows(path: Path) -> dict[tuple[int, int], float]:
    """Read a ``_flow.tntp`` file: volume by the link's two nodes. Parallel links are added up."""
    volumes: dict[tuple[int, int], float] = {}
    for number, line in enumerate(_lines(path), 1):
        words = line.replace(";", " ").replace(":", " ").split()
        if len(words) < 3 or not words[0].isdigit():
            continue
        ends = int(words[0]), int(words[1])
        volumes[ends] = volumes.get(ends, 0.0) + _value(path, number, words[2])
    if not volumes:
        raise Unreadable(f"{path.name} holds no line with two nodes and a volume.")
    return volumes


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{path.name} cannot be read as text: {error}.") from error


def _split(path: Path) -> tuple[dict[str, str], list[tuple[int, str]]]:
    """Metadata by upper-case name, and the other lines with their numbers, without comments."""
    metadata: dict[str, str] = {}
    rows: list[tuple[int, str]] = []
    for number, raw in enumerate(_lines(path), 1):
        line = raw.strip()
        if found := _METADATA.fullmatch(line):
            metadata[found[1].upper()] = found[2].strip()
        elif line and not line.startswith("~"):
            rows.append((number, line))
    return metadata, rows


def _row(path: Path, number: int, line: str) -> Floats:
    words = line.split("~", maxsplit=1)[0].replace(";", " ").split()
    if len(words) < NEEDED:
        raise Unreadable(
            f"{path.name}, line {number}: {len(words)} columns; a link needs {', '.join(COLUMNS[:NEEDED])}."
        )
    row = np.zeros(len(COLUMNS))
    used = words[: len(COLUMNS)]
    row[: len(used)] = [_value(path, number, word) for word in used]
    return row


def _value(path: Path, number: int, word: str) -> float:
    try:
        return float(word)
    except ValueError:
        raise Unreadable(f"{path.name}, line {number}: “{word}” is not a number.") from None


def _zone(path: Path, number: int, word: str, n_zones: int) -> int:
    zone = int(word)
    if not 1 <= zone <= n_zones:
        raise Unreadable(f"{path.name}, line {number}: zone {zone} is not one of the {n_zones} zones of the network.")
    return zone


def _number(path: Path, metadata: dict[str, str], name: str, default: float | None = None) -> float:
    word = metadata.get(name, "").split(" ")[0].split("\t")[0]
    if not word and default is not None:
        return default
    try:
        return float(word)
    except ValueError:
        raise Unreadable(f"{path.name} does not say <{name}>: it is not a TNTP network file.") from None


def _check(path: Path, network: TntpNetwork, metadata: dict[str, str]) -> None:
    said = metadata.get("NUMBER OF LINKS", "")
    if said.isdigit() and int(said) != len(network):
        raise Unreadable(f"{path.name} announces {said} links and holds {len(network)}: it is cut off or damaged.")
    ends = np.concatenate([network.init_node, network.term_node])
    if len(ends) and not (ends.min() >= 1 and ends.max() <= network.n_nodes):
        raise Unreadable(f"{path.name} names a node outside 1 … {network.n_nodes}.")
    if network.n_zones > network.n_nodes:
        raise Unreadable(f"{path.name} has more zones than nodes.")
