from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from engagement import participating, receipts
from engagement.models import LiveEvent, LogEntry, Project, Receipt, Round, User
from scenarios import decisions, planning
from scenarios.decisions import AlreadyPublished, CannotDecide
from scenarios.models import Decision, Scenario
from tests.scenarios.conftest import computed, released

pytestmark = pytest.mark.django_db


def written(officer: User, project: Project, **changes: Any) -> Decision:
    given: dict[str, Any] = {
        "title": {"en": "The bridge closes for two years", "fi": "Silta suljetaan kahdeksi vuodeksi"},
        "outcome": Decision.Outcome.CHANGED,
        "reason": Decision.Reason.EVIDENCE,
        "plain_text": {"en": "It closes in May. Walking and cycling stay possible."},
        "not_followed": {"en": "A ferry was asked for; it would be too slow."},
        "decided_on": timezone.localdate(),
    }
    return decisions.draft(officer, project, **(given | changes))


def test_a_published_decision_reaches_subscribers_and_every_receipt(
    bridge_closed: Scenario,
    open_round: Round,
    officer: User,
    second_officer: User,
    planner: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    project = bridge_closed.project
    run = computed(bridge_closed)
    planning.publish_scenario(planner, bridge_closed, published=True)
    release = released(open_round, {"time": 240, "quiet": 120, "other": 40}, officer, second_officer, monkeypatch)
    code = receipts.new_code()
    receipt = receipts.remember(code, project=project, round=open_round, kind="survey")
    decision = written(officer, project, runs=[run], releases=[release.pk])
    assert [o.kind for o in receipts.outcomes(receipt)] == ["release", "run"]

    decisions.publish(officer, decision)

    told = LiveEvent.objects.get(topic="project.bridge", kind="decision.published")
    assert told.payload["url"] == f"/decisions/{decision.pk}/"
    seen = {outcome.kind: outcome for outcome in receipts.outcomes(receipt)}
    assert seen["decision"].title == "The bridge closes for two years"
    assert seen["decision"].url == f"/decisions/{decision.pk}/"
    assert seen["decision"].text == (
        "It closes in May. Walking and cycling stay possible.\nIt rests on 1 release of answers and 1 calculation."
    )
    assert seen["run"].url == f"/scenarios/{bridge_closed.pk}/"
    assert not participating.is_overdue(project, date(2030, 1, 1))


def test_publishing_again_tells_nobody_twice(project: Project, officer: User) -> None:
    decision = written(officer, project)
    first = decisions.publish(officer, decision)
    again = decisions.publish(officer, decision)
    assert first.published_at == again.published_at
    assert LiveEvent.objects.filter(kind="decision.published").count() == 1
    assert LogEntry.objects.filter(verb="decision.published").count() == 1


def test_a_draft_is_on_no_receipt(project: Project, officer: User) -> None:
    written(officer, project)
    assert receipts.outcomes(Receipt(project=project, round=None)) == []


def test_a_published_decision_is_not_changed(project: Project, officer: User) -> None:
    decision = decisions.publish(officer, written(officer, project))
    with pytest.raises(AlreadyPublished):
        written(officer, project, decision=decision, title={"en": "Something else"})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"plain_text": {"en": "  "}}, "in plain words"),
        ({"title": {}}, "in plain words"),
        ({"decided_on": date(2999, 1, 1)}, "lies in the future"),
    ],
)
def test_a_decision_without_words_or_before_its_day_is_not_published(
    project: Project, officer: User, changes: dict[str, Any], said: str
) -> None:
    decision = written(officer, project, **changes)
    with pytest.raises(CannotDecide, match=said):
        decisions.publish(officer, decision)
    decision.refresh_from_db()
    assert decision.published_at is None


def test_a_decision_rests_only_on_evidence_of_its_own_project(bridge_closed: Scenario, officer: User) -> None:
    run = computed(bridge_closed)
    other = Project.objects.create(slug="other", title={"en": "Other"}, languages=["en"])
    with pytest.raises(CannotDecide, match="runs of this project"):
        written(officer, other, runs=[run])
    with pytest.raises(CannotDecide, match="releases of this project"):
        written(officer, bridge_closed.project, releases=[uuid4()])
