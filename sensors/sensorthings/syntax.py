"""The tree of a ``$filter`` or ``$orderby`` expression. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Literal:
    """``kind``: number, text, moment, interval, date, clock, duration, geo, flag or null."""

    kind: str
    value: object
    at: int


@dataclass(frozen=True, slots=True)
class Path:
    """``Datastream/Thing/name``; also a path into a JSON property."""

    names: tuple[str, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    arguments: tuple[Node, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Operation:
    """A comparison (``eq`` …) or arithmetic (``add`` …) of two values; unary minus is ``0 sub x``."""

    operator: str
    left: Node
    right: Node
    at: int


@dataclass(frozen=True, slots=True)
class OneOf:
    """``value in (1, 2, 3)``"""

    value: Node
    choices: tuple[Node, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Logic:
    """``and`` or ``or`` of all terms: flat, so that a long chain is no deep tree."""

    operator: str
    terms: tuple[Node, ...]
    at: int


@dataclass(frozen=True, slots=True)
class Not:
    term: Node
    at: int


@dataclass(frozen=True, slots=True)
class AnyOf:
    """``Datastreams/any(d: d/name eq 'x')``; without a body it asks whether there is one at all."""

    path: Path
    variable: str
    body: Node | None
    at: int


Node: TypeAlias = Literal | Path | Call | Operation | OneOf | Logic | Not | AnyOf
