"""What a resident may do with the receipt code: see, take along, correct, withdraw; and what stays gone."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from engagement import erasing, receipts
from engagement.erasing import Erased
from engagement.models import QueueItem, Round
from privacy import snapshot, tombstones
from surveys import correcting, opening, refusals
from surveys.models import OpenToCorrection, Response, Survey, Tombstone
from surveys.receipts import SurveyReceipts
from surveys.responding import Sent, accept
from tests.surveys.conftest import photo_data, sent

pytestmark = pytest.mark.django_db
FULL = {"mode": "bike", "minutes": "3", "remark": "Dark", "photo": photo_data()}


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> list[Erased]:
    """What holders of copies heard."""
    heard: list[Erased] = []

    def hear(erased: Erased) -> list[str]:
        heard.append(erased)
        return ["One holder was told."]

    monkeypatch.setattr(erasing, "_holders", {"test": hear})
    return heard


@pytest.fixture
def given(survey: Survey, asked: Round) -> Sent:
    response = sent(FULL)
    accept(survey, response)
    return response


def test_the_answers_go_back_into_the_form_and_replace_the_old_ones(
    client: Client, survey: Survey, given: Sent, told: list[Erased]
) -> None:
    onward = client.post("/r/correct/", {"code": given.code})
    assert (onward.status_code, onward["Location"]) == (302, "/surveys/bridge/review/")
    assert given.code not in onward["Location"] + onward.cookies["draft"].OutputString()
    review = client.get("/surveys/bridge/review/")
    assert "Bike" in review.text
    assert "Dark" in review.text
    client.post("/surveys/bridge/questions/minutes/", {"minutes": "14"})
    assert client.post("/surveys/bridge/review/")["Location"] == "/surveys/bridge/thanks/"
    stored = Response.objects.get()
    assert (stored.pk, stored.answers["minutes"], stored.answers["mode"]) == (given.id, 14, "bike")
    assert stored.moderated.filter(attachment__isnull=False).count() == 1, "the photo was kept"
    assert QueueItem.objects.filter(state="waiting").count() == 2
    assert [(erased.ref, erased.why) for erased in told] == [(str(given.id), "corrected")]
    assert given.code in client.get("/surveys/bridge/thanks/").text


def test_a_correction_that_is_sent_twice_counts_once(survey: Survey, given: Sent) -> None:
    correcting.begin(Response.objects.get(), given.code)
    changed = replace(given, answers={**FULL, "minutes": "14"})
    assert accept(survey, changed).created
    assert not accept(survey, changed).created
    assert Response.objects.get().answers["minutes"] == 14
    assert not OpenToCorrection.objects.exists()


def test_a_refused_correction_leaves_the_old_answers(survey: Survey, given: Sent) -> None:
    correcting.begin(Response.objects.get(), given.code)
    with pytest.raises(refusals.AnswersRefused):
        accept(survey, replace(given, answers={"mode": "bike", "minutes": "0"}))
    assert Response.objects.get().answers["minutes"] == 3
    assert QueueItem.objects.count() == 2


def test_without_the_code_nobody_replaces_an_answer(survey: Survey, given: Sent) -> None:
    changed = replace(given, answers={"mode": "car", "minutes": "1"})
    with pytest.raises(refusals.DifferentContent):
        accept(survey, changed)
    correcting.begin(Response.objects.get(), given.code)
    with pytest.raises(refusals.DifferentContent):
        accept(survey, replace(changed, code=receipts.new_code()))
    assert Response.objects.get().answers["mode"] == "bike"


def test_after_the_close_and_after_freezing_the_page_says_why_not(client: Client, given: Sent, asked: Round) -> None:
    assert "Correct them" in client.post("/r/", {"code": given.code}).text
    snapshot.freeze(asked)
    frozen = client.post("/r/", {"code": given.code}).text
    assert "The answers were frozen on" in frozen
    assert "Correct them" not in frozen
    opening.close_round(None, asked)
    refused = client.post("/r/correct/", {"code": given.code})
    assert "The survey closed on" in refused.text
    assert "You can still withdraw your answer." in refused.text


def test_a_correction_that_was_begun_before_the_freeze_does_not_get_past_it(
    survey: Survey, given: Sent, asked: Round
) -> None:
    correcting.begin(Response.objects.get(), given.code)
    snapshot.freeze(asked)
    with pytest.raises(correcting.CannotCorrect):
        accept(survey, replace(given, answers={"mode": "car", "minutes": "1"}))
    assert Response.objects.get().answers["mode"] == "bike"


def test_everything_can_be_taken_along_for_machines_and_for_people(client: Client, given: Sent) -> None:
    file = client.post("/r/download/", {"code": given.code})
    assert file.json()["answers"]["mode"] == "bike"
    assert file.json()["photos"]["photo"].startswith("data:image/jpeg;base64,")
    text = client.post("/r/download/", {"code": given.code, "as": "text"})
    assert text["Content-Disposition"] == 'attachment; filename="loggia-bridge.txt"'
    assert "How do you cross today?\n  Bike" in text.text


def test_withdrawing_tells_holders_and_says_what_stands(client: Client, given: Sent, told: list[Erased]) -> None:
    page = client.post("/r/withdraw/", {"code": given.code, "confirm": "yes"}).text
    for sentence in ("All your answers", "Your photos", "One holder was told.", "Nothing was released before."):
        assert sentence in page
    assert (told[0].why, len(told[0].parts)) == ("withdrawn", 2)


def test_a_withdrawal_that_fails_halfway_is_finished_by_the_next_replay(
    survey: Survey, given: Sent, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(_erased: Erased) -> list[str]:
        raise OSError

    with monkeypatch.context() as broken, pytest.raises(OSError), transaction.atomic():
        broken.setattr(erasing, "_holders", {"test": break_down})
        SurveyReceipts().withdraw(given.code, receipts.find(given.code))
    assert Response.objects.count() == 1
    assert tombstones.replay()["survey"] == 1
    assert Response.objects.count() == 0


def test_a_restored_backup_does_not_bring_a_withdrawn_response_back(survey: Survey, given: Sent) -> None:
    other = sent({"mode": "car", "minutes": "5"})
    accept(survey, other)
    SurveyReceipts().withdraw(given.code, receipts.find(given.code))
    Tombstone.objects.all().delete()  # what an older backup looks like
    accept(survey, given)
    assert tombstones.replay()["survey"] == 1
    assert [response.pk for response in Response.objects.all()] == [other.id]
    with pytest.raises(refusals.ResponseWithdrawn) as refused:
        accept(survey, given)
    assert refused.value.status == 410
    assert tombstones.replay()["survey"] == 0
    assert QueueItem.objects.count() == 0


def test_a_tombstone_holds_a_hash_alone(given: Sent, own_data_folder: Path) -> None:
    SurveyReceipts().withdraw(given.code, receipts.find(given.code))
    lines = (own_data_folder / "keys" / "tombstones" / "survey").read_text().split()
    assert lines[-1] == hashlib.sha256(f"withdrawn response {given.id}".encode()).hexdigest()
    assert not any(str(given.id) in line for line in lines)


def test_a_torn_line_is_skipped_and_a_wrong_digest_is_refused(own_data_folder: Path) -> None:
    tombstones.bury("torn", "a" * 64)
    with (own_data_folder / "keys" / "tombstones" / "torn").open("a") as file:
        file.write("bbbb")
    assert tombstones.buried("torn") == {"a" * 64}
    with pytest.raises(ValueError, match="SHA-256"):
        tombstones.bury("torn", "abc")


def test_the_rights_end_and_the_outcome_stays(client: Client, given: Sent, asked: Round) -> None:
    from privacy import erasure

    Round.objects.update(destroy_key_on=timezone.localdate())
    assert erasure.end_due_rights(timezone.localdate() + timedelta(days=1)) == [Round.objects.get()]
    page = client.post("/r/", {"code": given.code})
    assert page.status_code == 200
    assert "Your rights have ended" in page.text
    assert "The key that connected receipts with answers was destroyed" in page.text
    for door in ("/r/download/", "/r/withdraw/"):
        body: dict[str, Any] = {"code": given.code, "confirm": "yes"}
        assert client.post(door, body).status_code == 410
