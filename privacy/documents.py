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

from privacy import accounting, areas, attacks, certificate, dp, estimates, gate
from privacy.counts import Stratum, TableSpec, columns, strata_of
from privacy.designs import MEAN, SCORED
from privacy.snapshot import Column, SnapshotInput

DIGITS = 6
Json = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """One table with its noise: ``cells`` of shape ``(strata, options)``, ``answered`` (weighted) per stratum or None."""

    spec: TableSpec
    mechanism: dp.Mechanism
    cells: NDArray[np.int64]
    answered: NDArray[np.int64] | None


def compose(facts: certificate.Facts, answers: Sequence[Answer], taken: SnapshotInput) -> Json:
    """Everything about a release but the day, the signers and the signature.

    Args:
        taken: only its list of questions and options is used.
    """
    tables = [_table(answer, taken, facts.k) for answer in answers]
    methods = [_method(answer, taken) for answer in answers]
    moves = [_column(answer, taken).design.moves for answer in answers]
    joint = attacks.told_apart([answer.mechanism for answer in answers], moves)
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


def _table(answer: Answer, taken: SnapshotInput, k: int) -> tuple[Json, list[Json]]:
    column, _groups = columns(answer.spec, taken)
    if column.kind == "place":
        return _map(answer, column, k)
    found = strata_of(answer.spec, taken)
    half_width = answer.mechanism.error95
    rows: list[Json] = []
    for place, counts in enumerate(answer.cells):
        units = None if answer.answered is None else int(answer.answered[place])
        rows += _cells(column, answer.spec.by, found[place] if found else None, counts, units, half_width)
    return _question(answer, column, found, rows), rows


def _map(answer: Answer, column: Column, k: int) -> tuple[Json, list[Json]]:
    """Places as areas; their shape is read off the noisy counts, so it is paid for with them."""
    assert answer.answered is not None  # who named a place is always counted
    frame, units = areas.frame_of(column), int(answer.answered[0])
    found = areas.read(answer.cells[0], units, column, answer.mechanism, k)
    listed, estimated = areas.options(found, frame), areas.shares(found, units, answer.mechanism)
    question: Json = {
        "name": column.name,
        "kind": column.kind,
        "label": dict(column.label),
        "options": listed,
        "by": None,
        "strata": [],
        "mean": None,
        "mean_error95": None,
        "frame": list(frame),
    }
    widths = [areas.sum_bound(answer.mechanism, area.draws) for area in found]
    figures = zip([option["value"] for option in listed], [area.units for area in found], widths, strict=True)
    return question, _rows(column.name, None, None, list(figures), estimated, units)


def _cells(
    column: Column,
    by: str | None,
    stratum: Stratum | None,
    counts: NDArray[np.int64],
    answered: int | None,
    half_width: int,
) -> list[Json]:
    estimated = _estimated(column, counts, answered, half_width)
    n = int(counts.sum()) if answered is None else round(answered / column.design.weight)
    figures = [
        (option["value"], int(count), half_width) for option, count in zip(_figures(column), counts, strict=True)
    ]
    return _rows(column.name, by, stratum.value if stratum else None, figures, estimated, n)


def _rows(
    question: str,
    by: str | None,
    stratum: str | None,
    figures: Sequence[tuple[str, int, int]],
    estimated: estimates.Shares | None,
    n: int,
) -> list[Json]:
    """One cell per figure (its name, noisy count and 95 % noise), with its range where there is one."""
    rows = []
    for place, (name, count, half_width) in enumerate(figures):
        low = high = middle = None
        if estimated is not None:
            middle, low, high = (rounded(part[place]) for part in (estimated.estimate, estimated.low, estimated.high))
        rows.append(
            {
                "question": question,
                "option": name,
                "by": by,
                "stratum": stratum,
                "count": count,
                "count_error95": half_width,
                "estimate": middle,
                "low": low,
                "high": high,
                "error95": None if low is None or high is None else rounded((high - low) / 2),
                "n": n,
            }
        )
    return rows


def _estimated(
    column: Column, counts: NDArray[np.int64], answered: int | None, half_width: int
) -> estimates.Shares | None:
    """Shares, or for a scored question means in its own numbers."""
    if answered is None:
        return estimates.of_one(counts, half_width)
    if column.kind not in SCORED:
        return estimates.of_many(counts, answered, half_width)
    scores = estimates.of_scores(counts, answered, column.design.weight, half_width)
    if scores is None:
        return None
    low, _high, step = scale_of(column)
    return estimates.Shares(scores.n, *(low + step * part for part in (scores.estimate, scores.low, scores.high)))


def scale_of(column: Column) -> tuple[float, float, float]:
    """Least value, greatest value and step of a scored question: of a ranking, its places."""
    if column.kind == "rank":
        return 1.0, float(len(column.options)), 1.0
    low, high = (float(option.value) for option in column.options)
    return low, high, (high - low) / column.steps


def _figures(column: Column) -> list[Json]:
    """What a table has one cell for: the options of the public list, or the mean of a number."""
    if column.kind == "number":
        return [{"value": MEAN, "label": {}}]
    return [{"value": option.value, "label": dict(option.label)} for option in column.options]


def _question(answer: Answer, column: Column, found: Sequence[Stratum], rows: Sequence[Json]) -> Json:
    value, error = _mean(answer, column) if not found else (None, None)
    question: Json = {
        "name": column.name,
        "kind": column.kind,
        "label": dict(column.label),
        "options": _figures(column),
        "by": answer.spec.by,
        "strata": [{"value": stratum.value, "label": dict(stratum.label)} for stratum in found],
        "mean": value,
        "mean_error95": error,
    }
    if column.kind == "number" and not found:
        question |= {"mean": rows[0]["estimate"], "mean_error95": rows[0]["error95"]}
    if column.kind in SCORED:
        low, high, step = scale_of(column)
        question["scale"] = {"low": rounded(low), "high": rounded(high), "step": rounded(step)}
    return question


def _mean(answer: Answer, column: Column) -> tuple[float | None, float | None]:
    """Of a scale: its mean with the 95 % error, in its own steps."""
    if column.kind != "scale":
        return None, None
    steps = np.array([float(option.value) for option in column.options])
    mean = estimates.mean(answer.cells[0], steps, answer.mechanism.error95)
    return (None, None) if mean is None else (rounded(mean.value), rounded(mean.error95))


def _column(answer: Answer, taken: SnapshotInput) -> Column:
    return taken.column(answer.spec.question)


def _method(answer: Answer, taken: SnapshotInput) -> Json:
    """How one table was protected, and how a well-informed attacker fares against it."""
    mechanism, design = answer.mechanism, _column(answer, taken).design
    pure = None if math.isinf(mechanism.loss.epsilon) else mechanism.loss.epsilon
    return {
        "question": answer.spec.question,
        "by": answer.spec.by,
        "mechanism": f"discrete {mechanism.name}",
        "scale": rounded(mechanism.scale),
        "error95": mechanism.error95,
        "cells_changed_by_one_unit": len(design.moves),
        "sensitivity": {"l1": design.bound.l1, "l2": rounded(design.bound.l2)},
        "epsilon": None if pure is None else rounded(pure),
        "rho": rounded(mechanism.loss.rho),
        "inference": gate.figures(gate.guessed(answer.cells, answer.answered, design, mechanism)),
        "membership_bound": None if pure is None else rounded(attacks.membership_bound(pure)),
    }


def rounded(value: float) -> float:
    return round(float(value), DIGITS)
