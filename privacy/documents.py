"""From paid answers to the document that will be signed. Only noisy figures and public lists go in.

The gate's findings rest on exact answers, so they stay at the desk; attack figures are computed again here, from the
noisy figures alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from privacy import accounting, attacks, certificate, estimates, gate, ledger, models
from privacy.counts import Stratum, TableSpec, columns, strata_of
from privacy.snapshot import Column, SnapshotInput

DIGITS = 6
Json = dict[str, Any]


def compose(draft: models.Draft, entries: Sequence[models.LedgerEntry], taken: SnapshotInput) -> Json:
    """Everything about a release but the day, the signers and the signature.

    Args:
        taken: only its list of questions and options is used.
    """
    tables = [_table(entry, taken) for entry in entries]
    round, project = draft.round, draft.round.project
    return {
        "@context": certificate.CONTEXT,
        "format": certificate.FORMAT,
        "type": "PrivacyRelease",
        "id": f"urn:uuid:{draft.pk}",
        "project": project.slug,
        "project_title": project.title,
        "simulated": project.simulated,
        "round": str(round.pk),
        "population": round.population,
        "unit": draft.snapshot.unit,
        "supersedes": f"urn:uuid:{draft.supersedes_id}" if draft.supersedes_id else None,
        "questions": [question for question, _cells in tables],
        "cells": [cell for _question, cells in tables for cell in cells],
        "certificate": certificate.statement(draft, [_method(entry, taken) for entry in entries], _loss(entries)),
    }


def _table(entry: models.LedgerEntry, taken: SnapshotInput) -> tuple[Json, list[Json]]:
    spec = TableSpec.from_json(entry.spec)
    column, _groups = columns(spec, taken)
    found = strata_of(spec, taken)
    cells, answered = ledger.answered(entry)
    half_width = ledger.mechanism_of(entry).error95
    rows: list[Json] = []
    for place in range(len(cells)):
        units = None if answered is None else int(answered[place])
        rows += _cells(column, spec.by, found[place] if found else None, cells[place], units, half_width)
    return _question(spec, column, found, cells, half_width), rows


def _cells(
    column: Column,
    by: str | None,
    stratum: Stratum | None,
    counts: NDArray[np.int64],
    answered: int | None,
    half_width: int,
) -> list[Json]:
    if answered is None:
        shares = estimates.of_one(counts, half_width)
    else:
        shares = estimates.of_many(counts, answered, half_width)
    n = int(counts.sum()) if answered is None else answered
    rows = []
    for place, option in enumerate(column.options):
        low = high = share = None
        if shares is not None:
            share, low, high = (_rounded(part[place]) for part in (shares.estimate, shares.low, shares.high))
        rows.append(
            {
                "question": column.name,
                "option": option.value,
                "by": by,
                "stratum": stratum.value if stratum else None,
                "count": int(counts[place]),
                "count_error95": half_width,
                "estimate": share,
                "low": low,
                "high": high,
                "error95": None if low is None or high is None else _rounded((high - low) / 2),
                "n": n,
            }
        )
    return rows


def _question(
    spec: TableSpec, column: Column, found: Sequence[Stratum], cells: NDArray[np.int64], half_width: int
) -> Json:
    mean = None
    if column.kind == "scale" and not found:
        steps = np.array([float(option.value) for option in column.options])
        mean = estimates.mean(cells[0], steps, half_width)
    return {
        "name": column.name,
        "kind": column.kind,
        "label": dict(column.label),
        "options": [{"value": option.value, "label": dict(option.label)} for option in column.options],
        "by": spec.by,
        "strata": [{"value": stratum.value, "label": dict(stratum.label)} for stratum in found],
        "mean": None if mean is None else _rounded(mean.value),
        "mean_error95": None if mean is None else _rounded(mean.error95),
    }


def _method(entry: models.LedgerEntry, taken: SnapshotInput) -> Json:
    """How one table was protected, and how a well-informed attacker fares against it."""
    mechanism = ledger.mechanism_of(entry)
    cells, answered = ledger.answered(entry)
    shares = gate.answer_shares(cells, answered)
    column, _groups = columns(TableSpec.from_json(entry.spec), taken)
    per_unit = 1 if answered is None else column.most_choices + 1
    return {
        "question": column.name,
        "by": entry.spec["by"],
        "mechanism": f"discrete {mechanism.name}",
        "scale": _rounded(mechanism.scale),
        "error95": mechanism.error95,
        "cells_changed_by_one_unit": per_unit,
        "epsilon": None if entry.epsilon is None else _rounded(entry.epsilon),
        "rho": _rounded(entry.rho),
        "inference": gate.figures(attacks.differencing(shares, None, mechanism, 1)),
        "membership": gate.figures(attacks.membership([mechanism], [per_unit])),
        "membership_bound": None if entry.epsilon is None else _rounded(attacks.membership_bound(entry.epsilon)),
    }


def _loss(entries: Sequence[models.LedgerEntry]) -> Mapping[str, float]:
    """What this release costs by itself and what the population has spent with it."""
    budget = entries[0].budget
    alone = accounting.total(ledger.mechanism_of(entry).loss for entry in entries)
    return {
        "epsilon": _rounded(accounting.composed_epsilon(alone, budget.delta)),
        "rho": _rounded(alone.rho),
        "delta": budget.delta,
        "epsilon_total": budget.epsilon_total,
        "epsilon_spent": _rounded(ledger.claimed_epsilon(budget)),
        "fraction_left": _rounded(ledger.fraction_left(budget)),
    }


def _rounded(value: float) -> float:
    return round(float(value), DIGITS)
