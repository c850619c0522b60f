from __future__ import annotations

import pytest

from privacy import inventory, retention
from surveys.models import Response


def test_every_model_and_field_of_every_app_says_what_it_is_for() -> None:
    assert inventory.undescribed() == [], "say in privacy/inventory.py how it is handled"
    assert len(list(inventory.rows())) >= 60


def test_a_new_field_and_a_new_model_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    handling, fields = inventory.LISTED["surveys.Response"]
    without = " ".join(name for name in fields.split() if name != "pseudonym")
    monkeypatch.setitem(inventory.LISTED, "surveys.Response", (handling, without))
    monkeypatch.delitem(inventory.LISTED, "surveys.Survey")
    assert inventory.undescribed() == ["surveys.Response.pseudonym", "surveys.Survey"]


def test_what_nobody_described_is_handled_like_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(inventory.LISTED, "surveys.Survey")
    row = next(row for row in inventory.rows() if row.model == "surveys.Survey")
    assert row.handling.personal


def test_answers_hold_no_user_no_address_and_no_hour() -> None:
    row = next(row for row in inventory.rows() if row.model == Response._meta.label)
    assert row.handling.personal
    assert row.staff == []


def test_whoever_acts_is_marked_as_staff() -> None:
    staff = {row.model: row.staff for row in inventory.rows()}
    assert staff["engagement.Ruling"] == ["moderator"]
    assert staff["engagement.LogEntry"] == ["actor"]


def test_how_long_is_a_line_of_the_retention_table_or_a_sentence() -> None:
    known = {rule.name for rule in retention.rules()}
    for handling in inventory.HANDLINGS.values():
        assert handling.keeps in known or handling.keeps.endswith((".", "it")), handling.title
        for words in (handling.title, handling.purpose, handling.basis, handling.access):
            assert words
