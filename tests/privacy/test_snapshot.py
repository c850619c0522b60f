from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engagement.models import Round
from privacy import models, snapshot
from privacy.snapshot import SnapshotInput, SnapshotRefused
from tests.privacy.conftest import Answers, answers


def test_the_same_answers_in_another_order_are_the_same_snapshot(open_round: Round, given: Answers) -> None:
    first = snapshot.freeze(open_round)
    order = np.random.default_rng(1).permutation(400)
    columns = [replace(column, codes=column.codes[order]) for column in given.taken.columns]
    given.taken = SnapshotInput([given.taken.units[place] for place in order], columns)
    assert snapshot.freeze(open_round) == first
    assert models.Snapshot.objects.count() == 1


def test_one_more_answer_is_another_snapshot_and_both_stay(open_round: Round, given: Answers) -> None:
    first = snapshot.freeze(open_round)
    given.taken = answers(401)
    second = snapshot.freeze(open_round)
    assert second != first
    assert (first.units, second.units) == (400, 401)
    assert (first.unit, first.source) == ("response", "test")


def test_what_is_frozen_comes_back_as_it_was(open_round: Round, given: Answers) -> None:
    stored = models.Snapshot.objects.get(pk=snapshot.freeze(open_round).pk)
    back = snapshot.content(stored)
    assert list(back.units) == list(given.taken.units)
    for ours, theirs in zip(back.columns, given.taken.columns, strict=True):
        assert (ours.name, ours.kind, list(ours.options)) == (theirs.name, theirs.kind, list(theirs.options))
        assert (ours.codes == theirs.codes).all()


def test_a_changed_snapshot_serves_no_question(open_round: Round, given: Answers) -> None:
    frozen = snapshot.freeze(open_round)
    frozen.content = snapshot.pack(answers(399))
    with pytest.raises(SnapshotRefused, match="do not match their hash"):
        snapshot.content(frozen)


def test_a_withdrawn_unit_leaves_every_snapshot_at_once(open_round: Round, given: Answers) -> None:
    snapshot.freeze(open_round)
    given.taken = answers(401)
    snapshot.freeze(open_round)
    gone = given.taken.units[3]
    assert snapshot.remove_unit(open_round, gone) == 2
    assert snapshot.remove_unit(open_round, gone) == 0
    for stored in models.Snapshot.objects.all():
        assert gone not in snapshot.members(stored)
        assert stored.removed_units == 1
        assert gone.encode() not in bytes(stored.content or b"")
        with pytest.raises(SnapshotRefused, match="withdrew"):
            snapshot.content(stored)


def test_nobody_and_nonsense_are_refused_with_a_sentence(open_round: Round, given: Answers) -> None:
    given.taken = SnapshotInput([], [])
    with pytest.raises(SnapshotRefused, match="Nobody has answered yet"):
        snapshot.freeze(open_round)
    good = answers(10)
    given.taken = replace(good, columns=[replace(good.columns[0], codes=np.full(10, 4, dtype=np.int16))])
    with pytest.raises(SnapshotRefused, match="“mode” do not fit"):
        snapshot.freeze(open_round)
    given.taken = replace(good, columns=[replace(good.columns[0], codes=np.zeros(9, dtype=np.int16))])
    with pytest.raises(SnapshotRefused, match="“mode” do not fit"):
        snapshot.freeze(open_round)


def test_a_round_that_no_room_knows_is_refused(open_round: Round, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "_sources", {"other": lambda _round: None})
    with pytest.raises(SnapshotRefused, match="No room"):
        snapshot.freeze(open_round)


def test_a_million_answers_have_numbers_for_their_units() -> None:
    taken = answers(1000)
    assert (taken.unit_of_row == np.arange(1000)).all()
