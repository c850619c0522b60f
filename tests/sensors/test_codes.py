"""Codes that are printed on boxes."""

from __future__ import annotations

import pytest

from sensors import codes
from sensors.codes import ALPHABET, BadCode


def test_a_code_is_understood_however_it_is_typed() -> None:
    code = codes.new_code()
    assert codes.normalise(f" {code[:4].lower()}-{code[4:].lower()} ") == code
    assert codes.normalise(code.replace("0", "O").replace("1", "l")) == code


def test_every_single_wrong_character_is_found() -> None:
    code = codes.new_code()
    for place in range(len(code)):
        for letter in ALPHABET.replace(code[place], ""):
            with pytest.raises(BadCode):
                codes.normalise(code[:place] + letter + code[place + 1 :])


@pytest.mark.parametrize("written", ["", "ABC", "ABCDEFGHJ", "ABCD EFG!"])
def test_what_is_no_code_is_refused(written: str) -> None:
    with pytest.raises(BadCode):
        codes.normalise(written)
