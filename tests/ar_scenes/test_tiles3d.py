from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from ar_scenes.tiles3d import check

BOX = [0, 0, 0, 10, 0, 0, 0, 10, 0, 0, 0, 10]
SMALL = [0, 0, 0, 5, 0, 0, 0, 5, 0, 0, 0, 5]
GOOD: dict[str, Any] = {
    "asset": {"version": "1.1"},
    "geometricError": 20,
    "root": {
        "boundingVolume": {"box": BOX},
        "geometricError": 10,
        "refine": "REPLACE",
        "transform": [0] * 16,
        "content": {"uri": "a.glb"},
        "children": [{"boundingVolume": {"box": SMALL}, "geometricError": 0, "content": {"uri": "b.glb"}}],
    },
}
SIZES = {"a.glb": 100, "b.glb": 100}


def test_a_good_tileset_passes() -> None:
    assert check(GOOD, SIZES.get) == []


def _set(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def spoil(tree: dict[str, Any]) -> None:
        *way, last = [int(p) if p.isdigit() else p for p in path.split(".")]
        for step in way:
            tree = tree[step]  # type: ignore[index]
        tree[last] = value  # type: ignore[index]

    return spoil


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_set("asset.version", "2.0"), "asset.version is neither 1.0 nor 1.1."),
        (_set("geometricError", -1), "The tileset has no geometricError of 0 or more."),
        (_set("root.refine", "add"), "The root does not say how it is refined."),
        (_set("root.transform", [1, 2]), "The root's transform is not 16 numbers."),
        (_set("root.children", []), "root: its list of children is empty."),
        (_set("root.children.0.boundingVolume.box", BOX[:11]), "root/0: its bounding box is not 12 finite numbers."),
        (_set("root.boundingVolume.box", [20, *BOX[1:]]), "root/0: its box reaches out of its parent's."),
        (_set("root.children.0.geometricError", 11), "root/0: its geometricError is larger than its parent's."),
        (_set("root.children.0.geometricError", None), "root/0: it has no geometricError of 0 or more."),
        (_set("root.children.0.content.uri", "a.glb"), "root/0: its content a.glb is used twice."),
        (_set("root.children.0.content.uri", "c.glb"), "root/0: its content c.glb is missing or empty."),
        (_set("root.children.0.content", None), "root/0: it has no content: from afar there would be a hole."),
    ],
)
def test_each_fault_is_named(spoil: Callable[[dict[str, Any]], None], told: str) -> None:
    tree = copy.deepcopy(GOOD)
    spoil(tree)
    assert told in check(tree, SIZES.get)


def test_a_tileset_without_a_root_is_no_tileset() -> None:
    assert "The tileset has no root." in check({"asset": {"version": "1.1"}, "geometricError": 1}, SIZES.get)
