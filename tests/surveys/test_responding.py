from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import close_old_connections, connection, connections
from django.utils import timezone

from engagement import receipts
from engagement.models import LiveEvent, QueueItem, Receipt, Round, User
from engagement.moderation import rule
from surveys import opening, refusals, versions
from surveys.cleaning import MOST_CHARACTERS
from surveys.models import AnswerGeometry, Attachment, ModeratedAnswer, Response, Survey, SurveyVersion, Tombstone
from surveys.receipts import SurveyReceipts
from surveys.responding import Sent, accept
from tests.surveys.conftest import photo_data, sent
from tests.surveys.forms import form

PLACE = {"type": "Point", "coordinates": [24.949, 60.1742]}
pytestmark = pytest.mark.django_db


def test_a_response_is_stored_with_what_follows_from_it_and_nothing_about_the_person(
    survey: Survey, asked: Round
) -> None:
    given = sent({"mode": "bike", "minutes": "90", "matters": ["safe", "quiet"], "affected": "4"})
    accepted = accept(survey, given)
    assert accepted.created
    stored = Response.objects.get(pk=given.id)
    assert stored.answers == {
        "mode": "bike",
        "minutes": 90,
        "matters": ["quiet", "safe"],
        "affected": 4.0,
        "hours": "1.5",
    }
    assert (stored.round, stored.language, stored.received_on) == (asked, "en", timezone.localdate())
    assert len(stored.pseudonym) == 32
    names = {field.name for field in Response._meta.fields}
    assert names == {
        "id",
        "round",
        "version",
        "answers",
        "pseudonym",
        "content_hash",
        "received_on",
        "language",
        "state",
    }


def test_the_same_response_sent_again_is_given_back_and_not_doubled(survey: Survey, asked: Round) -> None:
    given = sent()
    first, second = accept(survey, given), accept(survey, given)
    assert (first.created, second.created) == (True, False)
    assert second.response == first.response
    assert Response.objects.count() == 1
    assert Receipt.objects.count() == 1


def test_the_order_in_which_answers_are_written_does_not_matter(survey: Survey, asked: Round) -> None:
    given = sent({"mode": "car", "minutes": "5"})
    accept(survey, given)
    assert not accept(survey, replace(given, answers={"minutes": "5", "mode": "car"})).created


@pytest.mark.parametrize("change", [{"answers": {"mode": "car"}}, {"language": "fi"}, {"code": "fresh"}])
def test_another_response_under_the_same_number_is_refused(
    survey: Survey, asked: Round, change: dict[str, Any]
) -> None:
    given = sent()
    accept(survey, given)
    if "code" in change:
        change["code"] = receipts.new_code()
    with pytest.raises(refusals.DifferentContent) as refused:
        accept(survey, replace(given, **change))
    assert refused.value.status == 409
    assert Response.objects.get().answers["mode"] == "bike"


def test_one_receipt_code_cannot_open_two_responses(survey: Survey, asked: Round) -> None:
    given = sent()
    accept(survey, given)
    with pytest.raises(refusals.DifferentContent):
        accept(survey, replace(given, id=uuid4()))
    assert Response.objects.count() == 1


def test_what_was_withdrawn_stays_gone_however_often_it_is_sent(survey: Survey, asked: Round) -> None:
    given = sent({"mode": "bike", "minutes": "3", "remark": "Dark", "place": PLACE, "photo": photo_data()})
    accept(survey, given)
    assert QueueItem.objects.count() == 3
    report = SurveyReceipts().withdraw(given.code, receipts.find(given.code))
    assert report.deleted == ["All your answers", "Your photos", "Your places on the map"]
    for model in (Response, ModeratedAnswer, AnswerGeometry, Attachment, QueueItem):
        assert model.objects.count() == 0, model
    assert Tombstone.objects.count() == 1
    with pytest.raises(refusals.ResponseWithdrawn) as refused:
        accept(survey, given)
    assert refused.value.status == 410
    with pytest.raises(refusals.ResponseWithdrawn):
        SurveyReceipts().withdraw(given.code, receipts.find(given.code))
    assert [gift.state for gift in SurveyReceipts().gifts(given.code, receipts.find(given.code))] == ["withdrawn"]


