from __future__ import annotations

from typing import Any

import pytest
from django.contrib.gis.geos import Polygon

from engagement.models import Round
from privacy import snapshot
from surveys import releases
from surveys.models import ModeratedAnswer, Response, Survey
from surveys.responding import accept
from tests.surveys.conftest import sent
from tests.surveys.forms import form

pytestmark = pytest.mark.django_db


def test_the_choices_of_every_valid_response_go_to_privacy_and_nothing_else(survey: Survey, asked: Round) -> None:
    given: list[dict[str, Any]] = [
        {"mode": "bike", "minutes": "3", "matters": ["fast", "quiet"], "affected": "5", "remark": "private"},
        {"mode": "never", "affected": "1"},
        {"mode": "car", "minutes": "9", "matters": ["safe"]},
    ]
    for answers in given:
        accept(survey, sent(answers))
    left_out = accept(survey, sent({"mode": "car", "minutes": "1"})).response
    Response.objects.filter(pk=left_out.pk).update(state=Response.State.EXCLUDED)
    taken = releases.read(asked)
    assert taken is not None
    assert [(column.name, column.kind) for column in taken.columns] == [
        ("mode", "one"), ("matters", "many"), ("minutes", "number"), ("affected", "scale")
    ]  # fmt: skip
    assert len(taken.units) == 3
    assert list(taken.units) == sorted(taken.units)
    by_mode = {int(code): at for at, code in enumerate(taken.column("mode").codes)}
    assert set(by_mode) == {0, 1, 2}  # car, bike, never
    car, bike, never = by_mode[0], by_mode[1], by_mode[2]
    assert taken.column("matters").codes[[car, bike, never]].tolist() == [[0, 1, 0], [1, 0, 1], [-1, -1, -1]]
    assert taken.column("affected").codes[[car, bike, never]].tolist() == [-1, 4, 0]
    assert [option.value for option in taken.column("affected").options] == ["1", "2", "3", "4", "5"]
    assert taken.column("matters").most_choices == 2, "the form allows two"
    assert taken.column("mode").options[1].label == {"en": "Bike", "fi": "Pyörä"}
    snapshot.check(taken)


@pytest.mark.parametrize(
    ("constraint", "most"),
    [
        ("count-selected(.) <= 2", 2),
        ("count-selected(.) < 2.5 and not(selected(., 'a'))", 2),
        ("count-selected(.) <= 9", 3),
        ("count-selected(.) <= 2 or selected(., 'a')", 3),
        ("", 3),
    ],
)
def test_how_many_options_one_response_can_tick_is_read_from_a_plain_constraint(constraint: str, most: int) -> None:
    asked = form(
        f"type | name | label | constraint\nselect_multiple l | q | Q | {constraint}",
        "list_name | name | label\nl | a | A\nl | b | B\nl | c | C",
    )
    assert releases.most_choices(asked, asked.questions["q"]) == most


@pytest.mark.parametrize(
    ("constraint", "limits"),
    [
        (". >= 0 and . <= 120", (0.0, 120.0)),
        (". > -5 and 5.5 >= . and . != 3", (-5.0, 5.5)),
        ("0 <= . and . < 10 and . < 8", (0.0, 8.0)),
        (". <= 120", None),
        (". >= 0 or . <= 120", None),
        (". >= 9 and . <= 3", None),
        ("", None),
    ],
)
def test_a_number_enters_a_release_only_within_bounds_that_the_form_enforces(
    constraint: str, limits: tuple[float, float] | None
) -> None:
    asked = form(f"type | name | label | constraint\ninteger | q | Q | {constraint}")
    assert releases.bounds(asked, asked.questions["q"]) == limits
    assert bool(releases.countable(asked)) == bool(limits)


def test_numbers_and_rankings_become_codes_between_public_bounds() -> None:
    numbers = form(
        "type | name | label | constraint\ninteger | age | Age | . >= 0 and . <= 100\n"
        "decimal | share | S | . >= 0 and . <= 1000\nrank l | order | O |",
        "list_name | name | label\nl | a | A\nl | b | B\nl | c | C",
    )
    answers: list[dict[str, Any]] = [{"age": 37, "share": 12.6, "order": ["c", "a", "b"]}, {}]
    columns = {path: releases._column(numbers, question, answers) for path, question in numbers.questions.items()}
    assert columns["age"].codes.tolist() == [37, -1]
    assert (columns["age"].steps, [option.value for option in columns["age"].options]) == (100, ["0", "100"])
    assert columns["share"].codes.tolist() == [3, -1]  # 200 steps of 5
    assert columns["order"].codes.tolist() == [[1, 2, 0], [-1, -1, -1]]
    snapshot.check(snapshot.SnapshotInput(["u1", "u2"], list(columns.values())))


def test_only_approved_places_enter_a_snapshot_and_only_as_squares_of_a_public_frame(
    survey: Survey, asked: Round
) -> None:
    survey.project.area = Polygon.from_bbox((24.94, 60.16, 24.96, 60.18))
    survey.project.save()
    points = [(24.9449, 60.1649), (24.9551, 60.1751), (24.9552, 60.1752)]
    for lon, lat in points:
        accept(survey, sent({"mode": "bike", "place": {"type": "Point", "coordinates": [lon, lat]}}))
    waiting = ModeratedAnswer.objects.filter(kind="survey.point").order_by("geometry__geometry")
    waiting.exclude(pk=waiting[0].pk).update(state=ModeratedAnswer.State.APPROVED)
    taken = releases.read(Round.objects.get(pk=asked.pk))
    assert taken is not None
    place = taken.column("place")
    assert (place.kind, place.steps, place.most_choices) == ("place", 4, 1)
    assert sorted((place.codes >= 0).sum(axis=1).tolist()) == [0, 1, 1]
    assert [option.value for option in place.options] == ["24.940000", "60.160000", "24.960000", "60.180000"]
    assert b"24.95" not in snapshot.pack(taken)
    snapshot.check(taken)


def test_a_round_of_no_survey_is_not_ours(open_round: Round) -> None:
    assert releases.read(open_round) is None


def test_freezing_a_round_reads_the_survey(survey: Survey, asked: Round) -> None:
    accept(survey, sent())
    frozen = snapshot.freeze(asked)
    assert (frozen.source, frozen.units) == ("survey", 1)


def test_a_withdrawn_response_leaves_what_was_frozen(survey: Survey, asked: Round) -> None:
    from engagement import receipts
    from surveys.receipts import SurveyReceipts

    given = sent()
    accept(survey, given)
    accept(survey, sent())
    frozen = snapshot.freeze(asked)
    report = SurveyReceipts().withdraw(given.code, receipts.find(given.code))
    assert "Your row in the answers that were frozen to be added up" in report.deleted
    frozen.refresh_from_db()
    assert frozen.removed_units == 1
