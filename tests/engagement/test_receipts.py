"""The receipt code and its two halves."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement import receipt_codes, receipts
from engagement.models import Project, Receipt, Round


def test_a_code_has_eight_groups_of_two_characters() -> None:
    assert re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{2}-){7}[0-9A-HJKMNP-TV-Z]{2}", receipts.new_code())


def test_a_code_is_understood_however_it_is_typed() -> None:
    code = "01-23-45-67-89-AB-CD-E"
    code += receipt_codes.check_character("0123456789ABCDE")
    assert receipts.normalise(code) == code
    assert receipts.normalise(code.lower().replace("-", " ")) == code
    assert receipts.normalise(code.replace("0", "o").replace("1", "l")) == code


@given(st.integers(0, 15), st.sampled_from(receipts.ALPHABET))
def test_one_wrong_character_is_noticed(place: int, letter: str) -> None:
    letters = receipts.new_code().replace("-", "")
    if letters[place] == letter:
        return
    if {letters[place], letter} == {"0", "Z"}:
        return  # 0 and 31 share a remainder modulo 31: the one pair that the check character cannot tell apart
    wrong = letters[:place] + letter + letters[place + 1 :]
    with pytest.raises(receipts.BadReceipt, match="One character"):
        receipts.normalise(wrong)


def test_only_a_keyed_hash_of_the_code_is_stored(open_round: Round) -> None:
    code = receipts.new_code()
    receipts.remember(code, project=open_round.project, round=open_round, kind="survey")
    stored = Receipt.objects.get()
    letters = code.replace("-", "")
    assert code not in str(stored.__dict__)
    assert letters not in str(stored.__dict__)
    assert receipts.find(code) == stored


def test_the_same_code_sent_again_is_remembered_once(project: Project) -> None:
    code = receipts.new_code()
    for _time in range(2):
        receipts.remember(code, project=project, round=None, kind="survey")
    assert Receipt.objects.count() == 1


def test_an_unknown_code_gets_a_sentence(db: None) -> None:
    with pytest.raises(receipts.BadReceipt, match="Nothing was received with this code yet"):
        receipts.find(receipts.new_code())
