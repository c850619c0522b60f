from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import numpy as np
import pyproj
import pytest
from django.conf import settings

from ar_scenes.building import Built, build, export
from ar_scenes.gltf import SCHEMA_HASH
from ar_scenes.mesh import lift_m
from ar_scenes.store import Store
from ar_scenes.tiles3d import check
from sources.osm import City
from sources.table import BUILDING, KINDS, WATER, FeatureTable
from tests.ar_scenes import glb_reader

VALIDATOR = Path(__file__).with_name("validate_gltf.mjs")


def tiles_of(built: Built, store: Store) -> dict[str, glb_reader.Glb]:
    found = {}
    for tile in built.manifest["tiles"]:
        data = store.read(tile["hash"], "glb")
        assert data is not None
        found[tile["key"]] = glb_reader.read(data)
    return found


def leaves(built: Built) -> list[str]:
    def walk(tile: dict) -> list[str]:
        below = tile.get("children", [])
        own = [] if below and tile["refine"] == "REPLACE" else [tile["content"]["extras"]["key"]]
        return own + [key for child in below for key in walk(child)]

    return walk(built.manifest["tileset"]["root"])


def local_metres(lonlat: np.ndarray, origin: dict[str, float]) -> np.ndarray:
    """East, north, up through PROJ's own topocentric conversion."""
    to_enu = pyproj.Transformer.from_pipeline(
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad +step +proj=cart +ellps=WGS84 "
        f"+step +proj=topocentric +ellps=WGS84 +lon_0={origin['lon']} +lat_0={origin['lat']} +h_0=0"
    )
    return np.stack(to_enu.transform(lonlat[:, 0], lonlat[:, 1], np.zeros(len(lonlat))), axis=1)


def assert_tiles_show_the_source(table: FeatureTable, built: Built, store: Store) -> None:
    """Every feature once in what is drawn in the end, every corner of an area within one quantum."""
    decoded = tiles_of(built, store)
    ids, enu = table.ids.tolist(), local_metres(table.lonlat, built.manifest["origin"])
    lift, coords, row_of = lift_m(table), table.coords_of(), {i: n for n, i in enumerate(ids)}
    seen: Counter[str] = Counter()
    for key in leaves(built):
        tile = decoded[key]
        for local, feature_id in enumerate(tile.columns["id"]):
            seen[feature_id] += 1
            row = row_of[feature_id]
            assert tile.columns["kind"][local] == table.kind[row]
            assert tile.columns["height"][local] == pytest.approx(table.height_m[row], abs=1e-4)
            corners = tile.corners(local)
            if table.is_line[row]:
                continue
            source = enu[coords[row] : coords[row + 1]]
            ground = source[:, 2] + lift[row]
            away = np.abs(corners[:, None, :2] - source[None, :, :2]).max(axis=2)
            assert away.min(axis=0).max() <= tile.quantum  # every corner of the source is there
            assert away.min(axis=1).max() <= tile.quantum  # and no other
            assert corners[:, 2].max() == pytest.approx((ground + table.height_m[row]).max(), abs=tile.quantum)
            assert corners[:, 2].min() == pytest.approx((ground + table.base_m[row]).min(), abs=tile.quantum)
    assert seen == Counter(ids)


def test_every_feature_of_the_town_is_drawn_where_it_stands(town: FeatureTable, store: Store) -> None:
    assert_tiles_show_the_source(town, build(town, store, most=12), store)


def test_every_feature_of_helsinki_is_drawn_where_it_stands(
    helsinki: City, built_helsinki: tuple[Built, Store]
) -> None:
    built, store = built_helsinki
    assert len(built.manifest["tiles"]) >= 8
    assert_tiles_show_the_source(helsinki.features, built, store)


def test_every_tile_of_helsinki_passes_khronos_validator(built_helsinki: tuple[Built, Store], tmp_path: Path) -> None:
    node = shutil.which("node") or shutil.which("node", path=str(settings.BASE_DIR / ".venv/bin"))
    if node is None or not (settings.BASE_DIR / "node_modules/gltf-validator").is_dir():
        pytest.skip("needs node and the npm package gltf-validator: run bin/setup --dev")
    built, store = built_helsinki
    export(built.manifest, store, tmp_path)
    paths = sorted(str(p) for p in (tmp_path / "tiles").glob("*.glb"))
    run = subprocess.run([node, str(VALIDATOR), *paths], capture_output=True, text=True, check=True)
    found = json.loads(run.stdout)
    assert sorted(found) == paths
    assert {path: r for path, r in found.items() if r["errors"] or r["warnings"]} == {}


