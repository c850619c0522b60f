"""From a table of features to stored tiles and their manifest. No database here: a folder in, a folder out."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ar_scenes.gltf import SCHEMA_BYTES, SCHEMA_HASH, SCHEMA_URI, encode
from ar_scenes.mesh import build_mesh
from ar_scenes.store import Store, Stored
from ar_scenes.tiler import MOST_PER_TILE, Plan, Tile, plan_tiles
from ar_scenes.tiles3d import Box, check, tileset
from sources.geodesy import LocalFrame
from sources.table import KINDS, FeatureTable

PROTOCOL = "twin.tiles.v1"
TILES_URL = "/tiles"
BATCH = 1_000
Told = Callable[[float, str], None]


class Unbuildable(ValueError):
    """The tiles that came out are not fit to be shown; the message says why."""


@dataclass(frozen=True)
class Built:
    """One finished build."""

    manifest_hash: str
    manifest: dict[str, Any]


def build(
    table: FeatureTable, store: Store, told: Told = lambda _share, _what: None, *, most: int = MOST_PER_TILE
) -> Built:
    """Write all tiles, the schema, the list of features and the manifest into the store.

    The same table gives the same bytes, so that a repeated or interrupted build only fills in what is missing. ``told`` hears the
    share done (0 … 1) and a word about it.

    Raises:
        ValueError: if the table is empty.
        Unbuildable: if the tileset does not pass our own check.
    """
    frame = frame_of(table)
    told(0.02, "Planning tiles")
    plan = plan_tiles(table, frame.to_local(table.lonlat), frame, most=most)
    stored: dict[str, Stored] = {}
    boxes: dict[str, Box] = {}
    for batch in plan.batches(BATCH):
        _write_tiles(plan, batch, store, stored, boxes)
        told(0.15 + 0.8 * len(stored) / len(plan.tiles), f"Tile {len(stored)} of {len(plan.tiles)}")
    uris = {tile.key: f"{TILES_URL}/{stored[tile.key].hash}.glb" for tile in plan.tiles}
    tree = tileset(plan, boxes, lambda tile: uris[tile.key])
    sizes = {uris[key]: found.bytes for key, found in stored.items()}
    if wrong := check(tree, sizes.get):
        raise Unbuildable(" ".join(wrong[:5]))
    store.put(SCHEMA_BYTES, "schema.json")
    features = store.put(_json(_feature_list(plan, table)), "json")
    manifest = _manifest(plan, table, stored, uris, tree) | {"feature_list": features.hash}
    kept = store.put(_json(manifest), "json")
    told(1.0, "Done")
    return Built(kept.hash, manifest)


def _write_tiles(plan: Plan, batch: list[Tile], store: Store, stored: dict[str, Stored], boxes: dict[str, Box]) -> None:
    """Mesh, encode and store some neighbouring tiles; note what was stored and how far it reaches."""
    first, last = batch[0].first, batch[-1].first + batch[-1].count
    drawn = plan.drawn.between(first, last)
    coords = plan.drawn.coords_of()
    mesh = build_mesh(drawn, plan.enu[coords[first] : coords[last]])
    for tile in batch:
        start = tile.first - first
        boxes[tile.key] = mesh.box(start, tile.count)
        stored[tile.key] = store.put(encode(mesh, drawn, start, tile.count), "glb")


def frame_of(table: FeatureTable) -> LocalFrame:
    """Local metres around the middle of everything, to two decimals of a degree, so that an edit does not move all tiles."""
    if not len(table.lonlat):
        raise ValueError("There is nothing to draw: the source holds no buildings, streets or water.")
    lon, lat = np.median(table.middle(), axis=0).tolist()
    return LocalFrame(round(lon, 2), round(lat, 2))


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=True).encode()


def _manifest(
    plan: Plan, table: FeatureTable, stored: dict[str, Stored], uris: dict[str, str], tree: dict[str, Any]
) -> dict[str, Any]:
    counts = np.bincount(table.kind, minlength=len(KINDS)).tolist()
    return {
        "protocol": PROTOCOL,
        "origin": {"lon": plan.frame.lon, "lat": plan.frame.lat, "height_m": plan.frame.height_m},
        "slots": len(plan.drawn),
        "features": len(table),
        "bytes": sum(s.bytes for s in stored.values()),
        "gzip_bytes": sum(s.gzip_bytes for s in stored.values()),
        "schema": f"{TILES_URL}/{SCHEMA_URI}",
        "counts": {kind: n for kind, n in zip(KINDS, counts, strict=True) if n},
        "tiles": [
            {
                "key": tile.key,
                "hash": stored[tile.key].hash,
                "uri": uris[tile.key],
                "first": tile.first,
                "count": tile.count,
                "bytes": stored[tile.key].bytes,
                "gzip_bytes": stored[tile.key].gzip_bytes,
            }
            for tile in plan.tiles
        ],
        "tileset": tree,
    }


def _feature_list(plan: Plan, table: FeatureTable) -> dict[str, Any]:
    """What the list, the search and overlays need: columns over the source's features, and the slots of each."""
    slots: list[list[int]] = [[] for _ in range(len(table))]
    for slot, row in enumerate(plan.rows.tolist()):
        if row >= 0:
            slots[row].append(slot)
    return {
        "id": table.ids.tolist(),
        "name": table.name.tolist(),
        "kind": [KINDS[kind] for kind in table.kind.tolist()],
        "height_m": np.round(table.height_m, 2).tolist(),
        "height_source": table.height_source.tolist(),
        "category": table.category.tolist(),
        "lonlat": np.round(table.middle(), 7).tolist(),
        "slots": slots,
    }


def export(manifest: dict[str, Any], store: Store, folder: Path) -> int:
    """Write a folder that any 3D Tiles viewer opens: ``tileset.json`` and its tiles. Returns the number of tiles."""
    (folder / "tiles").mkdir(parents=True, exist_ok=True)
    for tile in manifest["tiles"]:
        data = store.read(tile["hash"], "glb")
        if data is None:
            raise Unbuildable(f"The tile {tile['hash']} is missing in the store. Run build_tiles again.")
        (folder / "tiles" / f"{tile['hash']}.glb").write_bytes(data)
    (folder / "tiles" / f"{SCHEMA_HASH}.json").write_bytes(SCHEMA_BYTES)
    tree = with_prefix(manifest["tileset"], "tiles")
    (folder / "tileset.json").write_text(json.dumps(tree, separators=(",", ":")), encoding="utf-8")
    return len(manifest["tiles"])


def with_prefix(tree: dict[str, Any], prefix: str) -> dict[str, Any]:
    """The same tileset with its tiles lying under another address."""

    def moved(tile: dict[str, Any]) -> dict[str, Any]:
        content = tile["content"] | {"uri": prefix + tile["content"]["uri"].removeprefix(TILES_URL)}
        children = {"children": [moved(child) for child in tile["children"]]} if "children" in tile else {}
        return tile | {"content": content} | children

    return tree | {"root": moved(tree["root"])}
