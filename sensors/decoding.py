"""Payloads into readings: the shape that every kind of payload is decoded into, and the registry of kinds.

A kind is one file in ``sensors/kinds/`` with a ``KIND``; it is found by walking the package.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from django.utils.functional import Promise

from sensors.phenomena import CATALOGUE, ObservedProperty
from sensors.refusals import Refusal


class Reading(NamedTuple):
    """One value of a payload. ``time_us``: microseconds since 1970, UTC; None where the box has no clock."""

    code: str
    time_us: int | None
    value: float
    flags: int = 0
    row: int = 0


@dataclass
class Decoded:
    """What a payload says, and which parts of it could not be understood."""

    readings: list[Reading] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)


class Unreadable(Exception):
    """Nothing of the payload can be used."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


@dataclass(frozen=True)
class Kind:
    """A kind of payload.

    Args:
        properties: what it can deliver, with units.
        decode: body → readings; raises Unreadable when nothing can be used.
        sample: a payload as a box sends it; it must decode (contract test).
        max_bytes: longer bodies are refused unread.
        keeps_wrong_clocks: a push that just happened is kept with our time; a row of a file has only its own.
    """

    name: str
    label: str | Promise
    properties: tuple[ObservedProperty, ...]
    decode: Callable[[bytes], Decoded]
    sample: bytes
    max_bytes: int = 64 * 1024
    keeps_wrong_clocks: bool = True


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind by its name, which is also its path under ``/ingest/``."""
    import sensors.kinds as package

    found: dict[str, Kind] = {}
    for module in pkgutil.iter_modules(package.__path__):
        kind: Kind = importlib.import_module(f"{package.__name__}.{module.name}").KIND
        if kind.name in found:
            raise ValueError(f"two files in sensors/kinds/ are called {kind.name!r}")
        found[kind.name] = kind
    return found


@cache
def properties() -> Mapping[str, ObservedProperty]:
    """Every observed property: the catalogue and what kinds declare themselves."""
    return CATALOGUE | {known.code: known for kind in kinds().values() for known in kind.properties}


def observed_property(code: str) -> ObservedProperty:
    """Raises KeyError for a property that no kind delivers."""
    return properties()[code]
