"""Units by their UCUM codes: what a number means, how it is written for people, how it is converted.

Only the atoms that our kinds and models use are known; an unknown code is refused when the program starts, not when a
reading arrives. Source: The Unified Code for Units of Measure, https://ucum.org/ucum (case-sensitive codes).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache


class BadUnit(ValueError):
    """The code is no UCUM unit that is known here; the text says which part."""


@dataclass(frozen=True)
class Dimension:
    """Exponents of length, time, mass, temperature, electric current and plane angle."""

    length: int = 0
    time: int = 0
    mass: int = 0
    temperature: int = 0
    current: int = 0
    angle: int = 0

    def times(self, other: Dimension, power: int = 1) -> Dimension:
        return Dimension(
            self.length + power * other.length,
            self.time + power * other.time,
            self.mass + power * other.mass,
            self.temperature + power * other.temperature,
            self.current + power * other.current,
            self.angle + power * other.angle,
        )


@dataclass(frozen=True)
class Unit:
    """``value`` in this unit is ``value * factor + offset`` in SI base units; decibels are never converted."""

    code: str
    dimension: Dimension
    factor: float
    offset: float = 0.0
    logarithmic: bool = False

    @property
    def symbol(self) -> str:
        """How people write it: ``µg/m³``, ``°C``, ``vehicles/h``."""
        return symbol(self.code)


_LENGTH, _TIME, _MASS = Dimension(length=1), Dimension(time=1), Dimension(mass=1)
_NONE = Dimension()
_FORCE = Dimension(length=1, mass=1, time=-2)
_PRESSURE = Dimension(length=-1, mass=1, time=-2)
_ENERGY = Dimension(length=2, mass=1, time=-2)
_VOLTAGE = Dimension(length=2, mass=1, time=-3, current=-1)

_METRIC_ATOMS: dict[str, tuple[Dimension, float]] = {
    "m": (_LENGTH, 1.0),
    "s": (_TIME, 1.0),
    "g": (_MASS, 1e-3),
    "t": (_MASS, 1e3),
    "K": (Dimension(temperature=1), 1.0),
    "A": (Dimension(current=1), 1.0),
    "N": (_FORCE, 1.0),
    "Pa": (_PRESSURE, 1.0),
    "bar": (_PRESSURE, 1e5),
    "J": (_ENERGY, 1.0),
    "W": (Dimension(length=2, mass=1, time=-3), 1.0),
    "V": (_VOLTAGE, 1.0),
    "Hz": (Dimension(time=-1), 1.0),
    "L": (Dimension(length=3), 1e-3),
    "l": (Dimension(length=3), 1e-3),
}
_PLAIN_ATOMS: dict[str, tuple[Dimension, float]] = {
    "1": (_NONE, 1.0),
    "%": (_NONE, 1e-2),
    "[ppm]": (_NONE, 1e-6),
    "[ppb]": (_NONE, 1e-9),
    "min": (_TIME, 60.0),
    "h": (_TIME, 3_600.0),
    "d": (_TIME, 86_400.0),
    "a": (_TIME, 31_557_600.0),
    "deg": (Dimension(angle=1), math.pi / 180),
    "har": (Dimension(length=2), 1e4),
}
_PREFIXES = {"n": 1e-9, "u": 1e-6, "m": 1e-3, "c": 1e-2, "d": 1e-1, "h": 1e2, "k": 1e3, "M": 1e6, "G": 1e9}
_CELSIUS_OFFSET_K = 273.15
_TERM = re.compile(r"(?P<atom>\[[a-z]+\]|[A-Za-z%]+|1)?(?P<power>-?\d)?(?P<note>\{[^{}]*\})?")


@cache
def parse(code: str) -> Unit:
    """The unit of a UCUM code such as ``ug/m3``, ``Cel``, ``{vehicles}/h``, ``dB[SPL]``.

    Raises:
        BadUnit: for a code with an atom, a prefix or a form that is not known here.
    """
    if code in {"dB[SPL]", "dB"}:
        return Unit(code, _NONE, 1.0, logarithmic=True)
    if code == "Cel":
        return Unit(code, Dimension(temperature=1), 1.0, _CELSIUS_OFFSET_K)
    dimension, factor = _NONE, 1.0
    for sign, term in _terms(code):
        part, size, power = _term(code, term)
        dimension = dimension.times(part, sign * power)
        factor *= size ** (sign * power)
    return Unit(code, dimension, factor)


def _terms(code: str) -> list[tuple[int, str]]:
    """``a/b.c`` read from the left, as UCUM says: a divides by b, then multiplies by c."""
    parts = re.split(r"([./])", code)
    if parts[0] == "" and len(parts) > 1:  # a leading slash: one per …
        parts[0] = "1"
    signs = [1] + [-1 if mark == "/" else 1 for mark in parts[1::2]]
    return list(zip(signs, parts[0::2], strict=True))


def _term(code: str, term: str) -> tuple[Dimension, float, int]:
    match = _TERM.fullmatch(term)
    if match is None or not term:
        raise BadUnit(f"{term!r} in the unit {code!r} is not UCUM")
    dimension, size = _atom(code, match["atom"]) if match["atom"] else (_NONE, 1.0)
    return dimension, size, int(match["power"] or 1)


def _atom(code: str, atom: str) -> tuple[Dimension, float]:
    if atom in _PLAIN_ATOMS:
        return _PLAIN_ATOMS[atom]
    if atom in _METRIC_ATOMS:
        return _METRIC_ATOMS[atom]
    if atom[0] in _PREFIXES and atom[1:] in _METRIC_ATOMS:
        dimension, size = _METRIC_ATOMS[atom[1:]]
        return dimension, size * _PREFIXES[atom[0]]
    raise BadUnit(f"{atom!r} in the unit {code!r} is not known here")


def convert(value: float, source: str, target: str) -> float:
    """The same quantity in another unit. Raises BadUnit when the two measure different things."""
    given, wanted = parse(source), parse(target)
    if given == wanted:
        return value
    if given.dimension != wanted.dimension or given.logarithmic or wanted.logarithmic:
        raise BadUnit(f"{source} cannot be written in {target}: they measure different things")
    return (value * given.factor + given.offset - wanted.offset) / wanted.factor


_SYMBOLS = {"Cel": "°C", "dB[SPL]": "dB", "deg": "°", "[ppm]": "ppm", "[ppb]": "ppb", "1": "", "har": "ha"}
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@cache
def symbol(code: str) -> str:
    """How people write a UCUM code: ``ug/m3`` becomes ``µg/m³``."""
    if code in _SYMBOLS:
        return _SYMBOLS[code]
    parts = re.split(r"([./])", code)
    return "".join({".": "·", "/": "/"}.get(part) or _term_symbol(part) for part in parts)


def _term_symbol(term: str) -> str:
    match = _TERM.fullmatch(term)
    if match is None:
        return term
    atom = match["atom"] or ""
    written = _SYMBOLS.get(atom, "µ" + atom[1:] if atom.startswith("u") and len(atom) > 1 else atom)
    note = (match["note"] or "")[1:-1] if not atom else ""
    return written + note + (match["power"] or "").translate(_SUPERSCRIPTS)
