"""How a receipt code is made: eight groups of two characters, 75 random bits and a check character. Needs no Django."""

from __future__ import annotations

import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford: no I, L, O, U
RANDOM_CHARACTERS = 15  # 75 bits


def check_character(body: str) -> str:
    """One wrong or swapped character changes the weighted sum modulo 31."""
    weighted = sum((place + 1) * ALPHABET.index(letter) for place, letter in enumerate(body))
    return ALPHABET[weighted % 31]


def new_code() -> str:
    """A fresh code."""
    body = "".join(secrets.choice(ALPHABET) for _place in range(RANDOM_CHARACTERS))
    return grouped(body + check_character(body))


def grouped(letters: str) -> str:
    return "-".join(letters[start : start + 2] for start in range(0, len(letters), 2))
