"""``bin/bench microdata``: k-anonymous groups of 30,162 census records, against anonypy's Mondrian on the same records.

Both get the eight attributes by which somebody could be recognised, k = 5, and end with a group per record. Detail lost
is measured on both results by the same function. Seconds are the processor's. The peer runs once, in a folder of its
own, and is no dependency. Without the Adult file a generated table of its shape is used.
"""

from __future__ import annotations

import csv
import gzip
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from privacy import mondrian
from privacy.mondrian import Rules

ROOT = Path(__file__).resolve().parent.parent.parent
ADULT = ROOT.parent / "shared/data/privacy"
PEER_FOLDER = ROOT / "build/bench/anonypy"
PEER = ("anonypy==0.2.1", "pandas==2.3.3")
SENSITIVE = "salary-class"
RULES = Rules(5)
LARGE = 1_000_000

PEER_WORK = """
import sys, time
import numpy as np, pandas as pd
from anonypy.mondrian import Mondrian
table = np.load(sys.argv[1])
frame = pd.DataFrame(table["values"])
for place in np.flatnonzero(table["is_category"]):
    frame[place] = frame[place].astype("category")
start = time.process_time()
parts = Mondrian(frame, list(frame.columns)).partition(k=int(sys.argv[3]))
seconds = time.process_time() - start
group = np.zeros(len(frame), dtype=np.int64)
for number, part in enumerate(parts):
    group[part] = number
np.savez(sys.argv[2], group=group, seconds=seconds)
"""


def run() -> dict[str, Any]:
    values, is_category, sensitive, source = _table()
    seconds, group = _ours(values, is_category)
    peer_seconds, peer_group = _peer(values, is_category)
    large = _resampled(values, LARGE)
    large_seconds, _group = _ours(large, is_category, tries=1)
    ours, peer = len(values) / seconds, len(values) / peer_seconds
    loss, peer_loss = (mondrian.loss(values, is_category, found) for found in (group, peer_group))
    found = mondrian.reached(group, sensitive)
    return {
        "name": "microdata",
        "ours": round(ours),
        "peer": round(peer),
        "ratio": round(ours / peer, 1),
        "unit": "records per second",
        "conditions": f"{source}, {values.shape[1]} attributes, k = {RULES.k}; peer {PEER[0]}, one run; ours best of 3",
        "loss": round(loss, 5),
        "peer_loss": round(peer_loss, 5),
        "loss_ratio": round(loss / peer_loss, 3),
        "reached_k": found.k,
        "million_seconds": round(large_seconds, 2),
        "goals": {"ratio": 200, "loss_ratio": 1.0, "million_seconds": 10},
    }


def _ours(values: Any, is_category: Any, tries: int = 3) -> tuple[float, Any]:
    times, group = [], None
    for _try in range(tries):
        start = time.process_time()
        group = mondrian.anonymise(values, is_category, RULES)
        times.append(time.process_time() - start)
    return min(times), group


def _peer(values: Any, is_category: Any) -> tuple[float, Any]:
    python = _peer_python()
    with tempfile.TemporaryDirectory() as folder:
        given, made = Path(folder) / "given.npz", Path(folder) / "made.npz"
        np.savez(given, values=values, is_category=is_category)
        subprocess.run([str(python), "-c", PEER_WORK, str(given), str(made), str(RULES.k)], check=True)
        with np.load(made) as result:
            return float(result["seconds"]), result["group"]


def _peer_python() -> Path:
    """The interpreter of a folder that holds anonypy, installed on first use."""
    python = PEER_FOLDER / "bin/python"
    if not python.exists():
        PEER_FOLDER.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", str(PEER_FOLDER)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *PEER], check=True)
    return python


def _table() -> tuple[Any, Any, Any, str]:
    file = ADULT / "adult.csv.gz"
    if not file.is_file():
        return _generated()
    with gzip.open(file, "rt", newline="") as stream:
        header, *rows = csv.reader(stream, delimiter=";")
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    sensitive = np.unique(columns.pop(SENSITIVE), return_inverse=True)[1]
    coded = [
        np.array(texts, dtype=np.int64) if name == "age" else _coded(name, texts) for name, texts in columns.items()
    ]
    is_category = np.array([name != "age" for name in columns])
    return np.stack(coded, axis=1), is_category, sensitive, f"Adult, {len(rows):,} rows"


def _coded(name: str, texts: tuple[str, ...]) -> Any:
    """Categories as codes in the order of their hierarchy."""
    with (ADULT / f"adult_hierarchy_{name}.csv").open(newline="") as stream:
        wider = {row[0]: row for row in csv.reader(stream, delimiter=";") if row}
    known = {text: code for code, text in enumerate(sorted(set(texts), key=lambda text: wider[text][::-1]))}
    return np.array([known[text] for text in texts], dtype=np.int64)


def _generated() -> tuple[Any, Any, Any, str]:
    rng = np.random.default_rng(1653)
    rows, sizes = 30_162, (2, 5, 7, 16, 41, 7, 14)
    age = np.clip(rng.normal(38, 13, rows), 17, 90).astype(np.int64)
    columns = [np.minimum(rng.geometric(3 / size, rows) - 1, size - 1) for size in sizes]
    values = np.stack([age, *columns], axis=1)
    return values, np.arange(8) > 0, rng.integers(0, 2, rows), f"generated, {rows:,} rows"


def _resampled(values: Any, rows: int) -> Any:
    """More records of the same kind: drawn again, with 15 % of the values of each column from elsewhere."""
    rng = np.random.default_rng(1653)
    drawn = values[rng.integers(0, len(values), rows)]
    for place in range(values.shape[1]):
        other = rng.random(rows) < 0.15
        drawn[other, place] = values[rng.integers(0, len(values), int(other.sum())), place]
    return drawn
