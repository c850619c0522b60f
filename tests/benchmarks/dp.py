"""``bin/bench dp``: from a million stored answers to 1,600 noisy cells, against OpenDP's own path from raw strings.

Ours counts the columns of a frozen snapshot, bounds contributions, and adds OpenDP's exact noise to the finished
counts. The peer gives every answer to OpenDP as text, with the list of options, for the same guarantee.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Any

import django
import numpy as np
import opendp.prelude as opendp

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "engagement.settings")
django.setup()  # counting raises the site's own refusals

from privacy import dp  # noqa: E402
from privacy.counts import NumpyCounts, TableSpec  # noqa: E402
from privacy.snapshot import Column, Option, SnapshotInput  # noqa: E402

ANSWERS, SMALL_TOWN, SIDE, EPSILON = 1_000_000, 60, 40, 0.8
ONE = dp.sensitivity(1)
TRIES = 5


def run() -> dict[str, Any]:
    opendp.enable_features("contrib")
    million = _snapshot(ANSWERS)
    ours = _best_ms(lambda: _ours(million, TableSpec("mode", by="district")))
    gaussian = _best_ms(lambda: _ours(million, TableSpec("mode", by="district"), dp.gaussian(0.06, ONE)))
    town = _snapshot(SMALL_TOWN)
    small = _best_ms(lambda: _ours(town, TableSpec("mode")))
    texts = [str(code) for code in _cells(million)]
    peer = _best_ms(lambda: _peer(texts), tries=1)
    return {
        "name": "dp",
        "ours": round(ours, 1),
        "peer": round(peer, 1),
        "ratio": round(peer / ours, 1),
        "unit": f"ms for {ANSWERS:,} answers into {SIDE * SIDE:,} cells",
        "conditions": (
            f"ε {EPSILON}, discrete Laplace, one answer per unit checked; best of {TRIES}; "
            "peer: OpenDP count_by_categories on strings + Laplace, one run"
        ),
        "gaussian_ms": round(gaussian, 1),
        "sixty_answers_ms": round(small, 2),
        "goals": {"million_ms": 100, "sixty_ms": 20},
    }


def _ours(taken: SnapshotInput, spec: TableSpec, mechanism: dp.Mechanism | None = None) -> None:
    table = NumpyCounts().count(spec, taken, b"key of the round")
    dp.noisy(table.vector, mechanism or dp.laplace(EPSILON, table.bound))


def _peer(texts: list[str]) -> None:
    categories = [str(cell) for cell in range(SIDE * SIDE)]
    domain, metric = opendp.vector_domain(opendp.atom_domain(T=str)), opendp.symmetric_distance()
    counts = opendp.t.make_count_by_categories(domain, metric, categories, null_category=False)
    pipeline = counts >> opendp.m.then_laplace(1 / EPSILON)
    pipeline(texts)


def _snapshot(answers: int) -> SnapshotInput:
    rng = np.random.default_rng(1653)
    options = [Option(str(place)) for place in range(SIDE)]
    columns = [
        Column(name, "one", {}, options, rng.integers(0, SIDE, answers, dtype=np.int16))
        for name in ("mode", "district")
    ]
    taken = SnapshotInput([f"{place:032x}" for place in range(answers)], columns)
    assert len(taken.unit_of_row) == answers  # numbered once when a snapshot is opened
    return taken


def _cells(taken: SnapshotInput) -> Any:
    mode, district = (column.codes.astype(np.int64) for column in taken.columns)
    return (district * SIDE + mode).tolist()


def _best_ms(work: Callable[[], None], tries: int = TRIES) -> float:
    times = []
    for _try in range(tries):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return 1000 * min(times)
