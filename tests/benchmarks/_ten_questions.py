"""The same ten questions for both systems, and answers to them. Needs no Django."""

from __future__ import annotations

import random
from typing import Any

# name, kind, options. The peer's kinds are "radio", "select-multiple", "integer", "float", "date", "short-text".
QUESTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("mode", "radio", ("car", "bus", "tram", "bike", "foot")),
    ("often", "radio", ("daily", "weekly", "monthly", "never")),
    ("safe", "radio", ("yes", "no", "unsure")),
    ("age", "radio", ("young", "middle", "old")),
    ("matters", "select-multiple", ("quiet", "safety", "speed", "price")),
    ("times", "select-multiple", ("morning", "noon", "evening", "night")),
    ("minutes", "integer", ()),
    ("kilometres", "float", ()),
    ("last", "date", ()),
    ("remark", "short-text", ()),
)
OURS = {
    "radio": "select_one", "select-multiple": "select_multiple", "integer": "integer", "float": "decimal",
    "date": "date", "short-text": "text",
}  # fmt: skip


def xlsform() -> tuple[str, str]:
    """The sheets ``survey`` and ``choices`` as tables of text; everything is required, as at the peer's."""
    survey, choices = ["type | name | label | required"], ["list_name | name | label"]
    for name, kind, options in QUESTIONS:
        survey.append(f"{OURS[kind]}{f' {name}' if options else ''} | {name} | {name.capitalize()}? | yes")
        choices += [f"{name} | {option} | {option.capitalize()}" for option in options]
    return "\n".join(survey), "\n".join(choices)


def some_answers(chance: random.Random) -> dict[str, Any]:
    written: dict[str, Any] = {"minutes": 17, "kilometres": 3.5, "last": "2026-11-20", "remark": "Dark at night"}
    for name, kind, options in QUESTIONS:
        if kind == "radio":
            written[name] = chance.choice(options)
        elif kind == "select-multiple":
            written[name] = chance.sample(options, 2)
    return written
