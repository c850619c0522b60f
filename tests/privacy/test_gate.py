from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from privacy import attacks, dp, gate, words
from privacy.counts import Table, TableSpec
from privacy.gate import Earlier, Subject
from privacy.history import changed_per_group
from privacy.snapshot import Column, SnapshotInput
from tests.privacy.conftest import answers

ONE = dp.sensitivity(1)
NOISE = dp.laplace(0.8, ONE)


def subject(*rows: list[int], **wishes: Any) -> Subject:
    spec = TableSpec("mode", by="district" if len(rows) > 1 else None)
    table = Table(spec, np.array(rows, dtype=np.int64), None, ONE)
    given = Subject(table=table, mechanism=NOISE, k=10, max_error_points=15.0, sensitive=False)
    return replace(given, **wishes)


def finding(verdict: gate.Verdict, code: str) -> tuple[str, str]:
    check = next(check for check in verdict.checks if check.code == code)
    return check.outcome, words.check(check.code, check.outcome, check.facts)


def test_an_ordinary_table_of_four_hundred_answers_passes() -> None:
    verdict = gate.evaluate(subject([164, 108, 76, 52]))
    assert verdict.outcome == "pass"
    assert finding(verdict, "groups") == ("pass", "400 answers, 10 are the least.")
    assert finding(verdict, "precision")[1] == (
        "Noise moves a share by at most 1.0 points, chance in who answered by 4.8."
    )
    assert finding(verdict, "averaging")[1] == "This question was not answered before, so there is nothing to average."


def test_small_groups_are_held_and_the_sentence_says_what_helps() -> None:
    verdict = gate.evaluate(subject([100, 80], [4, 3], [5, 2]))
    assert verdict.outcome == "hold"
    assert finding(verdict, "groups") == (
        "hold",
        "2 groups have fewer than 10 answers. Merge them, or wait for 6 more.",
    )


def test_too_few_answers_at_all_are_held_until_more_come() -> None:
    assert finding(gate.evaluate(subject([4, 3])), "groups") == (
        "hold",
        "There are 7 answers; at least 10 are needed. Wait for 3 more.",
    )


def test_noise_that_would_say_nothing_is_refused_with_the_number_that_would_do() -> None:
    verdict = gate.evaluate(subject([20, 22, 18], mechanism=dp.laplace(0.2, ONE)))
    assert verdict.outcome == "refuse"
    assert finding(verdict, "precision") == (
        "refuse",
        "Noise would move a share by up to 25.0 points; more than 15.0 says nothing. Ask fewer questions, spend more on "
        "each, or wait until there are 100 answers.",
    )


def test_a_small_group_that_noise_would_drown_can_be_merged() -> None:
    verdict = gate.evaluate(subject([200, 180], [9, 11]))
    assert finding(verdict, "precision") == (
        "refuse",
        "Noise would move a share in the smallest group by up to 20.0 points; more than 15.0 says nothing. Merge groups, "
        "spend more on this question, or wait until every group has 27 answers.",
    )


def test_a_small_town_with_sixty_answers_gets_five_questions() -> None:
    assert gate.evaluate(subject([25, 16, 11, 8])).outcome == "pass"


def test_a_spent_budget_refuses() -> None:
    verdict = gate.evaluate(subject([164, 108], mechanism=None))
    assert verdict.outcome == "refuse"
    assert "cannot pay" in finding(verdict, "budget")[1]


def test_unanimity_about_something_sensitive_is_held() -> None:
    rows = ([500, 400], [0, 100])
    assert gate.evaluate(subject(*rows)).outcome == "pass"
    verdict = gate.evaluate(subject(*rows, sensitive=True))
    assert finding(verdict, "alike")[0] == "hold"
    assert finding(verdict, "alike")[1].startswith("10 % of the answers are in groups where everybody said the same")


def test_nearly_exact_noise_is_held() -> None:
    verdict = gate.evaluate(subject([164, 108, 76, 52], mechanism=dp.laplace(4.0, ONE)))
    assert finding(verdict, "inference")[0] == "hold"
    assert "Spend less" in finding(verdict, "inference")[1]


