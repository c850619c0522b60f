"""The tileset.json of a plan (3D Tiles 1.1), and a checker that trusts nobody's tileset, ours included."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from ar_scenes.tiler import Plan, Tile
from sources.table import Floats

Box = tuple[Floats, Floats]
Sizes = Callable[[str], int | None]


def tileset(plan: Plan, own: Mapping[str, Box], uri_of: Callable[[Tile], str]) -> dict[str, Any]:
    """The tileset with explicit tiles.

    Args:
        plan: the tree.
        own: lowest and highest corner of each tile's own content, metres, by key.
        uri_of: where a tile's content lies.
    """
    boxes = _boxes(plan, own)
    root = _tile_json(plan.root, boxes, uri_of)
    root["transform"] = plan.frame.matrix
    return {
        "asset": {"version": "1.1"},
        "geometricError": max(2 * plan.root.geometric_error_m, 1.0),
        "root": root,
    }


def _boxes(plan: Plan, own: Mapping[str, Box]) -> dict[str, Box]:
    """Lowest and highest corner of everything in and below a tile, metres, by key."""
    boxes = dict(own)
    for tile in reversed(plan.tiles):
        corners = [boxes[tile.key], *(boxes[child.key] for child in tile.children)]
        boxes[tile.key] = (np.min([low for low, _ in corners], axis=0), np.max([high for _, high in corners], axis=0))
    return boxes


def _tile_json(tile: Tile, boxes: dict[str, Box], uri_of: Callable[[Tile], str]) -> dict[str, Any]:
    low, high = boxes[tile.key]
    # A centimetre of room: corners are rounded to the quantum after the box is measured.
    low, high = np.floor(low * 10 - 0.5) / 10, np.ceil(high * 10 + 0.5) / 10
    centre, half = (low + high) / 2, (high - low) / 2
    volume = [*centre.tolist(), half[0], 0, 0, 0, half[1], 0, 0, 0, half[2]]
    found: dict[str, Any] = {
        "boundingVolume": {"box": [round(float(v), 3) for v in volume]},
        "geometricError": round(tile.geometric_error_m, 3),
        "refine": tile.refine,
        "content": {"uri": uri_of(tile), "extras": {"key": tile.key, "first": tile.first, "count": tile.count}},
    }
    if tile.children:
        found["children"] = [_tile_json(child, boxes, uri_of) for child in tile.children]
    return found


def check(found: dict[str, Any], size_of: Sizes) -> list[str]:
    """What is wrong with a tileset, as sentences; an empty list is a pass.

    Args:
        found: parsed tileset.json.
        size_of: bytes of a content by its uri, None when there is none.

    Source: OGC 22-025r4 (3D Tiles 1.1) 6.7 and 7: required members, errors that do not grow downwards, boxes inside boxes.
    """
    wrong = []
    if found.get("asset", {}).get("version") not in {"1.0", "1.1"}:
        wrong.append("asset.version is neither 1.0 nor 1.1.")
    if not _is_error(found.get("geometricError")):
        wrong.append("The tileset has no geometricError of 0 or more.")
    root = found.get("root")
    if not isinstance(root, dict):
        return [*wrong, "The tileset has no root."]
    if root.get("refine") not in {"ADD", "REPLACE"}:
        wrong.append("The root does not say how it is refined.")
    if len(root.get("transform", [0] * 16)) != 16:
        wrong.append("The root's transform is not 16 numbers.")
    uris: set[str] = set()
    for path, tile, parent in _walk(root, None, "root"):
        wrong += [f"{path}: {sentence}" for sentence in _check_tile(tile, parent, size_of, uris)]
    return wrong


def _walk(tile: dict[str, Any], parent: dict[str, Any] | None, path: str) -> Iterator[Any]:
    yield path, tile, parent
    for number, child in enumerate(tile.get("children", [])):
        yield from _walk(child, tile, f"{path}/{number}")


def _is_error(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf")


def _check_tile(tile: dict[str, Any], parent: dict[str, Any] | None, size_of: Sizes, uris: set[str]) -> Iterator[str]:
    box = tile.get("boundingVolume", {}).get("box")
    if not (isinstance(box, list) and len(box) == 12 and np.isfinite(box).all()):
        yield "its bounding box is not 12 finite numbers."
    elif parent is not None and not _inside(box, parent["boundingVolume"]["box"]):
        yield "its box reaches out of its parent's."
    error = tile.get("geometricError")
    if not _is_error(error):
        yield "it has no geometricError of 0 or more."
    elif parent is not None and error > parent["geometricError"]:
        yield "its geometricError is larger than its parent's."
    if "children" in tile and not tile["children"]:
        yield "its list of children is empty."
    if (content := tile.get("content")) is None:
        yield "it has no content: from afar there would be a hole."
        return
    uri = content.get("uri", "")
    if uri in uris:
        yield f"its content {uri} is used twice."
    uris.add(uri)
    if not size_of(uri):
        yield f"its content {uri} is missing or empty."


def _inside(inner: list[float], outer: list[float]) -> bool:
    """For boxes along the axes, as ours are."""
    low_in, high_in = _corners(inner)
    low_out, high_out = _corners(outer)
    return bool((low_in >= low_out - 1e-3).all() and (high_in <= high_out + 1e-3).all())


def _corners(box: list[float]) -> Box:
    centre, axes = np.array(box[:3]), np.array(box[3:]).reshape(3, 3)
    half = np.abs(axes).sum(axis=0)
    return centre - half, centre + half
