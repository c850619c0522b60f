"""One byte form per JSON document, so that a signature can be checked by anybody (RFC 8785, JSON Canonicalization)."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence


def canonical(value: object) -> bytes:
    """UTF-8 without white space, keys sorted, numbers as ECMAScript prints them.

    Raises:
        ValueError: for NaN, infinity, or a type that JSON does not know.
    """
    return _text(value).encode()


def sha256(value: object) -> str:
    return hashlib.sha256(canonical(value)).hexdigest()


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        # RFC 8785 sorts by UTF-16 code units.
        members = sorted(value.items(), key=lambda member: str(member[0]).encode("utf-16-be"))
        return "{" + ",".join(f"{_text(str(key))}:{_text(item)}" for key, item in members) + "}"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if value is None or isinstance(value, bool | int):
        return json.dumps(value)
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, Sequence):
        return "[" + ",".join(_text(item) for item in value) + "]"
    raise ValueError(f"{type(value).__name__} has no JSON form")


def _number(value: float) -> str:
    """The shortest digits that read back as ``value``, placed as ECMAScript's Number::toString places them."""
    if not math.isfinite(value):
        raise ValueError(f"{value} has no JSON form")
    if value == 0:
        return "0"
    sign = "-" if value < 0 else ""
    mantissa, _, exponent = f"{abs(value)!r}".partition("e")
    whole, _, part = mantissa.partition(".")
    digits = (whole + part).lstrip("0")
    point = (
        len(whole) + int(exponent or 0)
        if whole.strip("0")
        else int(exponent or 0) - (len(part) - len(part.lstrip("0")))
    )
    return sign + _placed(digits.rstrip("0"), point)


def _placed(digits: str, point: int) -> str:
    """``0.digits`` × 10^point in ECMAScript's notation."""
    if len(digits) <= point <= 21:
        return digits + "0" * (point - len(digits))
    if 0 < point <= 21:
        return f"{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return "0." + "0" * -point + digits
    exponent = point - 1
    tail = f".{digits[1:]}" if len(digits) > 1 else ""
    return f"{digits[0]}{tail}e{'+' if exponent > 0 else '-'}{abs(exponent)}"
