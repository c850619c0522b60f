"""Tiles from footprints, written to files and compressed: ours against ``py3dtiles export`` on the same footprints.

The footprints are those of the demo city's buildings, real corners and all, laid out again and again side by side. Both sides
start from data in memory (ours from columns, py3dtiles from its own input, ISO WKB) and end with files on the same disk; the peer is
spared its start-up, its first call and any compression. Seconds are the processor's, so that other work on the machine
does not decide. It lives in a folder of its own and is no dependency.
"""

from __future__ import annotations

import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import shapely

from ar_scenes.building import build
from ar_scenes.store import Store
from sources import osm as openstreetmap
from sources.geodesy import LocalFrame
from sources.table import BUILDING, FeatureTable, Floats, Strings

ROOT = Path(__file__).resolve().parent.parent.parent
EXTRACT = ROOT / "build/demo/Helsinki.osm.pbf"
PEER_FOLDER = ROOT / "build/bench/py3dtiles"
PEER_VERSION = "12.1.1"
COMPARED, LARGE = 2_000, 50_000
MOST_CORNERS = 127  # py3dtiles numbers a building's vertices in one byte and breaks above
FRAME = LocalFrame(24.94, 60.17)

PEER = """
import json, sys, tempfile, time
from pathlib import Path
import numpy as np
from py3dtiles.export import wkbs_to_tileset
folder = Path(sys.argv[1])
raw, ends = (folder / "solids.wkb").read_bytes(), json.loads((folder / "ends.json").read_text())
wkbs = [raw[a:b] for a, b in zip([0, *ends], ends)]
ids = [f"way/{number}" for number in range(len(wkbs))]
transform = np.eye(4, dtype=np.float32).flatten("F")
sys.stdout, out = sys.stderr, sys.stdout
with tempfile.TemporaryDirectory(dir=folder) as warm:
    wkbs_to_tileset(wkbs[:40], ids[:40], transform, Path(warm))
with tempfile.TemporaryDirectory(dir=folder) as target:
    start = time.process_time()
    wkbs_to_tileset(wkbs, ids, transform, Path(target))
    out.write(str(time.process_time() - start))
"""


def run() -> dict[str, object]:
    """Raises RuntimeError with a sentence when the extract or the peer cannot be had."""
    if not EXTRACT.is_file():
        raise RuntimeError("The demo extract is missing: run bin/setup --demo.")
    peer_python = _peer()
    table = openstreetmap.read(EXTRACT).features
    corners = np.diff(table.coords_of())
    buildings = table.take(np.flatnonzero((table.kind == BUILDING) & (corners <= MOST_CORNERS)))
    small, large = _town(buildings, COMPARED), _town(buildings, LARGE)
    ours_s = statistics.median(_ours(small) for _ in range(7))
    large_s = min(_ours(large) for _ in range(2))
    peer_s = _theirs(small, peer_python)
    ours, peer = COMPARED / ours_s, COMPARED / peer_s
    return {
        "name": "tiles",
        "ours": round(ours),
        "peer": round(peer),
        "ratio": round(ours / peer, 1),
        "unit": "buildings/s",
        "conditions": (
            f"{COMPARED} real footprints of Helsinki (those with at most {MOST_CORNERS} corners: the peer breaks on others), files written, gzip-1 on our side only, processor time of one process; "
            f"py3dtiles {PEER_VERSION} export without its start-up; at {LARGE} buildings ours makes {LARGE / large_s:,.0f}/s"
        ),
        "ours_large": round(LARGE / large_s),
    }


def _peer() -> Path:
    """The interpreter of a folder that holds py3dtiles, installed on first use."""
    python = PEER_FOLDER / "bin/python"
    ready = [str(python), "-c", "import py3dtiles.export"]
    if python.exists() and subprocess.run(ready, capture_output=True, check=False).returncode == 0:
        return python
    PEER_FOLDER.parent.mkdir(parents=True, exist_ok=True)
    steps = [
        [sys.executable, "-m", "venv", "--clear", str(PEER_FOLDER)],
        [str(python), "-m", "pip", "install", "--quiet", f"py3dtiles=={PEER_VERSION}"],
    ]
    for step in steps:
        done = subprocess.run(step, capture_output=True, text=True, check=False)
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise RuntimeError(f"py3dtiles {PEER_VERSION} could not be installed apart, so there is no peer: {last}")
    return python


def _town(buildings: FeatureTable, number: int) -> FeatureTable:
    """So many buildings: the city's, laid out again a kilometre to the east, north, east …"""
    rows = np.arange(number) % len(buildings)
    town = buildings.take(rows)
    copy = np.repeat(np.arange(number) // len(buildings), np.diff(town.coords_of()))
    across = int(np.ceil(np.sqrt(number / len(buildings))))
    shift = np.stack([copy % across * 0.020, copy // across * 0.016], axis=1)
    ids = Strings.of(f"way/{i}" for i in range(number))
    return FeatureTable(**{**vars(town), "ids": ids, "lonlat": town.lonlat + shift})


def _ours(town: FeatureTable) -> float:
    gc.collect()
    with tempfile.TemporaryDirectory(dir=ROOT / "build/bench") as folder:
        start = time.process_time()
        build(town, Store(Path(folder)))
        return time.process_time() - start


def _theirs(town: FeatureTable, python: Path) -> float:
    wkbs = [shapely.to_wkb(solid, flavor="iso", output_dimension=3) for solid in _solids(town)]
    with tempfile.TemporaryDirectory(dir=ROOT / "build/bench") as folder:
        (Path(folder) / "solids.wkb").write_bytes(b"".join(wkbs))
        (Path(folder) / "ends.json").write_text(json.dumps(np.cumsum([len(w) for w in wkbs]).tolist()))
        done = subprocess.run([str(python), "-c", PEER, folder], capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"py3dtiles could not make the tiles: {done.stderr.strip().splitlines()[-1]}")
    return float(done.stdout)


def _solids(town: FeatureTable) -> list[shapely.MultiPolygon]:
    """Walls and roofs as polygons, y up, as py3dtiles wants them."""
    xy = FRAME.to_local(town.lonlat)[:, :2]
    found = []
    for row in range(len(town)):
        faces: list[shapely.Polygon] = []
        for part in range(int(town.part_offsets[row]), int(town.part_offsets[row + 1])):
            low, high = float(town.part_base_m[part]), float(town.part_height_m[part])
            rings = range(int(town.ring_offsets[part]), int(town.ring_offsets[part + 1]))
            plan = [xy[town.coord_offsets[r] : town.coord_offsets[r + 1]] for r in rings]
            faces.append(shapely.Polygon(_raised(plan[0], high), [_raised(hole, high) for hole in plan[1:]]))
            for ring in plan:
                ahead = np.roll(ring, -1, axis=0)
                faces += [
                    shapely.Polygon(_raised(np.array([a, b, b, a]), np.array([low, low, high, high])))
                    for a, b in zip(ring, ahead, strict=True)
                ]
        found.append(shapely.MultiPolygon(faces))
    return found


def _raised(plan: Floats, height: Floats | float) -> Floats:
    return np.column_stack([plan[:, 0], np.broadcast_to(height, len(plan)), -plan[:, 1]])
