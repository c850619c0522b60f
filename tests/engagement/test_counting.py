"""What a public page may say about how many answered."""

from __future__ import annotations

import pytest

from engagement import participating, receipts
from engagement.models import Round


@pytest.mark.parametrize(("given", "told"), [(0, 0), (9, 0), (10, 10), (27, 20)])
def test_the_number_of_answers_is_told_in_tens(open_round: Round, given: int, told: int) -> None:
    for _answer in range(given):
        receipts.remember(receipts.new_code(), project=open_round.project, round=open_round, kind="survey")
    assert participating.answers_received(open_round.project) == told
