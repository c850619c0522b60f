from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from surveys.filling import Filling
from surveys.ir import Form
from tests.surveys.forms import form

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def filled(asked: Form, answers: dict[str, Any], language: str = "en") -> Filling:
    return Filling(asked, answers, now=NOW, language=language)


def test_what_is_not_relevant_is_neither_asked_for_nor_kept() -> None:
    asked = form("type | name | label | relevant | required\ntext | a | A | |\ntext | b | B | ${a} = 'yes' | yes")
    assert filled(asked, {"a": "no", "b": "left over"}).answers() == {"a": "no"}
    assert filled(asked, {"a": "no"}).errors() == {}
    assert filled(asked, {"a": "yes"}).errors() == {"b": ["Please answer this question."]}


def test_an_answer_hidden_by_another_hidden_answer_counts_for_nothing() -> None:
    asked = form(
        "type | name | label | relevant\ntext | a | A |\ntext | b | B | ${a} = 'yes'\ntext | c | C | ${b} = 'yes'"
    )
    assert filled(asked, {"a": "no", "b": "yes", "c": "kept?"}).answers() == {"a": "no"}


def test_a_group_that_is_not_relevant_takes_its_questions_along() -> None:
    asked = form(
        "type | name | label | relevant\ntext | a | A |\nbegin_group | g | G | ${a} = 'yes'\ntext | b | B |\nend_group"
    )
    assert filled(asked, {"a": "no", "g/b": "x"}).answers() == {"a": "no"}
    assert filled(asked, {"a": "yes", "g/b": "x"}).answers() == {"a": "yes", "g/b": "x"}


def test_calculations_are_worked_out_whatever_order_they_stand_in() -> None:
    asked = form(
        "type | name | label | calculation\n"
        "calculate | c | | ${b} + 1\ncalculate | b | | ${a} * 2\ninteger | a | A |\ncalculate | n | | ${a} div 'x'"
    )
    assert filled(asked, {"a": 3, "b": "99"}).answers() == {"a": 3, "b": "6", "c": "7"}


def test_a_random_number_stays_as_the_phone_drew_it() -> None:
    asked = form("type | name | label | calculation\ntext | a | A |\ncalculate | draw | | once(random())")
    assert filled(asked, {"a": "x", "draw": "0.25"}).answers()["draw"] == "0.25"
    assert 0 <= float(filled(asked, {"a": "x"}).answers()["draw"]) < 1


def test_a_broken_constraint_is_told_in_the_words_of_the_form() -> None:
    asked = form(
        "type | name | label | constraint | constraint_message::English (en) | constraint_message::Finnish (fi)\n"
        "integer | low | L | | |\ninteger | high | H | . > ${low} | More than ${low}, please. | Enemmän kuin ${low}."
    )
    assert filled(asked, {"low": 5, "high": 3}).errors() == {"high": ["More than 5, please."]}
    assert filled(asked, {"low": 5, "high": 3}, "fi").errors() == {"high": ["Enemmän kuin 5."]}
    assert filled(asked, {"low": 5}).errors() == {}


TOWNS = "list_name | name | label | land\ntowns | hki | Helsinki | fi\ntowns | tku | Turku | fi\ntowns | sto | Stockholm | sv"


def test_options_follow_the_filter_and_an_option_that_left_is_no_answer() -> None:
    asked = form(
        "type | name | label | choice_filter\ntext | land | L |\nselect_multiple towns | town | T | land = ${land}",
        TOWNS,
    )
    state = filled(asked, {"land": "fi", "town": ["hki", "sto"]})
    assert [choice.name for choice in state.choices("town")] == ["hki", "tku"]
    assert state.answers() == {"land": "fi", "town": ["hki"]}


def test_options_are_shuffled_alike_for_the_same_seed() -> None:
    asked = form(
        "type | name | label | parameters\ninteger | a | A |\nselect_one towns | town | T | randomize=true seed=${a}",
        TOWNS,
    )
    assert [choice.name for choice in filled(asked, {"a": 1}).choices("town")] == ["tku", "hki", "sto"]
    assert [choice.name for choice in filled(asked, {"a": 1}).choices("town")] == ["tku", "hki", "sto"]


def test_a_text_names_the_answers_before_it() -> None:
    asked = form(
        "type | name | label | calculation\nselect_one towns | town | T |\n"
        "calculate | named | | jr:choice-name(${town}, '${town}')\nnote | n | You said ${named}, ${town}. |",
        TOWNS,
    )
    state = filled(asked, {"town": "hki"})
    assert state.text_of("You said ${named}, ${town}.") == "You said Helsinki, hki."


REPEAT = """
type | name | label | relevant | calculation | repeat_count
integer | people | How many? | | |
begin_repeat | member | Member | | | ${people}
text | name | Name | | |
integer | years | Years | | |
text | school | School | ${years} < 18 | |
end_repeat | | | | |
calculate | total | | | sum(${years}) |
calculate | second | | | indexed-repeat(${name}, ${member}, 2) |
"""


def test_questions_asked_several_times_over_know_their_own_turn() -> None:
    given = {
        "people": 2,
        "member": [{"name": "Ann", "years": 40, "school": "none"}, {"name": "Bo", "years": 7, "school": "Old school"}],
    }
    state = filled(form(REPEAT), given)
    assert state.answers() == {
        "people": 2,
        "member": [{"name": "Ann", "years": 40}, {"name": "Bo", "years": 7, "school": "Old school"}],
        "total": "47",
        "second": "Bo",
    }
    assert not state.slots["member/1/school"].relevant
    assert state.slots["member/2/school"].relevant


def test_a_counted_repeat_has_as_many_turns_as_it_says() -> None:
    state = filled(form(REPEAT), {"people": 3, "member": [{"name": "Ann"}]})
    assert [key for key in state.slots if key.endswith("/name")] == ["member/1/name", "member/2/name", "member/3/name"]
    assert [key for key in filled(form(REPEAT), {}).slots if key.startswith("member/")] == []


@pytest.mark.parametrize("kind", ["start", "end", "today"])
def test_the_hour_is_never_recorded_only_the_day(kind: str) -> None:
    asked = form(f"type | name | label\n{kind} | when |\ntext | a | A\ndeviceid | phone |")
    assert filled(asked, {"a": "x"}).answers() == {"a": "x", "when": "2026-11-22"}
