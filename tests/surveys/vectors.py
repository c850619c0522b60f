"""The vectors that both engines of expressions must agree on: ``expression_vectors.json``.

Each case has the source, its tree (what the phone gets), the path of the node where it stands, and the expected value,
written by hand from the specifications. ``python -m tests.surveys.vectors`` writes the trees again after a change of the
tree's shape; expected values are never written by a program.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from surveys.expressions.dialect import Surroundings, parse
from surveys.expressions.tree import Node, number
from surveys.expressions.values import Value, to_number, to_text

FILE = Path(__file__).with_name("expression_vectors.json")


def load() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return loaded


def grow(parent: Node, children: Sequence[Any]) -> None:
    """``[name, text]`` or ``[name, [children]]`` into nodes."""
    for name, inside in children:
        node = Node(name, inside if isinstance(inside, str) else "", parent)
        if not isinstance(inside, str):
            grow(node, inside)


def document(root: str, children: Sequence[Any]) -> Node:
    made = Node("")
    grow(Node(root, parent=made), children)
    number(made)
    return made


def surroundings(context: dict[str, Any]) -> Surroundings:
    zone = ZoneInfo(context["zone"])
    labels = context["choice_labels"]
    return Surroundings(
        document=document("data", context["data"]),
        now=datetime.fromisoformat(context["now"]).astimezone(zone),
        paths={name: tuple(path.split("/")) for name, path in context["paths"].items()},
        instances={name: document("root", items) for name, items in context["instances"].items()},
        choice_label=lambda path, name: labels[path][name],
        language=context["language"],
        version=context["version"],
    )


def node_at(around: Surroundings, path: str) -> Node:
    """``member/2/age``: a number after a name picks among namesakes, the first otherwise."""
    node = around.document.children[0]
    steps = path.split("/") if path else []
    while steps:
        name = steps.pop(0)
        place = int(steps.pop(0)) if steps and steps[0].isdigit() else 1
        node = [child for child in node.children if child.name == name][place - 1]
    return node


def equal(worth: Value, expected: Any, around: Surroundings) -> bool:
    """A list means the texts of nodes, ``{"number": "NaN"}`` a number that JSON cannot write."""
    if isinstance(expected, list):
        return isinstance(worth, list) and [node.value for node in worth] == expected
    if isinstance(expected, bool):
        return worth is expected
    if isinstance(expected, dict):
        return isinstance(worth, float) and to_text(worth) == expected["number"]
    if isinstance(expected, (int, float)):
        found = to_number(worth, around.zone)
        return isinstance(worth, float) and math.isclose(found, expected, rel_tol=1e-12, abs_tol=1e-12)
    return to_text(worth) == expected and not isinstance(worth, (bool, float))


def renew() -> None:
    loaded = load()
    for case in loaded["cases"]:
        case["tree"] = json.loads(json.dumps(parse(case["source"])))
    head = json.dumps({"context": loaded["context"]}, ensure_ascii=False, indent=1)[:-2]
    lines = ",\n".join("  " + json.dumps(case, ensure_ascii=False) for case in loaded["cases"])
    FILE.write_text(f'{head},\n "cases": [\n{lines}\n ]\n}}\n', encoding="utf-8")


if __name__ == "__main__":
    renew()
