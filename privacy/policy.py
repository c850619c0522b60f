"""The rules of a round, frozen when it opens, and what they will cost in precision, said before it opens."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models.signals import post_save
from django.utils.translation import gettext_lazy as _

from engagement import audit
from engagement.models import Round, User
from engagement.problems import Refused
from privacy import designs, dp
from privacy.accounting import Loss
from privacy.designs import Design
from privacy.models import DELTA, Budget, Policy

EPSILON_TOTAL = 4.0
FEWEST = 10  # units in a group that is shown apart
PLANNED_QUESTIONS = 5
NOTHING_SPENT = Loss(0.0, 0.0)
STRICTER = {"k": 1, "max_error_points": -1, "max_places_per_unit": -1, "destroy_key_on": -1}


class PolicyFrozen(Refused):
    status = 409
    code = "policy-frozen"
    title = _("The rules of a round can only become stricter.")


@dataclass(frozen=True)
class Planned:
    """A table one thinks of releasing. ``groups`` is 1 unless answers are split; ``most_choices`` per unit.

    ``design`` says how it is counted where that is neither one option nor several.
    """

    name: str
    groups: int = 1
    most_choices: int = 1
    exclusive: bool = True
    design: Design | None = None
    label: Mapping[str, str] = field(default_factory=dict)

    @property
    def counted(self) -> Design:
        return self.design or (designs.EXCLUSIVE if self.exclusive else designs.several(self.most_choices))


@dataclass(frozen=True)
class Forecast:
    """What a table will be worth: 95 % errors in percentage points, of noise alone and of sampling alone, per group.

    For means the points are per cent of their range. ``carried`` says whether the expected number of answers can carry
    it; ``needed`` is the number that could.
    """

    name: str
    mechanism: str
    noise_points: float
    sampling_points: float
    carried: bool
    needed: int
    label: Mapping[str, str] = field(default_factory=dict)


@transaction.atomic
def settle(round: Round, *, epsilon_total: float = EPSILON_TOTAL, **rules: Any) -> Policy:
    """Freeze the rules of a round; a round that has its rules keeps them, whatever is asked for.

    The budget belongs to the population of the project: a second round of the same people shares it, and can lower it.
    """
    known = Policy.objects.filter(round=round).select_related("budget").first()
    if known:
        return known
    budget, created = Budget.objects.select_for_update().get_or_create(
        project=round.project,
        population=round.population,
        defaults={"epsilon_total": epsilon_total, "delta": DELTA},
    )
    if not created and epsilon_total < budget.epsilon_total:
        budget.epsilon_total = epsilon_total
        budget.save(update_fields=["epsilon_total"])
    rules.setdefault("destroy_key_on", round.destroy_key_on)
    return Policy.objects.create(round=round, budget=budget, unit=round.unit, **rules)


@transaction.atomic
def tighten(policy: Policy, *, actor: User | None = None, **rules: Any) -> Policy:
    """Make the rules of a round stricter.

    Raises:
        PolicyFrozen: naming the rule that would become weaker, or that cannot be changed at all.
    """
    locked = Policy.objects.select_for_update().get(pk=policy.pk)
    for name, value in rules.items():
        before = getattr(locked, name)
        if name not in STRICTER or (value > before if STRICTER[name] < 0 else value < before):
            raise PolicyFrozen(
                _("“%(name)s” was promised as %(before)s when the round opened and cannot become %(after)s.")
                % {"name": name, "before": before, "after": value}
            )
        setattr(locked, name, value)
    locked.save(update_fields=list(rules))
    audit.record(actor, "policy.tightened", f"round:{policy.round_id}", {name: str(v) for name, v in rules.items()})
    return locked


def forecast(
    plan: Sequence[Planned],
    expected: int,
    *,
    epsilon_total: float = EPSILON_TOTAL,
    delta: float = DELTA,
    max_error_points: float = 15.0,
    k: int = FEWEST,
    fraction: float | None = None,
) -> list[Forecast]:
    """The error of every planned table if ``expected`` units answer and each table gets ``fraction`` of the budget.

    By default the budget is cut into as many equal parts as there are tables. Needs no answers, so it costs nothing.
    """
    part = min(1.0, fraction or 1 / max(1, len(plan)))
    return [
        _forecast(table, expected, _untouched(table, part, epsilon_total, delta), max_error_points, k) for table in plan
    ]


def _untouched(table: Planned, fraction: float, epsilon_total: float, delta: float) -> dp.Mechanism:
    mechanism = dp.choose(fraction, table.counted.bound, epsilon_total, delta, NOTHING_SPENT)
    assert mechanism is not None  # an untouched budget can pay any part of itself
    return mechanism


def _forecast(table: Planned, expected: int, mechanism: dp.Mechanism, most: float, k: int) -> Forecast:
    per_group, span = expected // table.groups, table.counted.span
    noise = dp.forecast_points(per_group, mechanism) / span
    return Forecast(
        name=table.name,
        mechanism=mechanism.name,
        noise_points=noise,
        sampling_points=dp.sampling_points(per_group),
        carried=noise <= most and per_group >= k,
        needed=max(k, math.ceil(100 * mechanism.error95 / span / most)) * table.groups,
        label=table.label,
    )


def _settle_new_round(*, instance: Round, created: bool, raw: bool = False, **_signal: object) -> None:
    if created and not raw:
        settle(instance)


def connect_signals() -> None:
    """A round has its rules from the moment it exists."""
    post_save.connect(_settle_new_round, sender=Round, dispatch_uid="privacy.settle_new_round")
