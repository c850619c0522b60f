"""Duplicates behind an open link: hints without content, two officers, a reason, a public count."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import pytest
from django.db import IntegrityError, transaction

from engagement.models import LogEntry, Round, User
from privacy import excluding, models, release, snapshot
from privacy.counts import TableSpec
from privacy.excluding import ExclusionRefused
from privacy.proposing import NotAnOfficer, propose
from privacy.snapshot import Column, SnapshotInput
from tests.privacy.conftest import Answers, options
from tests.privacy.test_pages import as_person, page
from tests.privacy.test_release import publish

DAY = date(2026, 11, 3)


class Days:
    """Arrivals that a test can change, and who was left out."""

    def __init__(self, given: Answers) -> None:
        self.given, self.day, self.gone = given, dict[str, date](), list[str]()

    def arrivals(self, round: Round) -> Mapping[str, date]:
        return self.day

    def leave_out(self, round: Round, units: Sequence[str]) -> int:
        self.gone += units
        kept = np.array([unit not in self.gone for unit in self.given.taken.units])
        self.given.taken = snapshot._rows(self.given.taken, kept)
        return len(units)


def varied(n: int) -> SnapshotInput:
    """``n`` responses to six questions of five options, all unlike."""
    rng = np.random.default_rng(3)
    codes = rng.integers(0, 5, (n, 6)).astype(np.int16)
    columns = [
        Column(f"q{place}", "one", {"en": f"Q{place}"}, options("a", "b", "c", "d", "e"), codes[:, place].copy())
        for place in range(6)
    ]
    return SnapshotInput([f"{place:032x}" for place in range(n)], columns)


@pytest.fixture
def days(given: Answers, monkeypatch: pytest.MonkeyPatch) -> Days:
    """300 unlike responses over ten days; the first twelve are one answer sent again and again on one day."""
    given.taken = varied(300)
    for column in given.taken.columns:
        column.codes[:12] = 2
    source = Days(given)
    source.day = {unit: DAY + timedelta(days=place % 10) for place, unit in enumerate(given.taken.units)}
    source.day |= dict.fromkeys(given.taken.units[:12], DAY)
    monkeypatch.setattr(excluding, "_sources", {"test": source})
    return source


def test_responses_that_are_alike_beyond_chance_are_seen_and_their_content_is_not(
    open_round: Round, days: Days
) -> None:
    found = excluding.duplicates(open_round)
    assert [(doubt.size, doubt.day) for doubt in found.doubts] == [(12, DAY)]
    assert (found.level, found.spare) == ("some", 11)


def test_answers_that_many_people_share_are_no_duplicates(open_round: Round, given: Answers, days: Days) -> None:
    two = Column("q", "one", {}, options("yes", "no"), np.zeros(300, dtype=np.int16))
    given.taken = SnapshotInput(given.taken.units, [two])
    assert excluding.duplicates(open_round).level == "none"


def test_four_people_who_answer_alike_are_no_duplicates(open_round: Round, given: Answers, days: Days) -> None:
    for column in given.taken.columns:
        column.codes[4:12] = [0, 1, 3, 4, 0, 1, 3, 4]
    assert excluding.duplicates(open_round).doubts == ()


def test_a_day_with_far_more_responses_than_usual_is_named(open_round: Round, days: Days) -> None:
    days.day |= {unit: DAY for place, unit in enumerate(days.given.taken.units) if place % 3}
    assert [day for day, _count in excluding.duplicates(open_round).bursts] == [DAY]


def test_where_persons_are_known_there_is_nothing_to_guess(open_round: Round, days: Days) -> None:
    Round.objects.update(mode=Round.Mode.TOKEN)
    open_round.refresh_from_db()
    assert excluding.duplicates(open_round).level == "persons"


def test_two_officers_leave_all_but_one_out_and_the_count_is_public(
    open_round: Round, days: Days, officer: User, second_officer: User
) -> None:
    doubt = excluding.duplicates(open_round).doubts[0]
    made = excluding.propose(open_round, doubt.id, "The same twelve times within a day.", officer)
    assert days.gone == []
    with pytest.raises(ExclusionRefused, match="Another officer must agree"):
        excluding.agree(made, officer)
    excluding.agree(made, second_officer)
    excluding.agree(made, second_officer)
    assert len(days.gone) == 11
    assert excluding.left_out(open_round) == 11
    assert excluding.duplicates(open_round).level == "none"
    loaded = release.load(publish(open_round, [TableSpec("q0")], officer, second_officer).pk)
    assert loaded.document["certificate"]["answers"]["left_out_by_two_officers"] == 11
    assert "11 responses that looked like duplicates" in page(as_person(officer), f"/releases/{loaded.id}/")
    verbs = list(LogEntry.objects.filter(verb__startswith="exclusion").values_list("verb", flat=True))
    assert verbs == ["exclusion.proposed", "exclusion.agreed"]


def test_a_reason_is_needed_and_a_group_that_changed_is_refused(open_round: Round, days: Days, officer: User) -> None:
    doubt = excluding.duplicates(open_round).doubts[0]
    with pytest.raises(ExclusionRefused, match="one sentence"):
        excluding.propose(open_round, doubt.id, " ", officer)
    with pytest.raises(ExclusionRefused, match="has changed"):
        excluding.propose(open_round, "0" * 16, "Robots.", officer)


def test_outsiders_and_planners_leave_nobody_out(
    open_round: Round, days: Days, officer: User, planner: User, outsider: User
) -> None:
    doubt = excluding.duplicates(open_round).doubts[0]
    made = excluding.propose(open_round, doubt.id, "Robots.", officer)
    for stranger in (planner, outsider):
        with pytest.raises(NotAnOfficer):
            excluding.propose(open_round, doubt.id, "Robots.", stranger)
        with pytest.raises(NotAnOfficer):
            excluding.agree(made, stranger)


def test_the_database_refuses_an_exclusion_by_one_person_or_without_a_reason(open_round: Round, officer: User) -> None:
    wrong: list[dict[str, object]] = [{"agreed_by": officer, "reason": "x"}, {"reason": ""}]
    for fields in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            models.Exclusion.objects.create(round=open_round, count=1, proposed_by=officer, **fields)


def test_who_withdraws_leaves_the_list_of_those_left_out(
    open_round: Round, days: Days, officer: User, second_officer: User
) -> None:
    made = excluding.propose(open_round, excluding.duplicates(open_round).doubts[0].id, "Robots.", officer)
    gone = made.units[0]
    snapshot.remove_unit(open_round, gone)
    made.refresh_from_db()
    assert gone not in made.units
    assert made.count == 11


def test_the_page_leads_through_both_steps(open_round: Round, days: Days, officer: User, second_officer: User) -> None:
    address = f"/desk/releases/rounds/{open_round.pk}/duplicates/"
    first, second = as_person(officer), as_person(second_officer)
    text = page(first, address)
    assert "12 responses of 3 November 2026 are alike" in text
    assert days.given.taken.units[0] not in text
    doubt = excluding.duplicates(open_round).doubts[0]
    assert first.post(address, {"step": "propose", "doubt": doubt.id, "reason": ""}).status_code == 409
    assert first.post(address, {"step": "propose", "doubt": doubt.id, "reason": "A script."}).status_code == 302
    assert "Agree: leave them out" not in page(first, address)
    assert "Agree: leave them out" in page(second, address)
    made = models.Exclusion.objects.get()
    assert second.post(address, {"step": "agree", "exclusion": str(made.pk)}).status_code == 302
    assert "No responses are suspiciously alike." in page(first, address)
    assert second.post(address, {"step": "agree", "exclusion": "nonsense"}).status_code == 409


def test_a_dropped_proposal_keeps_the_responses(
    open_round: Round, days: Days, officer: User, second_officer: User
) -> None:
    made = excluding.propose(open_round, excluding.duplicates(open_round).doubts[0].id, "Robots.", officer)
    excluding.drop(made, second_officer)
    with pytest.raises(ExclusionRefused, match="dropped"):
        excluding.agree(made, second_officer)
    assert excluding.left_out(open_round) == 0
    draft = propose(open_round, [TableSpec("q0")], officer)
    assert json.dumps(draft.document).count("left_out_by_two_officers") == 1
