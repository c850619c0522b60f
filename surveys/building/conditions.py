"""Conditions that need no expression: one answer compared with one value, joined by “and” or “or”."""

from __future__ import annotations

import re
from dataclasses import dataclass

from surveys.expressions.lexer import NAME

IS, IS_NOT, CHOSEN, MORE, LESS, ANSWERED = "is", "is_not", "chosen", "more", "less", "answered"
OPERATORS = (IS, IS_NOT, CHOSEN, MORE, LESS, ANSWERED)
WRITTEN = {IS: "${{{0}}} = {1}", IS_NOT: "${{{0}}} != {1}", CHOSEN: "selected(${{{0}}}, {1})", MORE: "${{{0}}} > {1}",
           LESS: "${{{0}}} < {1}", ANSWERED: "${{{0}}} != ''"}  # fmt: skip
VALUE = r"(?:'([^']*)'|(-?\d+(?:\.\d+)?))"
READ = (
    (ANSWERED, re.compile(rf"\$\{{({NAME})\}}\s*!=\s*''")),
    (CHOSEN, re.compile(rf"selected\(\s*\$\{{({NAME})\}}\s*,\s*{VALUE}\s*\)")),
    (IS_NOT, re.compile(rf"\$\{{({NAME})\}}\s*!=\s*{VALUE}")),
    (IS, re.compile(rf"\$\{{({NAME})\}}\s*=\s*{VALUE}")),
    (MORE, re.compile(rf"\$\{{({NAME})\}}\s*>\s*{VALUE}")),
    (LESS, re.compile(rf"\$\{{({NAME})\}}\s*<\s*{VALUE}")),
)
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Part:
    """One comparison: the name of a question, how, with what."""

    name: str
    operator: str
    value: str = ""


@dataclass(frozen=True)
class Condition:
    """Comparisons that all (``and``) or any (``or``) must hold; none at all is always true."""

    parts: tuple[Part, ...] = ()
    joined: str = "and"


def expression(condition: Condition) -> str:
    """The condition in our dialect. A single quote cannot stand in a value of XPath: it is left out."""
    return f" {condition.joined} ".join(_written(part) for part in condition.parts)


def _written(part: Part) -> str:
    text = part.value.strip().replace("'", "")
    is_number = part.operator in {MORE, LESS} and NUMBER.fullmatch(text)
    return WRITTEN[part.operator].format(part.name, text if is_number else f"'{text}'")


def condition(expression: str) -> Condition | None:
    """The condition that an expression is; ``None`` for one that only experts can read."""
    text = expression.strip()
    if not text:
        return Condition()
    joined = "or" if re.search(r"\sor\s", text) else "and"
    parts = [_part(piece.strip()) for piece in re.split(rf"\s{joined}\s", text)]
    known = tuple(part for part in parts if part is not None)
    return Condition(known, joined) if len(known) == len(parts) else None


def _part(piece: str) -> Part | None:
    for operator, pattern in READ:
        if match := pattern.fullmatch(piece):
            values = [value for value in match.groups()[1:] if value is not None]
            return Part(match[1], operator, values[0] if values else "")
    return None
