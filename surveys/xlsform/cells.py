"""What stands in single cells of an XLSForm, made plain."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

MESSAGES = frozenset({"jr:constraintMsg", "jr:requiredMsg", "jr:noAppErrorString"})
BIND_LOGIC = frozenset({"relevant", "constraint", "required", "calculate", "readonly", "orx:max-pixels"}) | MESSAGES
CONTROL_LOGIC = frozenset({"appearance", "jr:count", "start", "end", "step", "bodyless"})
CHOICE_KEYS = frozenset({"name", "label", "media"})


def truth(written: Any) -> str:
    """``required`` and ``readonly`` as an expression; empty for no."""
    text = str(written or "").strip()
    if text.lower() in {"yes", "true", "true()"}:
        return "true()"
    return "" if text.lower() in {"no", "false", "false()"} else text


def parameters(written: Any) -> dict[str, str]:
    """``start=1 end=5``, parted by spaces, commas or semicolons; pyxform has split some of them already."""
    if isinstance(written, Mapping):
        return {str(name): str(value) for name, value in written.items()}
    pairs = (part.partition("=") for part in re.split(r"[\s,;]+", str(written or "")) if part)
    return {name.strip(): value.strip() for name, _equals, value in pairs}


def attributes(child: Mapping[str, Any]) -> dict[str, str]:
    """Columns such as ``bind::x`` that we do not use but other programs may."""
    found = {}
    for sheet_name, part, own in (
        ("bind", "bind", BIND_LOGIC),
        ("instance", "instance", ()),
        ("body", "control", CONTROL_LOGIC),
    ):
        for name, value in child.get(part, {}).items():
            if name not in own and isinstance(value, str):
                found[f"{sheet_name}::{name}"] = value
    return found


def is_data(key: str, text: Any) -> bool:
    """Whether a column of the sheet ``choices`` is data for choice filters."""
    return key not in CHOICE_KEYS and not key.startswith("_") and isinstance(text, str)


def substituted(part: Any, column: Mapping[str, Any]) -> Any:
    """A question of a loop with ``%(name)s`` and ``%(label)s`` replaced, per language where the label has languages."""
    label = column.get("label")

    def filled(text: str, named: str = "") -> str:
        own = label.get(named, column["name"]) if isinstance(label, Mapping) else label
        return text.replace("%(name)s", column["name"]).replace("%(label)s", str(own or column["name"]))

    def walk(value: Any, named: str = "") -> Any:
        if isinstance(value, str):
            return filled(value, named)
        if isinstance(value, list):
            return [walk(entry, named) for entry in value]
        if isinstance(value, Mapping):
            return {key: walk(entry, str(key)) for key, entry in value.items()}
        return value

    return walk(part)
