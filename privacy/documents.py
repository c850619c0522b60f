"""From paid answers to the document that will be signed. Only noisy figures and public lists go in.

The gate's findings rest on exact answers, so they stay at the desk; attack figures are computed again here, from the
noisy figures alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from privacy import accounting, attacks, certificate, dp, estimates, gate
from privacy.counts import Stratum, TableSpec, columns, strata_of
from privacy.snapshot import Column, SnapshotInput

DIGITS = 6
Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """One table with its noise: ``cells`` of shape ``(strata, options)``, ``answered`` per stratum or None."""

    spec: TableSpec
    mechanism: dp.Mechanism
    cells: NDArray[np.int64]
    answered: NDArray[np.int64] | None


def compose(facts: certificate.Facts, answers: Sequence[Answer], taken: SnapshotInput) -> Json:
    """Everything about a release but the day, the signers and the signature.

    Args:
        taken: only its list of questions and options is used.
    """
    tables = [_table(answer, taken) for answer in answers]
    methods = [_method(answer, taken) for answer in answers]
    per_unit = [_cells_per_unit(answer, taken) for answer in answers]
    joint = attacks.membership([answer.mechanism for answer in answers], per_unit)
    return {
        "@context": certificate.CONTEXT,
        "format": certificate.FORMAT,
        "type": "PrivacyRelease",
        "id": f"urn:uuid:{facts.id}",
        "project": facts.project,
        "project_title": dict(facts.project_title),
        "simulated": facts.simulated,
        "round": str(facts.round),
        "population": facts.population,
        "unit": facts.unit,
        "supersedes": f"urn:uuid:{facts.supersedes}" if facts.supersedes else None,
        "questions": [question for question, _cells in tables],
        "cells": [cell for _question, cells in tables for cell in cells],
        "certificate": certificate.statement(facts, methods, gate.figures(joint)),
    }


def loss_of(answers: Sequence[Answer], delta: float) -> dict[str, float]:
    """What these answers cost by themselves."""
    alone = accounting.total(answer.mechanism.loss for answer in answers)
    return {
        "epsilon": rounded(accounting.composed_epsilon(alone, delta)),
        "rho": rounded(alone.rho),
        "delta": delta,
    }


def _table(answer: Answer, taken: SnapshotInput) -> tuple[Json, list[Json]]:
    column, _groups = columns(answer.spec, taken)
    found = strata_of(answer.spec, taken)
    half_width = answer.mechanism.error95
    rows: list[Json] = []
    for place, counts in enumerate(answer.cells):
        units = None if answer.answered is None else int(answer.answered[place])
        rows += _cells(column, answer.spec.by, found[place] if found else None, counts, units, half_width)
    return _question(answer.spec, column, found, answer.cells, half_width), rows


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
            share, low, high = (rounded(part[place]) for part in (shares.estimate, shares.low, shares.high))
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
                "error95": None if low is None or high is None else rounded((high - low) / 2),
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
        "mean": None if mean is None else rounded(mean.value),
        "mean_error95": None if mean is None else rounded(mean.error95),
    }


def _method(answer: Answer, taken: SnapshotInput) -> Json:
    """How one table was protected, and how a well-informed attacker fares against it."""
    mechanism = answer.mechanism
    shares = gate.answer_shares(answer.cells, answer.answered)
    pure = None if math.isinf(mechanism.loss.epsilon) else mechanism.loss.epsilon
    return {
        "question": answer.spec.question,
        "by": answer.spec.by,
        "mechanism": f"discrete {mechanism.name}",
        "scale": rounded(mechanism.scale),
        "error95": mechanism.error95,
        "cells_changed_by_one_unit": _cells_per_unit(answer, taken),
        "epsilon": None if pure is None else rounded(pure),
        "rho": rounded(mechanism.loss.rho),
        "inference": gate.figures(attacks.differencing(shares, None, mechanism, 1)),
        "membership_bound": None if pure is None else rounded(attacks.membership_bound(pure)),
    }


def _cells_per_unit(answer: Answer, taken: SnapshotInput) -> int:
    return 1 if answer.answered is None else taken.column(answer.spec.question).most_choices + 1


def rounded(value: float) -> float:
    return round(float(value), DIGITS)
