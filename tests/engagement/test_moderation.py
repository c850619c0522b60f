"""Ruling: one officer at a time, once, and never past an appeal."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from engagement import appeals, audit, claims, desk, moderation, statements
from engagement.models import LogEntry, QueueItem, Ruling, User
from tests.engagement.conftest import Remarks

pytestmark = pytest.mark.django_db


def test_only_one_of_two_officers_gets_an_item(waiting_remark: QueueItem, officer: User, second_officer: User) -> None:
    assert claims.claim(waiting_remark, officer)
    assert claims.claim(waiting_remark, officer)
    assert not claims.claim(waiting_remark, second_officer)
    with pytest.raises(claims.Claimed, match="Officer has this item open until"):
        moderation.rule(waiting_remark, second_officer, "approved")


def test_a_claim_ends_by_itself(waiting_remark: QueueItem, officer: User, second_officer: User) -> None:
    claims.claim(waiting_remark, officer)
    QueueItem.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert claims.claim(waiting_remark, second_officer)
    assert moderation.rule(waiting_remark, second_officer, "approved").moderator == second_officer


def test_what_was_decided_is_not_decided_twice(waiting_remark: QueueItem, officer: User, second_officer: User) -> None:
    moderation.rule(waiting_remark, officer, "approved")
    with pytest.raises(moderation.AlreadyRuled):
        moderation.rule(waiting_remark, second_officer, "rejected", ground="insult", reason="It insults.")
    assert Ruling.objects.count() == 1


def test_a_decision_is_not_taken_back_once_the_author_has_appealed(waiting_remark: QueueItem, officer: User) -> None:
    ruling = moderation.rule(waiting_remark, officer, "rejected", ground="insult", reason="It insults.")
    appeals.make(ruling, "It was a joke.")
    with pytest.raises(moderation.CannotUndo):
        moderation.undo(waiting_remark, officer)
    assert Ruling.objects.filter(pk=ruling.pk).exists()


def test_an_appeal_that_is_upheld_publishes_after_all(
    waiting_remark: QueueItem, officer: User, second_officer: User, remarks: Remarks
) -> None:
    ruling = moderation.rule(waiting_remark, officer, "rejected", ground="insult", reason="It insults.")
    appeals.answer(appeals.make(ruling, "It was a joke."), second_officer, upheld=True, text="You are right.")
    assert remarks.applied == [("r1", "rejected"), ("r1", "approved")]


def test_the_author_is_told_that_words_were_blanked(waiting_remark: QueueItem, officer: User) -> None:
    ruling = moderation.rule(waiting_remark, officer, "approved", redacted="Ask my neighbour")
    said = statements.compose(ruling)
    assert said.language == "fi"
    assert (
        said.headline == "Moderaattori luki tekstin ja julkaisi sen. Sanat, joista jonkun voisi tunnistaa, peitettiin."
    )
    entry = LogEntry.objects.get(verb="moderation.approved")
    assert entry.details == {"ground": "", "redacted": True}


def test_every_removal_has_a_reason_an_appeal_path_and_a_log_entry(waiting_remark: QueueItem, officer: User) -> None:
    ruling = moderation.rule(waiting_remark, officer, "rejected", ground="off-topic", reason="It is about dogs.")
    said = statements.compose(ruling)
    assert all([said.ground, said.facts, said.rule, said.redress])
    assert appeals.may_be_made(ruling)
    assert LogEntry.objects.filter(verb="moderation.rejected", subject="test.remark:r1").count() == 1


@pytest.fixture
def log(officer: User) -> list[LogEntry]:
    return [audit.record(officer, f"test.{number}", "thing:1", {"number": number}) for number in range(4)]


def test_a_whole_log_holds(log: list[LogEntry], capsys: pytest.CaptureFixture[str]) -> None:
    call_command("verify_log", head=[f"{log[-1].at:%Y-%m-%d}={log[-1].digest}"])
    assert f"4 entries, head {log[-1].digest}" in capsys.readouterr().out


def test_a_changed_line_is_found(log: list[LogEntry]) -> None:
    LogEntry.objects.filter(pk=log[1].pk).update(details={"number": 7})
    with pytest.raises(CommandError, match=rf"Entry {log[1].pk} .* is not as it was written"):
        call_command("verify_log")


def test_a_removed_line_is_found(log: list[LogEntry]) -> None:
    LogEntry.objects.filter(pk=log[2].pk).delete()
    with pytest.raises(CommandError, match=f"Entry {log[3].pk} "):
        call_command("verify_log")


def test_a_log_that_was_rewritten_as_a_whole_is_found_by_a_published_head(log: list[LogEntry], officer: User) -> None:
    day, published = log[-1].at.date().isoformat(), log[-1].digest
    LogEntry.objects.all().delete()
    for number in range(3):
        audit.record(officer, f"test.{number}", "thing:1", {"number": number})
    assert audit.first_broken() is None
    with pytest.raises(CommandError, match=f"The head of {day} was {published}"):
        call_command("verify_log", head=[f"{day}={published}"])


def test_the_entries_of_the_desk_cost_one_query(officer: User, django_assert_num_queries: object) -> None:
    assert reverse("engagement:queue") == "/desk/queue/"  # the core registers its pages when the addresses are read
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert {"queue", "appeals", "projects"} <= {entry.name for entry in desk.entries_for(officer)}
