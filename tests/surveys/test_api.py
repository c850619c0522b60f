from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from engagement import receipts
from engagement.models import Round, User
from surveys import opening
from surveys.models import Response, Survey
from surveys.receipts import SurveyReceipts
from tests.surveys.conftest import photo_data
from tests.surveys.test_responding import PLACE

pytestmark = pytest.mark.django_db
DOOR = "/api/v1/surveys/bridge/responses/"


def body(**more: Any) -> dict[str, Any]:
    return {
        "id": str(uuid4()),
        "answers": {"mode": "car", "minutes": 7},
        "code": receipts.new_code(),
        "language": "sv",
        **more,
    }


def post(client: Client, given: Any, door: str = DOOR) -> Any:
    return client.post(door, given, content_type="application/json")


def test_a_response_is_stored_with_201_and_known_again_with_200(client: Client, asked: Round) -> None:
    given = body()
    first, second = post(client, given), post(client, given)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["created"] is True
    assert second.json() == {"id": given["id"], "received_on": first.json()["received_on"], "created": False}
    assert Response.objects.get().language == "sv"


def test_refusals_are_problem_json_with_a_sentence_per_question(client: Client, asked: Round) -> None:
    page = post(client, body(answers={"minutes": "0"}))
    assert page.status_code == 422
    assert page.headers["Content-Type"] == "application/problem+json"
    assert page.json()["errors"] == {
        "mode": ["Please answer this question."],
        "minutes": ["Between 1 and 299 minutes, please."],
    }
    assert page.json()["type"] == "/problems/answers-refused"


def test_another_response_under_the_same_id_is_409(client: Client, asked: Round) -> None:
    given = body()
    post(client, given)
    assert post(client, {**given, "answers": {"mode": "bike"}}).status_code == 409


def test_a_withdrawn_response_stays_410(client: Client, asked: Round) -> None:
    given = body()
    post(client, given)
    SurveyReceipts().withdraw(given["code"], receipts.find(given["code"]))
    for _turn in range(2):
        page = post(client, given)
        assert page.status_code == 410
        assert page.json()["type"] == "/problems/response-withdrawn"


def test_a_closed_survey_is_409(client: Client, asked: Round) -> None:
    opening.close_round(None, asked)
    page = post(client, body())
    assert page.status_code == 409
    assert page.json()["type"] == "/problems/survey-closed"
    assert not Response.objects.exists()


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ("{", 400), ("[]", 400), ("{}", 400), ({"id": "x"}, 400), (body(answers=[1]), 400), (body(id="12"), 400),
        (body(code="nonsense"), 422), (body(answers={"nobody": 1}), 422), (body(version="0" * 64), 409),
    ],
)  # fmt: skip
def test_bad_input_gets_a_reason_and_stores_nothing(client: Client, asked: Round, given: Any, status: int) -> None:
    page = post(client, given)
    assert page.status_code == status
    assert page.headers["Content-Type"] == "application/problem+json"
    assert not Response.objects.exists()


def test_an_unknown_survey_is_404(client: Client, asked: Round) -> None:
    assert post(client, body(), "/api/v1/surveys/nowhere/responses/").status_code == 404


def test_nobody_reads_responses_back(client: Client, asked: Round, officer: User) -> None:
    client.force_login(officer)
    assert client.get(DOOR).status_code == 405


def test_an_officer_who_is_signed_in_answers_like_anybody(client: Client, asked: Round, officer: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(officer)
    assert post(strict, body()).status_code == 201


CONTROL = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "SELECT pg_advisory_xact_lock")


def statements(captured: CaptureQueriesContext) -> list[str]:
    """What was asked of the tables, without the edges of transactions."""
    asked = [query["sql"] for query in captured.captured_queries]
    return [sql for sql in asked if not sql.startswith(CONTROL)]


@pytest.mark.parametrize(
    ("answers", "tables"),
    [
        ({"mode": "car", "minutes": 7}, 3),
        ({"mode": "car", "minutes": 7, "remark": "Dark there"}, 6),
        ({"mode": "car", "minutes": 7, "remark": "Dark", "place": PLACE, "photo": photo_data()}, 8),
    ],
)
def test_a_stored_response_writes_each_table_once(
    client: Client, asked: Round, answers: dict[str, Any], tables: int
) -> None:
    post(client, body())  # the form is parsed once per process
    with CaptureQueriesContext(connection) as captured:
        assert post(client, body(answers=answers)).status_code == 201
    assert len(statements(captured)) == tables


def test_a_known_response_is_found_with_three_questions(client: Client, asked: Round) -> None:
    given = body()
    post(client, given)
    with CaptureQueriesContext(connection) as captured:
        assert post(client, given).status_code == 200
    assert len(statements(captured)) == 3


def test_a_survey_that_is_not_open_yet_is_no_unknown_one(client: Client, survey: Survey) -> None:
    assert post(client, body()).status_code == 409
