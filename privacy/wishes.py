"""What an officer may ask for on the release desk, and what each wish would be worth: read from a form, costs nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from engagement.languages import pick
from engagement.models import Round
from privacy import policy, snapshot
from privacy.counts import GROUPING, TableSpec
from privacy.models import Draft, Policy
from privacy.policy import Forecast, Planned
from privacy.snapshot import Column, SnapshotInput, SnapshotRefused

SPENDS = (0.2, 0.4, 0.8, 1.0, 1.2)  # ε per table; beyond, the gate finds too little noise


@dataclass(frozen=True)
class Wish:
    """One question on the form: whether it is ticked, in which groups, and the forecast for that."""

    column: Column
    ticked: bool
    by: str
    groupings: Sequence[tuple[str, str]]
    expected: Forecast
    today: Forecast

    @property
    def title(self) -> str:
        return pick(self.column.label) or self.column.name


@dataclass(frozen=True)
class Form:
    """The desk's form for one round. ``units`` is the exact number of answers so far: for officers only."""

    round: Round
    rules: Policy
    units: int
    spend: float
    spends: Sequence[tuple[float, str]]
    wishes: Sequence[Wish]

    @property
    def fraction(self) -> float:
        return min(1.0, self.spend / self.rules.budget.epsilon_total)


def form_for(round: Round, typed: QueryDict) -> Form:
    """The form with what was typed; questions come from the round's own list. Nothing is frozen or paid."""
    rules = policy.settle(round)
    taken = _taken(round)
    spend = _spend(typed.get("spend", ""), rules)
    fraction = min(1.0, spend / rules.budget.epsilon_total)
    ticked, units = set(typed.getlist("question")), len(set(taken.units))
    wishes = []
    for column in taken.columns:
        by = typed.get(f"by_{column.name}", "")
        groupings = [(other.name, pick(other.label) or other.name) for other in _groupings(column, taken)]
        by = by if by in dict(groupings) else ""
        planned = _planned(column, by, taken)
        expected, today = (_forecast(planned, n, fraction, rules) for n in (round.expected_responses, units))
        wishes.append(Wish(column, column.name in ticked, by, groupings, expected, today))
    return Form(round, rules, units, spend, _spends(rules), wishes)


def specs_of(typed: QueryDict) -> list[TableSpec]:
    """The tables that were ticked, unchecked: ``propose`` refuses what does not exist, by name."""
    return [TableSpec(name, typed.get(f"by_{name}") or None) for name in typed.getlist("question")]


def merged(draft: Draft) -> list[TableSpec]:
    """The held tables of a draft with their small groups merged into one; empty when that is not what held them."""
    taken = snapshot.content(draft.snapshot)
    found = []
    for table in draft.verdict.get("tables", []):
        small = next((check["facts"].get("names") for check in table["checks"] if check["code"] == "groups"), None)
        if table["outcome"] != "pass" and small:
            found.append(_with_merge(TableSpec.from_json(table["spec"]), small, taken))
    return found


def _with_merge(spec: TableSpec, small: Sequence[str], taken: SnapshotInput) -> TableSpec:
    """One group of all small ones; a lonely small one joins the group that stands before or after it."""
    values = [option.value for option in taken.column(spec.by or "").options]
    members = {value for name in small for value in name.split("+")}
    if len(members) == 1:
        place = values.index(next(iter(members)))
        members.add(values[place - 1 if place else place + 1])
    return TableSpec(spec.question, spec.by, (tuple(value for value in values if value in members),))


def _taken(round: Round) -> SnapshotInput:
    try:
        return snapshot.peek(round)
    except SnapshotRefused:
        return SnapshotInput([], [])


def _groupings(column: Column, taken: SnapshotInput) -> list[Column]:
    if column.kind == "place":
        return []
    return [other for other in taken.columns if other.name != column.name and other.kind in GROUPING]


def _planned(column: Column, by: str, taken: SnapshotInput) -> Planned:
    groups = len(taken.column(by).options) if by else 1
    return Planned(column.name, groups, design=column.design)


def _forecast(planned: Planned, units: int, fraction: float, rules: Policy) -> Forecast:
    budget = rules.budget
    return policy.forecast(
        [planned],
        units,
        epsilon_total=budget.epsilon_total,
        delta=budget.delta,
        max_error_points=rules.max_error_points,
        k=rules.k,
        fraction=fraction,
    )[0]


def _spend(typed: str, rules: Policy) -> float:
    usual = rules.budget.epsilon_total / rules.planned_questions
    allowed = {f"{spend:g}": spend for spend, _words in _spends(rules)}
    return allowed.get(typed, usual)


def _spends(rules: Policy) -> list[tuple[float, str]]:
    budget = rules.budget
    words: Mapping[float, Any] = {
        0.2: _("0.2, most cautious"),
        0.4: _("0.4, cautious"),
        0.8: _("0.8, usual"),
        1.0: _("1.0, more exact"),
        1.2: _("1.2, most exact"),
    }
    usual = budget.epsilon_total / rules.planned_questions
    offered = sorted({*SPENDS, usual})
    return [(spend, words.get(spend, f"{spend:g}")) for spend in offered if spend <= budget.epsilon_total]


def all_of(draft: Draft) -> list[TableSpec]:
    """The tables of a draft as they were wished, to propose them again on today's answers."""
    return [TableSpec.from_json(stored) for stored in draft.specs]
