"""What was answered about a question before, and how many units changed since then."""

from __future__ import annotations

import math
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from privacy import dp, ledger, snapshot
from privacy.counts import TableSpec, columns, strata_of, strata_of_rows
from privacy.gate import Earlier, Paid
from privacy.models import Budget, LedgerEntry, Snapshot
from privacy.snapshot import SnapshotInput

ABSENT = -2  # not in the snapshot at all; -1 is there without an answer


def earlier_answers(budget: Budget, spec: TableSpec, now: Snapshot, taken: SnapshotInput) -> list[Earlier]:
    """Every answered table about the same question and population on other answers than today's, oldest first."""
    entries = LedgerEntry.objects.filter(budget=budget, answer__isnull=False, spec__question=spec.question)
    others = entries.exclude(snapshot=now).select_related("snapshot").order_by("id")
    return [_earlier(entry, spec, taken) for entry in others]


def paid_tables(budget: Budget) -> dict[tuple[UUID, str], Paid]:
    """Every table that the population of the budget paid for, by snapshot and specification."""
    entries = LedgerEntry.objects.filter(budget=budget).order_by("id")
    return {(entry.snapshot_id, entry.spec_hash): _paid(ledger.mechanism_of(entry)) for entry in entries}


def _paid(mechanism: dp.Mechanism) -> Paid:
    """What one unit moved in all cells together, as if it were one cell: at least as easy to see."""
    pure = mechanism.loss.epsilon
    move = mechanism.scale * (math.sqrt(2 * mechanism.loss.rho) if math.isinf(pure) else pure)
    return Paid(mechanism, (max(1, round(move)),))


def changed_per_group(
    before: SnapshotInput, after: SnapshotInput, spec: TableSpec, vanished: int = 0
) -> NDArray[np.int64]:
    """Units that joined, left, moved or answered differently, per group of the table.

    Returns:
        Shape ``(groups,)``; units that withdrew and cannot be named any more form one more group at the end.
    """
    units = np.concatenate([np.array(before.units), np.array(after.units)])
    names, number = np.unique(units, return_inverse=True)
    places = np.split(number, [len(before.units)])
    group_before, said_before = _placed(before, spec, places[0], len(names))
    group_after, said_after = _placed(after, spec, places[1], len(names))
    changed = (group_before != group_after) | (said_before != said_after)
    moved = changed & (group_before != group_after)
    counted = np.concatenate([group_after[changed], group_before[moved]])
    found = np.bincount(counted[counted >= 0], minlength=_group_count(after, spec)).astype(np.int64)
    return np.append(found, vanished) if vanished else found


def _earlier(entry: LedgerEntry, spec: TableSpec, taken: SnapshotInput) -> Earlier:
    stored, when = entry.snapshot, str(entry.debited_at.date())
    same = TableSpec.from_json(entry.spec) == spec
    # Tables that group otherwise can still be compared by their totals.
    compared = spec if same else TableSpec(spec.question)
    mechanism = ledger.mechanism_of(entry)
    if stored.content is None:
        return Earlier(when, mechanism, np.array([1]))  # retention has ended: assume the worst
    before = snapshot.unpack(bytes(stored.content))
    return Earlier(when, mechanism, changed_per_group(before, taken, compared, stored.removed_units))


def _placed(
    taken: SnapshotInput, spec: TableSpec, places: NDArray[np.int64], size: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Group and answer of every unit named in either snapshot, each of shape ``(size,)``."""
    column, groups = columns(spec, taken)
    group, said = np.full(size, ABSENT, dtype=np.int64), np.full(size, ABSENT, dtype=np.int64)
    group[places] = strata_of_rows(spec, groups, len(taken.units))[0]
    said[places] = _signature(column.codes) if column.codes.ndim == 2 else column.codes
    return group, said


def _signature(ticked: NDArray[np.int16]) -> NDArray[np.int64]:
    """One number per combination of ticks, the same in every snapshot (63 bits of a polynomial hash)."""
    weight = np.array([pow(1_000_003, place + 1, 2**61) for place in range(ticked.shape[1])], dtype=np.int64)
    with np.errstate(over="ignore"):
        return (ticked.astype(np.int64) + 2) @ weight


def _group_count(taken: SnapshotInput, spec: TableSpec) -> int:
    return len(strata_of(spec, taken)) or 1