@pytest.mark.parametrize(
    ("changed", "noise", "outcome"),
    [(0, 0.8, "pass"), (10, 1.0, "pass"), (1, 0.5, "pass"), (1, 1.0, "hold"), (5, 0.8, "pass")],
)
def test_a_later_release_waits_when_few_changed_and_noise_does_not_hide_them(
    changed: int, noise: float, outcome: str
) -> None:
    mechanism = dp.laplace(noise, ONE)
    earlier = Earlier("2026-10-01", mechanism, np.array([changed]))
    verdict = gate.evaluate(subject([160, 100, 60, 40, 40], mechanism=mechanism, earlier=[earlier]))
    assert finding(verdict, "since")[0] == outcome


def test_the_sentence_about_subtracting_names_the_release_and_the_remedy() -> None:
    mechanism = dp.laplace(1.0, ONE)
    verdict = gate.evaluate(
        subject([160, 100, 60, 40, 40], mechanism=mechanism, earlier=[Earlier("2026-10-01", mechanism, np.array([1]))])
    )
    text = finding(verdict, "since")[1]
    assert re.fullmatch(
        r"Since the release of 2026-10-01 only 1 changed; by subtracting, 4[5-8] of 100 guesses about them would be right, "
        r"40 blind\. Wait for 9 more, or spend less on this question\.",
        text,
    )


def without(taken: SnapshotInput, place: int) -> SnapshotInput:
    keep = np.arange(len(taken.units)) != place
    columns = [replace(column, codes=column.codes[keep]) for column in taken.columns]
    return SnapshotInput([unit for unit, kept in zip(taken.units, keep, strict=True) if kept], columns)


def with_mode(taken: SnapshotInput, place: int, code: int) -> SnapshotInput:
    mode = taken.columns[0]
    codes = mode.codes.copy()
    codes[place] = code
    return replace(taken, columns=[replace(mode, codes=codes), *taken.columns[1:]])


def test_who_left_joined_or_answered_differently_has_changed() -> None:
    before, spec = answers(400), TableSpec("mode")
    assert changed_per_group(before, before, spec).tolist() == [0]
    assert changed_per_group(before, without(before, 5), spec).tolist() == [1]
    assert changed_per_group(without(before, 5), before, spec).tolist() == [1]
    assert changed_per_group(before, with_mode(before, 5, 3), spec).tolist() == [1]
    assert changed_per_group(before, before, spec, vanished=2).tolist() == [0, 2]


def test_changes_are_counted_in_the_group_where_they_happened() -> None:
    column = Column("mode", "one", {}, answers(1).columns[0].options, np.array([0, 1, 2], dtype=np.int16))
    district = Column("district", "one", {}, answers(1).columns[1].options, np.array([0, 1, 1], dtype=np.int16))
    before = SnapshotInput(["a", "b", "c"], [column, district])
    moved = replace(before, columns=[column, replace(district, codes=np.array([0, 0, 1], dtype=np.int16))])
    spec = TableSpec("mode", by="district")
    assert changed_per_group(before, moved, spec).tolist() == [1, 1, 0]
    assert changed_per_group(before, without(before, 0), spec).tolist() == [1, 0, 0]


def test_a_different_tick_is_a_change() -> None:
    before = answers(50)
    keep = before.columns[3]
    codes = keep.codes.copy()
    codes[7, 0] = 1 - codes[7, 0]
    after = replace(before, columns=[*before.columns[:3], replace(keep, codes=codes)])
    assert changed_per_group(before, after, TableSpec("keep")).tolist() == [1]


def test_telling_who_took_part_is_tried_with_everything_answered_before() -> None:
    paid = [gate.Paid(NOISE, (1,))] * 4
    honest = gate.evaluate(subject([164, 108, 76, 52], paid=paid, most_membership=attacks.membership_bound(4.0)))
    assert finding(honest, "membership") == (
        "pass",
        "Whether somebody took part can be guessed right 83 times in 100 from all 5 tables so far, 50 blind.",
    )


def test_noise_that_is_smaller_than_the_budget_allows_is_refused() -> None:
    broken = gate.evaluate(
        subject([164, 108, 76, 52], mechanism=dp.laplace(6.0, ONE), most_membership=attacks.membership_bound(1.0))
    )
    assert finding(broken, "membership")[0] == "refuse"
    assert "Noise or bounds are broken" in finding(broken, "membership")[1]
