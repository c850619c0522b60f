"""The ledger: privacy is paid for before noise is drawn, once per question and snapshot, and never beyond the budget.

Two steps, each a transaction that is on disk before the next begins:

1. ``_debit`` locks the budget, looks whether this question on this snapshot was paid before, checks what is left, and
   writes the entry.
2. ``_fill`` draws the noise and stores the answer in the entry, unless somebody else was faster; then theirs counts.

A crash between the two leaves an entry that is paid and still owed: asking again finds it, draws, and pays nothing. Noise
that was drawn but not stored was seen by nobody.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from engagement.problems import Refused
from privacy import accounting, dp
from privacy.accounting import Loss
from privacy.counts import Table, TableSpec
from privacy.models import Budget, LedgerEntry, Snapshot


class BudgetExhausted(Refused):
    status = 409
    code = "budget-exhausted"
    title = _("The privacy budget does not allow this answer.")


def answer(budget: Budget, snapshot: Snapshot, table: Table, fraction: float) -> LedgerEntry:
    """The noisy answer for one table, paid from the budget. The same question on the same snapshot is answered alike.

    Args:
        fraction: how much of the whole budget to spend on it, above 0 and at most 1.

    Raises:
        BudgetExhausted: with what is left.
    """
    entry = _debit(budget, snapshot, table, fraction)
    return entry if entry.answer is not None else _fill(entry, table)


def paid(snapshot: Snapshot, spec: TableSpec) -> LedgerEntry | None:
    """The entry of this question on this snapshot, answered or still owed."""
    return LedgerEntry.objects.filter(snapshot=snapshot, spec_hash=spec.hash).first()


def spent(budget: Budget) -> Loss:
    """What all entries of the budget cost together."""
    rows = budget.entries.values_list("epsilon", "rho")
    return accounting.total(Loss(float("inf") if epsilon is None else epsilon, rho) for epsilon, rho in rows)


def fraction_left(budget: Budget) -> float:
    """0 to 1; what the desk and the public register show."""
    return max(0.0, 1 - accounting.fraction_spent(spent(budget), budget.epsilon_total, budget.delta))


def claimed_epsilon(budget: Budget) -> float:
    """The ε that everything answered so far amounts to, at the budget's δ."""
    return accounting.composed_epsilon(spent(budget), budget.delta)


def mechanism_of(entry: LedgerEntry) -> dp.Mechanism:
    loss = Loss(float("inf") if entry.epsilon is None else entry.epsilon, entry.rho)
    return dp.Mechanism(entry.mechanism, entry.scale, loss)  # type: ignore[arg-type]


def answered(entry: LedgerEntry) -> tuple[NDArray[np.int64], NDArray[np.int64] | None]:
    """The stored noisy cells, shape ``(strata, options)``, and the noisy (weighted) numbers of those who answered."""
    stored: dict[str, Any] = entry.answer or {}
    units = stored["answered"]
    return np.array(stored["cells"], dtype=np.int64), None if units is None else np.array(units, dtype=np.int64)


# durable: a debit inside somebody's larger transaction could be rolled back after its noise was seen.
@transaction.atomic(durable=True)
def _debit(budget: Budget, snapshot: Snapshot, table: Table, fraction: float) -> LedgerEntry:
    locked = Budget.objects.select_for_update().get(pk=budget.pk)
    if known := paid(snapshot, table.spec):
        return known
    mechanism = dp.choose(fraction, table.bound, locked.epsilon_total, locked.delta, spent(locked))
    if mechanism is None:
        raise BudgetExhausted(_exhausted(locked, fraction), left=round(fraction_left(locked), 4))
    pure = mechanism.loss.epsilon
    return LedgerEntry.objects.create(
        budget=locked,
        snapshot=snapshot,
        spec_hash=table.spec.hash,
        spec=table.spec.as_json(),
        mechanism=mechanism.name,
        scale=mechanism.scale,
        epsilon=None if pure == float("inf") else pure,
        rho=mechanism.loss.rho,
        fraction=fraction,
    )


@transaction.atomic(durable=True)
def _fill(entry: LedgerEntry, table: Table) -> LedgerEntry:
    cells, answered = table.split(dp.noisy(table.vector, mechanism_of(entry)))
    stored = {"cells": cells.tolist(), "answered": None if answered is None else answered.tolist()}
    LedgerEntry.objects.filter(pk=entry.pk, answer__isnull=True).update(answer=stored)
    entry.refresh_from_db()
    return entry


def _exhausted(budget: Budget, fraction: float) -> str:
    wanted, left = fraction * budget.epsilon_total, fraction_left(budget) * budget.epsilon_total
    return _(
        "This answer would cost ε %(wanted).2f, but of the ε %(total).1f that “%(population)s” was promised at most, only "
        "%(left).2f is left. Ask fewer questions, spend less on each, or use an answer that was already released."
    ) % {"wanted": wanted, "total": budget.epsilon_total, "population": budget.population, "left": left}
