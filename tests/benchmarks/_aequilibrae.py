"""AequilibraE's bi-conjugate Frank-Wolfe on one network, run by the Python of its own environment: ``IN.npz OUT.npz``.

Prints the seconds of the assignment alone; importing and preparing the graph are not counted.
"""

from __future__ import annotations

import logging
import os
import sys
import time

os.environ["AEQ_SHOW_PROGRESS"] = "FALSE"

import numpy as np
import pandas as pd
from aequilibrae.matrix import AequilibraeMatrix
from aequilibrae.paths import Graph, TrafficAssignment, TrafficClass


def main(given: str, out: str) -> None:
    logging.disable(logging.CRITICAL)
    with np.load(given) as found:
        network = {name: found[name] for name in found.files}
    zones = len(network["demand"])
    links = pd.DataFrame(
        {
            "link_id": np.arange(1, len(network["tail"]) + 1),
            "a_node": network["tail"] + 1,
            "b_node": network["head"] + 1,
            "direction": 1,
            **{name: network[name] for name in ("free_flow_time", "capacity", "b", "power")},
        }
    )
    graph = Graph()
    graph.network = links
    graph.prepare_graph(np.arange(1, zones + 1))
    graph.set_graph("free_flow_time")
    graph.set_blocked_centroid_flows(bool(network["blocked"]))
    matrix = AequilibraeMatrix()
    matrix.create_empty(zones=zones, matrix_names=["trips"], memory_only=True)
    matrix.index[:] = np.arange(1, zones + 1)
    matrix.matrix["trips"][:, :] = network["demand"]
    matrix.computational_view(["trips"])
    assignment = TrafficAssignment()
    assignment.set_classes([TrafficClass("car", graph, matrix)])
    assignment.set_vdf("BPR")
    assignment.set_vdf_parameters({"alpha": "b", "beta": "power"})
    assignment.set_capacity_field("capacity")
    assignment.set_time_field("free_flow_time")
    assignment.set_algorithm("bfw")
    assignment.max_iter = int(network["most"])
    assignment.rgap_target = float(network["gap"])
    start = time.perf_counter()
    assignment.execute()
    seconds = time.perf_counter() - start
    flows = assignment.results()["PCE_AB"].reindex(links["link_id"]).fillna(0.0).to_numpy()
    np.savez(out, flows=flows, iterations=assignment.assignment.iter, gap=assignment.assignment.rgap)
    print(seconds)


if __name__ == "__main__":
    main(*sys.argv[1:3])
