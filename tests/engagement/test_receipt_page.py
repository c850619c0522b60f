"""The receipt page: what was given, what became of it, and the way to take it back."""

from __future__ import annotations

import json
import logging

import pytest
from django.test import Client

from engagement import moderation, receipts
from engagement.models import Appeal, LogEntry, QueueItem, Round, User
from tests.engagement.conftest import Remarks

pytestmark = pytest.mark.django_db


def test_the_form_asks_for_a_code_and_works_without_javascript(client: Client) -> None:
    page = client.get("/r/")
    assert page.status_code == 200
    assert '<form method="post" action="/r/"' in page.text


def test_a_code_shows_what_was_given_and_what_became_of_it(client: Client, code: str, council_decided: None) -> None:
    page = client.post("/r/", {"code": code.lower()})
    assert page.status_code == 200
    assert "What should we know?" in page.text
    assert "Ask my neighbour at number 12 &lt;b&gt;now&lt;/b&gt;" in page.text
    assert "waits for a moderator" in page.text
    assert "The bridge closes for cars only" in page.text


def test_no_cache_and_no_other_site_learns_of_a_receipt(client: Client, code: str) -> None:
    page = client.post("/r/", {"code": code})
    assert page["Cache-Control"] == "private, no-store"
    assert page["Referrer-Policy"] == "same-origin"
    assert page["X-Robots-Tag"] == "noindex"


def test_the_code_never_stands_in_an_address_or_a_log(
    client: Client, code: str, caplog: pytest.LogCaptureFixture, council_decided: None
) -> None:
    with caplog.at_level(logging.DEBUG):
        pages = [client.post("/r/", {"code": code}), client.post("/r/withdraw/", {"code": code})]
        wrong = client.post("/r/", {"code": code[:-1] + ("A" if code[-1] != "A" else "B")})
    assert wrong.status_code == 404
    for page in pages:
        assert "Location" not in page
        for address in page.text.split('href="')[1:] + page.text.split('action="')[1:]:
            assert code not in address.split('"')[0]
    assert code not in caplog.text


def test_a_mistyped_code_is_kept_in_the_field_and_explained(client: Client, code: str) -> None:
    page = client.post("/r/", {"code": "K7-2M"})
    assert page.status_code == 404
    assert 'value="K7-2M"' in page.text
    assert "8 groups of two characters" in page.text


def test_a_code_that_was_never_received_says_so(client: Client, db: None) -> None:
    page = client.post("/r/", {"code": receipts.new_code()})
    assert page.status_code == 404
    assert "Nothing was received with this code yet" in page.text


def test_the_language_of_a_receipt_changes_without_typing_the_code_again(client: Client, code: str) -> None:
    page = client.post("/r/", {"code": code, "language": "ar"})
    assert '<html lang="ar" dir="rtl">' in page.text
    assert code in page.text
    assert page.cookies["django_language"].value == "ar"


def test_a_rejection_states_ground_facts_rule_and_redress_in_the_authors_language(
    client: Client, code: str, waiting_remark: QueueItem, officer: User
) -> None:
    waiting_remark.language = "en"
    waiting_remark.save()
    moderation.rule(waiting_remark, officer, "rejected", ground="personal-data", reason="It names the neighbour.")
    page = client.post("/r/", {"code": code}, headers={"Accept-Language": "sv"}).text
    statement = page[page.index('<div class="notice warning above" lang="en" dir="ltr">') :]
    assert "It names or shows a person who did not agree." in statement
    assert "It names the neighbour." in statement
    assert "Rule 1 of this site" in statement
    assert "another person will decide" in statement
    assert "Your choices count all the same." in statement


def test_what_was_given_can_be_downloaded(client: Client, code: str) -> None:
    answer = client.post("/r/download/", {"code": code})
    assert answer["Content-Disposition"] == 'attachment; filename="loggia-bridge.json"'
    assert answer["Cache-Control"] == "private, no-store"
    assert json.loads(answer.content) == {
        "survey": "bridge",
        "answers": {"remark": "Ask my neighbour at number 12 <b>now</b>"},
    }


def test_withdrawing_asks_once_and_then_says_what_was_deleted_and_what_stands(
    client: Client, code: str, remarks: Remarks
) -> None:
    asked = client.post("/r/withdraw/", {"code": code})
    assert "Withdraw your answer?" in asked.text
    assert "r1" in remarks.texts
    done = client.post("/r/withdraw/", {"code": code, "confirm": "yes"})
    assert "r1" not in remarks.texts
    assert "One response with one text" in done.text
    assert "The totals of 1 November" in done.text


@pytest.mark.parametrize("path", ["/r/download/", "/r/withdraw/", "/r/appeal/"])
def test_rights_are_never_reached_by_a_link(client: Client, db: None, path: str) -> None:
    assert client.get(path).status_code == 405


@pytest.mark.parametrize("path", ["/r/download/", "/r/withdraw/", "/r/appeal/"])
def test_rights_need_a_code_that_was_received(client: Client, db: None, path: str) -> None:
    assert client.post(path, {"code": receipts.new_code(), "confirm": "yes"}).status_code == 404


def test_a_second_look_is_asked_for_once_and_leaves_a_log_entry(
    client: Client, code: str, waiting_remark: QueueItem, officer: User
) -> None:
    ruling = moderation.rule(waiting_remark, officer, "rejected", ground="insult", reason="It attacks a person.")
    form = {"code": code, "ruling": ruling.pk, "text": "It was a joke between friends."}
    assert "Another person will decide" in client.post("/r/appeal/", form).text
    client.post("/r/appeal/", form)
    assert Appeal.objects.get().text == "It was a joke between friends."
    assert LogEntry.objects.filter(verb="appeal.made").count() == 1


def test_nobody_appeals_against_a_ruling_about_somebody_elses_text(
    client: Client, open_round: Round, remarks: Remarks, waiting_remark: QueueItem, officer: User
) -> None:
    ruling = moderation.rule(waiting_remark, officer, "rejected", ground="insult", reason="It attacks a person.")
    other = receipts.new_code()
    receipts.remember(other, project=open_round.project, round=open_round, kind=remarks.kind)
    answer = client.post("/r/appeal/", {"code": other, "ruling": ruling.pk, "text": "Mine?"})
    assert answer.status_code == 400
    assert not Appeal.objects.exists()