def test_the_same_source_gives_the_same_bytes(town: FeatureTable, tmp_path: Path) -> None:
    first, second = build(town, Store(tmp_path / "a")), build(town, Store(tmp_path / "b"))
    assert first == second
    files = [sorted((p.name, p.read_bytes()) for p in (tmp_path / side).rglob("*.*")) for side in ("a", "b")]
    assert files[0] == files[1]


def test_an_edit_changes_the_tiles_around_it_and_no_other(helsinki: City, built_helsinki: tuple[Built, Store]) -> None:
    built, store = built_helsinki
    table = helsinki.features
    top = table.part_height_m.copy()
    row = int(np.flatnonzero(table.kind == BUILDING)[7])
    top[table.part_offsets[row]] += 3
    edited = build(FeatureTable(**{**vars(table), "part_height_m": top}), store)
    before = {t["key"]: t["hash"] for t in built.manifest["tiles"]}
    changed = [t["key"] for t in edited.manifest["tiles"] if before[t["key"]] != t["hash"]]
    assert len(set(changed) & set(leaves(built))) == 1
    assert len(changed) <= 4


def test_no_tile_is_empty_and_coarse_ones_hold_blocks_and_main_streets(town: FeatureTable, store: Store) -> None:
    built = build(town, store, most=12)
    decoded = tiles_of(built, store)
    assert all(len(tile.triangles) for tile in decoded.values())
    inner = set(decoded) - set(leaves(built))
    assert inner
    for key in inner:
        kinds = {KINDS[k] for k in decoded[key].columns["kind"]}
        assert "block" in kinds
        assert "building" not in kinds
    assert "way/3" in decoded["0"].columns["id"]
    assert "way/2" not in decoded["0"].columns["id"]  # a footway does not matter from afar


def test_what_is_larger_than_a_quarter_of_the_scene_lies_in_the_root_for_good(town: FeatureTable, store: Store) -> None:
    built = build(town, store, most=12)
    root = built.manifest["tileset"]["root"]
    assert root["refine"] == "ADD"
    tile = tiles_of(built, store)["root"]
    assert "way/5" in tile.columns["id"]
    assert KINDS[WATER] == "water"


def test_slots_count_every_drawing_of_every_feature_once(town: FeatureTable, store: Store) -> None:
    built = build(town, store, most=12)
    tiles = built.manifest["tiles"]
    assert [t["first"] for t in tiles] == np.cumsum([0, *(t["count"] for t in tiles)])[:-1].tolist()
    assert built.manifest["slots"] == sum(t["count"] for t in tiles)
    listed = json.loads(store.read(built.manifest["feature_list"], "json") or b"")
    decoded = tiles_of(built, store)
    drawn = [feature_id for tile in tiles for feature_id in decoded[tile["key"]].columns["id"]]
    for feature_id, slots in zip(listed["id"], listed["slots"], strict=True):
        assert [drawn[slot] for slot in slots] == [feature_id] * len(slots)
    assert sum(map(len, listed["slots"])) == sum(not i.startswith("block/") for i in drawn)


def test_the_export_is_a_folder_that_stands_alone(town: FeatureTable, store: Store, tmp_path: Path) -> None:
    built = build(town, store, most=12)
    folder = tmp_path / "out"
    assert export(built.manifest, store, folder) == len(built.manifest["tiles"])
    tree = json.loads((folder / "tileset.json").read_text())

    def size(uri: str) -> int | None:
        return (folder / uri).stat().st_size if (folder / uri).is_file() else None

    assert check(tree, size) == []
    some = next((folder / "tiles").glob("*.glb"))
    document, _ = glb_reader.chunks(some.read_bytes())
    assert document["extensions"]["EXT_structural_metadata"]["schemaUri"] == f"{SCHEMA_HASH}.json"
    assert (folder / "tiles" / f"{SCHEMA_HASH}.json").is_file()


def test_an_empty_source_is_refused(store: Store, town: FeatureTable) -> None:
    with pytest.raises(ValueError, match="There is nothing to draw"):
        build(town.take(np.zeros(0, dtype=np.int64)), store)


def test_progress_is_told_and_grows(town: FeatureTable, store: Store) -> None:
    heard: list[tuple[float, str]] = []
    build(town, store, lambda share, what: heard.append((share, what)), most=12)
    shares = [share for share, _ in heard]
    assert shares == sorted(shares)
    assert heard[-1] == (1.0, "Done")
    assert any(what.startswith("Tile ") for _, what in heard)
