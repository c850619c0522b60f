"""Remarks: taken in once, shown after moderation, withdrawn with the receipt."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from ar_scenes import pins
from ar_scenes.models import Pin, Scene
from ar_scenes.pins import Given, PinGone, PinRefused, PinsClosed
from engagement import moderation, receipts
from engagement.models import LiveEvent, Project, QueueItem, Receipt, User
from privacy import tombstones
from tests.ar_scenes.conftest import LAT, LON

pytestmark = pytest.mark.django_db

PIN_ID = UUID("6f1c0f52-6c3a-4b51-9c39-0d4f3a0c9a11")


@pytest.fixture
def lived_in(scene: Scene, project: Project) -> Scene:
    """The town with a published project that collects remarks."""
    project.scene_slug = scene.slug
    project.save()
    return scene


@pytest.fixture
def given() -> Given:
    return Given(PIN_ID, receipts.new_code(), "Children cross here to school.", LON, LAT, "way/3", "en")


@pytest.fixture
def pin(lived_in: Scene, project: Project, given: Given) -> Pin:
    return pins.leave(lived_in, project, given)


def rule(pin: Pin, officer: User, outcome: str, **reasons: Any) -> None:
    moderation.rule(QueueItem.objects.get(ref=str(pin.pk)), officer, outcome, **reasons)
    pin.refresh_from_db()


def test_a_remark_waits_for_a_moderator(pin: Pin) -> None:
    assert pin.state == "waiting"
    assert list(QueueItem.objects.values_list("kind", "ref", "state")) == [("scene.pin", str(PIN_ID), "waiting")]


def test_sending_the_same_remark_twice_stores_one(lived_in: Scene, project: Project, given: Given, pin: Pin) -> None:
    again = pins.leave(lived_in, project, replace(given, body="Something else."))
    assert again.pk == pin.pk
    assert again.body == "Children cross here to school."
    assert (Pin.objects.count(), QueueItem.objects.count(), Receipt.objects.count()) == (1, 1, 1)


def test_an_id_with_another_code_shows_nothing(lived_in: Scene, project: Project, given: Given, pin: Pin) -> None:
    with pytest.raises(PinRefused, match="another receipt code"):
        pins.leave(lived_in, project, replace(given, code=receipts.new_code()))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"body": "  "}, "Please write your remark."),
        ({"body": "x" * 501}, "Please shorten it to 500 characters; these are 501."),
        ({"lon": 10.0}, "This place lies outside of the scene. Please choose a place inside."),
    ],
)
def test_a_refused_remark_says_what_to_do(
    lived_in: Scene, project: Project, given: Given, change: dict[str, object], told: str
) -> None:
    with pytest.raises(PinRefused) as refused:
        pins.leave(lived_in, project, replace(given, **change))  # type: ignore[arg-type]
    assert str(refused.value) == told
    assert not Pin.objects.exists()
    assert not Receipt.objects.exists()


def test_a_scene_without_a_project_collects_no_remarks(scene: Scene, given: Given) -> None:
    with pytest.raises(PinsClosed):
        pins.leave(scene, scene.live_project(), given)


def test_approval_publishes_the_remark_to_open_pages(pin: Pin, officer: User) -> None:
    rule(pin, officer, "approved")
    assert pin.state == "approved"
    event = LiveEvent.objects.get(topic="scene.town", kind="pin.approved")
    assert event.payload["pin"]["body"] == "Children cross here to school."


def test_rejection_is_told_on_the_receipt_and_nowhere_else(pin: Pin, officer: User, given: Given) -> None:
    rule(pin, officer, "rejected", ground="off-topic", reason="It is about another street.")
    receipt = receipts.find(given.code)
    (gift,) = receipts.handler_for(receipt).gifts(given.code, receipt)
    assert (gift.state, gift.ruling.reason if gift.ruling else "") == ("rejected", "It is about another street.")
    assert not LiveEvent.objects.filter(kind="pin.approved").exists()


def test_a_ruling_that_is_taken_back_lets_the_remark_wait_again(pin: Pin, officer: User) -> None:
    rule(pin, officer, "approved")
    moderation.undo(QueueItem.objects.get(), officer)
    pin.refresh_from_db()
    assert pin.state == "waiting"


def test_a_withdrawn_remark_leaves_no_words_and_stays_gone(
    lived_in: Scene, project: Project, pin: Pin, given: Given
) -> None:
    receipt = receipts.find(given.code)
    report = receipts.handler_for(receipt).withdraw(given.code, receipt)
    pin.refresh_from_db()
    assert (pin.state, pin.body, pin.feature_id, pin.point.coords) == ("withdrawn", "", "", lived_in.centre.coords)
    assert report.deleted == ["Your remark: its words, its place in the queue and in the twin."]
    assert not QueueItem.objects.exists()
    assert receipts.handler_for(receipt).gifts(given.code, receipt) == []
    with pytest.raises(PinGone):
        pins.leave(lived_in, project, given)


def test_news_of_an_approved_remark_is_forgotten_with_it(pin: Pin, given: Given, officer: User) -> None:
    rule(pin, officer, "approved")
    assert LiveEvent.objects.filter(kind="pin.approved").count() == 1
    receipt = receipts.find(given.code)
    receipts.handler_for(receipt).withdraw(given.code, receipt)
    assert not LiveEvent.objects.filter(kind="pin.approved").exists()
    assert LiveEvent.objects.filter(kind="pin.withdrawn").count() == 1


def test_a_restored_backup_does_not_bring_a_withdrawn_remark_back(pin: Pin, given: Given) -> None:
    receipt = receipts.find(given.code)
    receipts.handler_for(receipt).withdraw(given.code, receipt)
    Pin.objects.update(state="waiting", body="Too narrow.")  # what an older database holds
    assert tombstones.replay()["scene.pin"] == 1
    pin.refresh_from_db()
    assert (pin.state, pin.body) == ("withdrawn", "")
    assert tombstones.replay()["scene.pin"] == 0


def test_nothing_that_is_stored_leads_from_the_remark_to_the_receipt(pin: Pin, given: Given) -> None:
    assert given.code not in str(Pin.objects.values().get())
    assert pin.pseudonym != Receipt.objects.get().digest


def test_the_form_takes_a_remark_without_javascript_and_shows_the_code(lived_in: Scene, client: Client) -> None:
    form = client.get("/scenes/town/pins/new/?feature=way/3")
    assert "Your remark is about: <strong>Silta</strong>" in form.text
    hidden = form.context["hidden"]
    sent = {**hidden, "body": "Too narrow for two prams."}
    thanks = client.post("/scenes/town/pins/new/?feature=way/3", sent)
    assert thanks.status_code == 200
    assert hidden["code"] in thanks.text
    assert client.post("/scenes/town/pins/new/?feature=way/3", sent).status_code == 200
    assert Pin.objects.values_list("body", "feature_id").get() == ("Too narrow for two prams.", "way/3")


def test_a_refused_form_keeps_what_was_typed(lived_in: Scene, client: Client) -> None:
    form = client.get("/scenes/town/pins/new/?feature=way/3")
    words = "long " * 101
    page = client.post("/scenes/town/pins/new/?feature=way/3", {**form.context["hidden"], "body": words})
    assert page.status_code == 422
    assert "Please shorten it to 500 characters" in page.text
    assert words.strip() in page.text
    assert page.context["hidden"] == form.context["hidden"]


def test_without_a_place_the_form_asks_for_one(lived_in: Scene, client: Client) -> None:
    page = client.get("/scenes/town/pins/new/")
    assert "First say which place it is about." in page.text
    assert client.get("/scenes/town/pins/new/?lon=abc&lat=1").status_code == 200


def test_a_phone_sends_a_remark_once_however_often_it_tries(lived_in: Scene, client: Client) -> None:
    sent = {"id": str(PIN_ID), "code": receipts.new_code(), "body": "A bench, please.", "lon": LON, "lat": LAT}
    answers = [client.post("/api/v1/scenes/town/pins/", sent, content_type="application/json") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == {"id": str(PIN_ID), "state": "waiting", "code": sent["code"]}
    assert Pin.objects.count() == 1


def test_the_api_refuses_a_remark_without_a_place_with_a_sentence(lived_in: Scene, client: Client) -> None:
    answer = client.post(
        "/api/v1/scenes/town/pins/", {"id": str(PIN_ID), "body": "Where?"}, content_type="application/json"
    )
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/pin-without-place"


def test_only_approved_remarks_are_listed(pin: Pin, officer: User, client: Client) -> None:
    assert client.get("/api/v1/scenes/town/pins/").json() == {"results": []}
    assert "Children cross" not in client.get("/scenes/town/list/?what=remarks").text
    rule(pin, officer, "approved")
    (shown,) = client.get("/api/v1/scenes/town/pins/").json()["results"]
    assert (shown["body"], shown["feature"]) == ("Children cross here to school.", "way/3")
    assert "pseudonym" not in shown
    assert "Children cross" in client.get("/scenes/town/list/?what=remarks").text
    assert "Children cross" in client.get("/scenes/town/feature/?id=way/3").text
