"""Traffic assignment of TNTP files, without the rest of the site."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scenarios.library import networks
from scenarios.library.arrays import Bools
from scenarios.library.assignment import Assignment, assign
from sources import tntp
from sources.report import Unreadable
from sources.tntp import TntpNetwork

MOST_LISTED = 50


@dataclass(frozen=True, eq=False)
class AssignedFiles:
    """The equilibrium of a network file."""

    network: TntpNetwork
    closed: Bools
    assignment: Assignment

    def certificate(self) -> dict[str, Any]:
        """The certificate as JSON, with what is closed and the largest flows that cannot travel."""
        trips = self.assignment.trips
        largest = np.argsort(-trips.lost_volume, kind="stable")[:MOST_LISTED]
        lost = [
            {
                "origin": int(trips.lost_origin[i]) + 1,
                "destination": int(trips.lost_destination[i]) + 1,
                "trips": float(trips.lost_volume[i]),
            }
            for i in largest
        ]
        ends = zip(self.network.init_node[self.closed], self.network.term_node[self.closed], strict=True)
        return self.assignment.certificate.as_dict() | {
            "links": len(self.network),
            "zones": self.network.n_zones,
            "closed": [f"{a}-{b}" for a, b in ends],
            "unreachable_pairs": len(trips.lost_volume),
            "unreachable_trips": lost,
        }

    def write_flows(self, path: Path) -> None:
        """One line per link in the order of the network file: nodes, volume, time at this volume."""
        columns = (self.network.init_node, self.network.term_node, self.assignment.flow, self.assignment.cost)
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["init_node", "term_node", "volume", "cost"])
            writer.writerows(
                [int(a), int(b), repr(float(v)), repr(float(t))] for a, b, v, t in zip(*columns, strict=True)
            )


def assign_files(
    network_file: Path,
    trips_file: Path,
    *,
    gap: float = 1e-6,
    close: Sequence[str] = (),
    toll_factor: float | None = None,
    distance_factor: float | None = None,
    report: Callable[[float], None] = lambda _gap: None,
) -> AssignedFiles:
    """Assign the trips of one file to the network of the other.

    Args:
        close: links to remove, each as ``FROM-TO`` in the file's node numbers, in that direction.
        toll_factor, distance_factor: time per unit of toll and length where the file's metadata does not say it.

    Raises:
        Unreadable: with a sentence that says which file, line or link is wrong.
    """
    read = tntp.read_network(network_file)
    demand = tntp.read_trips(trips_file, read.n_zones)
    closed = _closed(read, close)
    try:
        network = networks.of_tntp(read, toll_factor=toll_factor, distance_factor=distance_factor).closing(closed)
        found = assign(network.graph, network.delay, demand, gap=gap, report=report)
    except ValueError as error:
        raise Unreadable(f"{network_file.name} cannot be assigned: {error}.") from error
    return AssignedFiles(read, closed, found)


def _closed(network: TntpNetwork, names: Sequence[str]) -> Bools:
    closed = np.zeros(len(network), dtype=np.bool_)
    for name in names:
        ends = re.fullmatch(r"(\d+)-(\d+)", name)
        if ends is None:
            raise Unreadable(f"“{name}” is no link. Write FROM-TO with two node numbers, for example 10-11.")
        links = (network.init_node == int(ends[1])) & (network.term_node == int(ends[2]))
        if not links.any():
            raise Unreadable(f"The network has no link from node {ends[1]} to node {ends[2]}.")
        closed |= links
    return closed