def test_a_survey_that_is_not_open_takes_nothing(survey: Survey, version: SurveyVersion) -> None:
    with pytest.raises(refusals.SurveyClosed, match="has not opened yet"):
        accept(survey, sent())
    now = timezone.now()
    plan = opening.Plan("Residents", now - timedelta(days=9), now - timedelta(days=1))
    opening.open_round(None, version, plan)
    with pytest.raises(refusals.SurveyClosed, match="It closed on"):
        accept(survey, sent())
    assert not Response.objects.exists()


def test_a_known_response_is_given_back_even_after_the_close(survey: Survey, asked: Round) -> None:
    given = sent()
    accept(survey, given)
    opening.close_round(None, asked)
    assert not accept(survey, given).created


def test_answers_to_an_older_version_are_not_taken_for_the_open_one(survey: Survey, asked: Round) -> None:
    with pytest.raises(refusals.SurveyChanged):
        accept(survey, sent(version="0" * 64))
    assert accept(survey, sent(version=survey.current_opening().version.hash)).created  # type: ignore[union-attr]


def test_all_that_is_wrong_is_told_at_once_and_nothing_is_stored(survey: Survey, asked: Round) -> None:
    with pytest.raises(refusals.AnswersRefused) as refused:
        accept(survey, sent({"matters": ["quiet", "safe", "fast"], "minutes": "0", "affected": "9"}))
    assert refused.value.status == 422
    assert refused.value.errors == {
        "mode": ["Please answer this question."],
        "matters": ["Please choose two at most."],
        "minutes": ["Between 1 and 299 minutes, please."],
        "affected": ["Please choose a number from 1 to 5."],
    }
    assert not Response.objects.exists()
    assert not Receipt.objects.exists()


def test_an_unclean_answer_to_a_question_that_is_not_asked_does_no_harm(survey: Survey, asked: Round) -> None:
    accept(survey, sent({"mode": "never", "minutes": "a while"}))
    assert Response.objects.get().answers == {"mode": "never"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"nobody": "x"}, "There is no question called “nobody”."),
        ({"mode": "car", "remark": "x" * (MOST_CHARACTERS + 1)}, "These answers are too large."),
        ([], "Answers are a map from question to answer."),
        ({"mode": {1, 2}}, "These answers cannot be read."),
    ],
)
def test_what_has_not_the_shape_of_a_response_is_refused(survey: Survey, asked: Round, given: Any, told: str) -> None:
    with pytest.raises(refusals.NotAResponse, match=told):
        accept(survey, Sent(uuid4(), given, receipts.new_code()))


def test_a_receipt_code_with_a_slip_is_refused_before_anything_is_stored(survey: Survey, asked: Round) -> None:
    with pytest.raises(refusals.NotAResponse, match="8 groups"):
        accept(survey, sent(code="K7-2M"))
    assert not Response.objects.exists()


def test_texts_photos_and_places_wait_for_a_moderator_and_choices_never_do(survey: Survey, asked: Round) -> None:
    given = sent(
        {"mode": "bike", "minutes": "3", "remark": "Dark there", "place": PLACE, "photo": photo_data()}, language="fi"
    )
    accept(survey, given)
    waiting = {item.kind: item for item in QueueItem.objects.all()}
    assert set(waiting) == {"survey.text", "survey.point", "survey.photo"}
    assert {item.language for item in waiting.values()} == {"fi"}
    refs = {item.ref for item in waiting.values()}
    assert str(given.id) not in refs, "the queue must not tell which items one person wrote"
    stored = Response.objects.get()
    assert stored.answers["photo"] == {"type": "image/jpeg"}
    assert bytes(Attachment.objects.get().content)[:2] == b"\xff\xd8"
    assert AnswerGeometry.objects.get().geometry.coords == (24.949, 60.1742)


