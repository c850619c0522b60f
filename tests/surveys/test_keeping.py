"""Nothing is kept longer than the table says, and every run leaves proof."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import timezone

from engagement import receipts
from engagement.contacts.models import Consent
from engagement.models import Job, LogEntry, QueueItem, Receipt, Round
from engagement.receipts import Outcome
from privacy import retention, snapshot
from privacy.models import Snapshot
from privacy.retention import Rule
from surveys import keeping
from surveys.models import Draft, Response, Survey
from surveys.responding import Sent, accept
from tests.surveys.conftest import sent

pytestmark = pytest.mark.django_db(databases=["default", "contacts"])


@pytest.fixture
def decided_on() -> Iterator[dict[str, date]]:
    """Put a day into it, and the council has decided on that day."""
    day: dict[str, date] = {}

    def outcome(_receipt: Receipt) -> list[Outcome]:
        return [Outcome(day["day"], "decision", "Decided", "")] if day else []

    receipts.register_outcome(outcome)
    yield day
    receipts._outcomes.remove(outcome)


@pytest.fixture
def given(survey: Survey, asked: Round) -> Sent:
    response = sent({"mode": "bike", "minutes": "3", "remark": "Dark"})
    accept(survey, response)
    return response


def closed(round: Round, days_ago: int) -> None:
    now = timezone.now()
    Round.objects.filter(pk=round.pk).update(
        opens_at=now - timedelta(days=days_ago + 9), closes_at=now - timedelta(days=days_ago)
    )


def test_the_numbers_of_the_table_are_these() -> None:
    days = {rule.name: rule.days for rule in retention.rules()}
    assert (days["drafts"], days["live"], days["letters"]) == (1, 1, 1)
    assert (days["log"], days["jobs"], days["sessions"]) == (14, 14, 14)
    assert (days["answers"], days["consents"]) == (183, 183)


def test_answers_go_half_a_year_after_the_decision_with_all_that_hangs_on_them(
    client: Client, given: Sent, asked: Round, decided_on: dict[str, date]
) -> None:
    snapshot.freeze(asked)
    closed(asked, 300)
    decided_on["day"] = timezone.localdate() - timedelta(days=183)
    assert keeping.delete_answers(183) == 0, "the last day is kept whole"
    decided_on["day"] -= timedelta(days=1)
    assert keeping.delete_answers(183) == 1
    for model in (Response, QueueItem):
        assert model.objects.count() == 0
    assert Snapshot.objects.get().content is None
    assert keeping.delete_answers(183) == 0
    page = client.post("/r/", {"code": given.code}).text
    assert "Their time was over." in page
    assert "You withdrew them" not in page


def test_answers_without_a_decision_go_two_years_after_the_close(given: Sent, asked: Round) -> None:
    closed(asked, 730)
    assert keeping.delete_answers(183) == 0
    closed(asked, 731)
    assert keeping.delete_answers(183) == 1


def test_an_open_round_keeps_its_answers_whatever_was_decided(
    given: Sent, asked: Round, decided_on: dict[str, date]
) -> None:
    decided_on["day"] = timezone.localdate() - timedelta(days=900)
    assert keeping.delete_answers(183) == 0


def test_one_run_deletes_what_is_over_and_leaves_counts_as_proof(survey: Survey, settings: Any) -> None:
    long_ago = timezone.now() - timedelta(days=20)
    Draft.objects.create(pk="a" * 64, survey=survey, sealed=b"x", expires_at=long_ago)
    Draft.objects.create(pk="b" * 64, survey=survey, sealed=b"x")
    Job.objects.create(kind="test", ref="old", state=Job.State.DONE, heard_at=long_ago)
    Job.objects.create(kind="test", ref="waiting", heard_at=long_ago)
    Consent.objects.create(
        mark="m", purpose="outcome", ref="1", wording=1, ended_on=date(2020, 1, 1), ended_by="withdrawn"
    )
    letters = settings.DATA_DIR / "mail"
    letters.mkdir(exist_ok=True)
    (letters / "old").write_text("x")
    os.utime(letters / "old", (0, 0))
    counts = retention.run()
    assert {name: counts[name] for name in ("drafts", "jobs", "consents", "letters")} == {
        "drafts": 1,
        "jobs": 1,
        "consents": 1,
        "letters": 1,
    }
    assert Draft.objects.get().pk == "b" * 64
    assert Job.objects.get().ref == "waiting"
    assert LogEntry.objects.get(verb="retention.ran").details == counts
    assert retention.run()["drafts"] == 0


def test_a_city_may_shorten_and_never_lengthen(settings: Any) -> None:
    rule = Rule("test", "tests", 14, "after them", lambda days: days)
    settings.LOGGIA_KEEP_DAYS = ["test=7"]
    assert rule.days == 7
    settings.LOGGIA_KEEP_DAYS = ["test=15"]
    with pytest.raises(ImproperlyConfigured, match=r"test=15\. It may be shorter than 14 days, not longer"):
        retention.register(rule)
    settings.LOGGIA_KEEP_DAYS = ["test"]
    with pytest.raises(ImproperlyConfigured, match="Write name=days"):
        retention.shortened()
    settings.LOGGIA_KEEP_DAYS = ["tests=3"]
    with pytest.raises(ImproperlyConfigured, match="knows no tests"):
        retention.check_names()
