from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from engagement.models import LogEntry, Round, User
from privacy import erasure, models, policy
from privacy.policy import Planned, PolicyFrozen


def test_a_round_has_its_rules_from_the_moment_it_exists(open_round: Round) -> None:
    rules = models.Policy.objects.get(round=open_round)
    assert (rules.unit, rules.k, rules.planned_questions) == ("response", 10, 5)
    assert (rules.budget.epsilon_total, rules.budget.delta) == (4.0, 1e-6)
    assert rules.destroy_key_on == open_round.destroy_key_on


def test_the_rules_stay_whatever_is_asked_for_later(open_round: Round) -> None:
    assert policy.settle(open_round, epsilon_total=8.0, k=2).k == 10
    assert models.Budget.objects.get().epsilon_total == 4.0


def test_a_second_round_of_the_same_people_may_lower_their_budget_and_never_raise_it(open_round: Round) -> None:
    for asked, kept in [(2.0, 2.0), (8.0, 2.0)]:
        again = Round(
            project=open_round.project,
            survey_slug="again",
            population=open_round.population,
            opens_at=open_round.opens_at,
            closes_at=open_round.closes_at,
            destroy_key_on=open_round.destroy_key_on,
        )
        Round.objects.bulk_create([again])  # no signal: the rules are settled by hand
        assert policy.settle(again, epsilon_total=asked).budget.epsilon_total == kept


def test_rules_become_stricter_and_never_weaker(open_round: Round, officer: User) -> None:
    rules = open_round.privacy_policy
    earlier = open_round.destroy_key_on - timedelta(days=30)
    stricter = policy.tighten(rules, actor=officer, k=20, destroy_key_on=earlier)
    assert (stricter.k, stricter.destroy_key_on) == (20, earlier)
    assert LogEntry.objects.get().details == {"k": "20", "destroy_key_on": str(earlier)}
    with pytest.raises(PolicyFrozen, match="promised as 20"):
        policy.tighten(rules, k=10)
    with pytest.raises(PolicyFrozen):
        policy.tighten(rules, destroy_key_on=open_round.destroy_key_on)
    with pytest.raises(PolicyFrozen):
        policy.tighten(rules, unit="person")


@pytest.mark.parametrize("weaker", [{"k": 5}, {"max_error_points": 50}, {"unit": "person"}, {"max_places_per_unit": 9}])
def test_the_database_refuses_weaker_rules_too(open_round: Round, weaker: dict[str, object]) -> None:
    with pytest.raises(IntegrityError, match="stricter"), transaction.atomic():
        models.Policy.objects.filter(round=open_round).update(**weaker)


def test_the_key_goes_on_the_stricter_day(open_round: Round) -> None:
    earlier = open_round.destroy_key_on - timedelta(days=30)
    policy.tighten(open_round.privacy_policy, destroy_key_on=earlier)
    assert erasure.end_due_rights(earlier) == [open_round]


def test_sixty_people_carry_five_questions_within_seven_points() -> None:
    rows = policy.forecast([Planned(f"q{n}") for n in range(5)], 60)
    assert [round(row.noise_points, 2) for row in rows] == [6.67] * 5
    assert all(row.carried for row in rows)
    assert rows[0].sampling_points == pytest.approx(12.4, abs=0.05)


def test_sixty_people_do_not_carry_fifteen_questions_and_the_number_that_would_is_said() -> None:
    row = policy.forecast([Planned(f"q{n}") for n in range(15)], 60)[0]
    assert row.mechanism == "gaussian"
    assert row.noise_points == pytest.approx(16.7, abs=0.05)
    assert not row.carried
    assert row.needed == 67


def test_a_table_in_six_districts_needs_six_times_the_people() -> None:
    row = policy.forecast([Planned("mode", groups=6)], 60, fraction=0.2)[0]
    assert row.noise_points == pytest.approx(40.0)
    assert not row.carried
    assert row.needed == 162


def test_ticking_several_options_needs_more_noise() -> None:
    alone = policy.forecast([Planned("one")], 400, fraction=0.2)[0]
    several = policy.forecast([Planned("many", most_choices=3, exclusive=False)], 400, fraction=0.2)[0]
    assert several.noise_points > alone.noise_points
