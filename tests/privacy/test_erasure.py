from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from engagement.models import LogEntry, Round, User
from privacy import erasure, identity, models, publishing, snapshot, tombstones
from privacy.counts import TableSpec
from privacy.proposing import propose
from tests.privacy.conftest import Answers


def test_rights_end_on_the_announced_day_and_not_before(open_round: Round, given: Answers) -> None:
    identity.pseudonym(open_round.pk, "K7")
    frozen = snapshot.freeze(open_round)
    assert erasure.end_due_rights(open_round.destroy_key_on - timedelta(days=1)) == []
    assert erasure.end_due_rights(open_round.destroy_key_on) == [open_round]
    assert identity.is_destroyed(open_round.pk)
    frozen.refresh_from_db()
    assert frozen.content is None
    assert erasure.end_due_rights(open_round.destroy_key_on) == []


def test_ending_leaves_proof_in_the_log(open_round: Round, given: Answers, officer: User) -> None:
    snapshot.freeze(open_round)
    assert erasure.end_rights(open_round, actor=officer) == 1
    assert erasure.end_rights(open_round, actor=officer) == 0
    entries = LogEntry.objects.exclude(verb="snapshot.frozen").values_list("verb", "actor")
    assert list(entries) == [("round.key-destroyed", officer.pk), ("snapshots.emptied", officer.pk)]


def test_a_crash_after_the_key_leaves_frozen_rows_that_the_next_run_empties(open_round: Round, given: Answers) -> None:
    snapshot.freeze(open_round)
    identity.destroy_key(open_round)
    assert erasure.end_due_rights(open_round.destroy_key_on) == [open_round]
    assert not models.Snapshot.objects.filter(content__isnull=False).exists()


def test_releases_stand_and_the_report_says_so(
    open_round: Round, given: Answers, officer: User, second_officer: User
) -> None:
    assert erasure.what_stands(open_round) == ["Nothing was released before. The next totals are made without you."]
    draft = propose(open_round, [TableSpec("mode")], officer)
    publishing.countersign(publishing.sign(draft, officer), second_officer)
    snapshot.remove_unit(open_round, given.taken.units[0])
    erasure.end_rights(open_round)
    [sentence] = erasure.what_stands(open_round)
    assert sentence.startswith("The release of ")
    assert "nobody can find your answer" in sentence
    with pytest.raises(snapshot.SnapshotRefused):
        snapshot.content(models.Snapshot.objects.get())


def test_what_a_restore_brought_back_goes_again_and_leaves_proof(
    open_round: Round, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tombstones, "_replays", {"test": len})
    assert erasure.erase_again() == {}
    tombstones.bury("test", "a" * 64)
    identity.destroy_key(open_round)
    Round.objects.update(key_destroyed_on=None)
    assert erasure.erase_again() == {"test": 1, "keys": 1}
    assert LogEntry.objects.get(verb="erased.again").details == {"test": 1, "keys": 1}