def test_only_approved_places_are_drawn(survey: Survey, asked: Round, officer: User) -> None:
    accept(survey, sent({"mode": "bike", "minutes": "3", "place": PLACE}))
    assert AnswerGeometry.objects.approved().count() == 0
    item = QueueItem.objects.get()
    rule(item, officer, "approved")
    assert AnswerGeometry.objects.approved().count() == 1
    Response.objects.update(state=Response.State.EXCLUDED)
    assert AnswerGeometry.objects.approved().count() == 0


def test_the_receipt_shows_every_answer_with_its_ruling(survey: Survey, asked: Round, officer: User) -> None:
    given = sent({"mode": "bike", "minutes": "3", "matters": ["quiet"], "remark": "Ann lives there"})
    accept(survey, given)
    ruling = rule(QueueItem.objects.get(), officer, "rejected", ground="personal-data", reason="It names a neighbour.")
    (gift,) = SurveyReceipts().gifts(given.code, receipts.find(given.code))
    shown = [(item.label, item.value, item.state, item.ruling) for item in gift.items]
    assert shown == [
        ("How do you cross today?", "Bike", "counted", None),
        ("What matters most?", "Quiet", "counted", None),
        ("How many minutes does it take?", "3", "counted", None),
        ("What else?", "Ann lives there", "rejected", ruling),
        ("hours", "0.05", "counted", None),
    ]


def test_the_export_holds_everything_that_is_stored(survey: Survey, asked: Round) -> None:
    given = sent({"mode": "bike", "minutes": "3", "remark": "x", "photo": photo_data()})
    accept(survey, given)
    export = SurveyReceipts().export(given.code, receipts.find(given.code))
    assert export["answers"]["remark"] == "x"
    assert export["photos"]["photo"].startswith("data:image/jpeg;base64,/9j/")
    assert export["survey"] == "bridge"


def test_live_viewers_hear_of_tens_of_responses_and_of_nothing_else(survey: Survey, asked: Round) -> None:
    for _turn in range(11):
        accept(survey, sent())
    events = LiveEvent.objects.filter(topic="results.bridge").values_list("kind", "payload")
    assert list(events) == [("results.count", {"count": 10})]


def test_today_is_the_day_on_the_phone_if_it_lies_in_the_round(project: Any) -> None:
    version, _new = versions.store(None, project, form("type | name | label\ntext | a | A\ntoday | day |"), slug="days")
    now = timezone.now()
    opening.open_round(None, version, opening.Plan("All", now - timedelta(days=5), now + timedelta(days=5)))
    yesterday = timezone.localdate() - timedelta(days=1)
    for filled_on, expected in (
        (yesterday, yesterday),
        (date(2020, 1, 1), timezone.localdate()),
        (None, timezone.localdate()),
    ):
        stored = accept(version.survey, sent({"a": "x"}, filled_on=filled_on)).response
        assert stored.answers["day"] == expected.isoformat()


def test_a_version_of_a_survey_never_changes(version: SurveyVersion) -> None:
    from django.core.exceptions import ValidationError

    version.form = {}
    with pytest.raises(ValidationError, match="cannot be changed"):
        version.save()
    with pytest.raises(ValidationError, match="cannot be changed"):
        SurveyVersion.objects.update(hash="x")


@pytest.mark.django_db(transaction=True)
def test_five_posts_at_once_store_one_row(survey: Survey, asked: Round) -> None:
    given = sent({"mode": "bike", "minutes": "3", "remark": "once"})
    gate = threading.Barrier(5)
    outcomes: list[Any] = []

    def post() -> None:
        try:
            gate.wait()
            outcomes.append(accept(survey, given).created)
        except Exception as error:
            outcomes.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=post) for _turn in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_old_connections()
    assert connection.is_usable()
    assert sorted(map(str, outcomes)) == ["False", "False", "False", "False", "True"], outcomes
    assert Response.objects.count() == 1
    assert ModeratedAnswer.objects.count() == QueueItem.objects.count() == Receipt.objects.count() == 1
