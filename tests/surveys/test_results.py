from __future__ import annotations

import pytest
from django.test import Client

from engagement.models import Round, User
from surveys import opening, results
from surveys.models import Survey
from surveys.responding import accept
from tests.surveys.conftest import sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def answered(survey: Survey, asked: Round) -> Round:
    """Twelve responses: nine by bike who want quiet and safety, two by car who want quiet, one who never crosses."""
    for turn in range(12):
        mode = "bike" if turn < 9 else "car" if turn < 11 else "never"
        matters = ["quiet", "safe"] if turn < 9 else ["quiet"] if turn < 11 else []
        given = {"mode": mode, "matters": matters} | ({} if mode == "never" else {"minutes": "5"})
        accept(survey, sent(given))
    return asked


def test_while_the_round_is_open_there_is_a_count_in_tens_and_nothing_else(
    client: Client, answered: Round, officer: User
) -> None:
    assert results.received(answered) == 10
    with pytest.raises(results.StillOpen):
        results.charts(answered)
    client.force_login(officer)
    page = client.get("/desk/surveys/bridge/results/").content.decode()
    assert "10 responses, counted in tens." in page
    assert "Bike" not in page


def test_after_the_close_options_are_counted_and_not_combinations(answered: Round) -> None:
    mode, matters, affected = results.charts(opening.close_round(None, answered))
    assert [(bar.label, bar.count) for bar in mode.bars] == [("Car", None), ("Bike", 9), ("Never", None)]
    assert (matters.answered, matters.several) == (11, True)
    assert [(bar.label, bar.count, bar.percent) for bar in matters.bars] == [
        ("Quiet", 11, 100),
        ("Safety", 9, 82),
        ("Speed", 0, 0),
    ]
    assert affected.answered == 0
    assert matters.words == "11 answered. Quiet: 11 (100 %); Safety: 9 (82 %); Speed: 0 (0 %)."


def test_the_page_has_a_picture_a_table_and_a_sentence(client: Client, answered: Round, officer: User) -> None:
    opening.close_round(None, answered)
    client.force_login(officer)
    page = client.get("/desk/surveys/bridge/results/").content.decode()
    assert "11 (100 %)" in page
    assert page.count("<table") == 3
    assert "<svg" in page
    assert "As a sentence" in page


@pytest.mark.parametrize(
    ("counts", "adds_up", "shown"),
    [
        ([9, 7, 0], True, [9, 7, 0]),
        ([9, 4, 7], True, [9, None, None]),
        ([9, 4, 2], True, [9, None, None]),
        ([4, 0, 0], True, [None, 0, 0]),
        ([9, 4, 7], False, [9, None, 7]),
    ],
)
def test_small_counts_are_hidden_and_cannot_be_worked_out(
    counts: list[int], adds_up: bool, shown: list[int | None]
) -> None:
    assert results.hidden_small(counts, adds_up=adds_up) == shown


def test_planners_see_no_results_of_raw_answers(client: Client, survey: Survey, planner: User) -> None:
    client.force_login(planner)
    assert client.get("/desk/surveys/bridge/results/").status_code == 403
