"""Codes that are printed on boxes and typed by hand: seven characters and a check one. Pure.

The check character (Luhn's algorithm modulo 32) finds every single wrong character and nearly every swapped pair.
"""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
LOOKALIKES = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V"})
LENGTH = 8


class BadCode(ValueError):
    """The code has a wrong character, or is too short or too long."""


def new_code() -> str:
    body = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH - 1))
    return body + _check(body)


def normalise(written: str) -> str:
    """The code as it was meant: case, blanks, hyphens and lookalikes do not matter. Raises BadCode."""
    code = "".join(written.upper().split()).replace("-", "").translate(LOOKALIKES)
    if len(code) != LENGTH or any(letter not in ALPHABET for letter in code) or _check(code[:-1]) != code[-1]:
        raise BadCode(written[:20])
    return code


def _check(body: str) -> str:
    total = 0
    for place, letter in enumerate(reversed(body)):
        weighed = ALPHABET.index(letter) * (2 - place % 2)
        total += weighed // len(ALPHABET) + weighed % len(ALPHABET)
    return ALPHABET[-total % len(ALPHABET)]
