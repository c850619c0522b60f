"""Files of records (kind C): every row stands in a group of at least k that look alike, with l different answers.

Off in the site itself; a city makes such a file on purpose, with ``bin/manage protect_table``, one per round and never
two of the same people: their intersection would single people out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engagement.problems import Refused
from privacy import mondrian
from privacy.mondrian import CannotProtect, Reached, Rules

MOST_QUASI_IDENTIFIERS = 8
FEWEST_ROWS = 150
ANYTHING = "*"


class RecordsRefused(Refused):
    status = 422
    code = "records-refused"
    title = "These records cannot be protected like this."


@dataclass(frozen=True)
class Quasi:
    """An attribute by which somebody could be recognised.

    ``hierarchy`` gives, for each value of a category, ever wider names (``Bachelors`` → ``Undergraduate`` → ``Higher
    education``); without it a group prints the values it holds.
    """

    name: str
    is_category: bool
    values: Sequence[str]
    hierarchy: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Protected:
    """The file to publish (``header``, ``rows``), and what it holds and loses."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    reached: Reached
    loss: float
    attacks: Mapping[str, Mapping[str, float]]

    def as_json(self) -> dict[str, Any]:
        return {"reached": asdict(self.reached), "loss": round(self.loss, 6), "attacks": dict(self.attacks)}


def protect(quasi: Sequence[Quasi], sensitive_name: str, sensitive: Sequence[str], rules: Rules) -> Protected:
    """Generalise the attributes until the rules hold; rows come out sorted by group, so their order tells nothing.

    Raises:
        RecordsRefused: too many attributes, too few rows, no diversity asked for, rules that cannot be met, or a number
            that is none; each by name.
    """
    _check(quasi, sensitive, rules)
    values = np.stack([_codes(attribute) for attribute in quasi], axis=1)
    is_category = np.array([attribute.is_category for attribute in quasi])
    _names, answer = np.unique(np.array(sensitive), return_inverse=True)
    try:
        group = mondrian.anonymise(values, is_category, rules, answer.astype(np.int64))
    except CannotProtect as error:
        raise RecordsRefused(str(error)) from error
    columns = [_generalised(attribute, group) for attribute in quasi]
    order = np.lexsort((answer, group))
    rows = [[*(column[group[row]] for column in columns), sensitive[row]] for row in order.tolist()]
    return Protected(
        header=[*(attribute.name for attribute in quasi), sensitive_name],
        rows=rows,
        reached=mondrian.reached(group, answer.astype(np.int64)),
        loss=mondrian.loss(values, is_category, group),
        attacks=_attacks(values, group, answer.astype(np.int64)),
    )


def _check(quasi: Sequence[Quasi], sensitive: Sequence[str], rules: Rules) -> None:
    if not 1 <= len(quasi) <= MOST_QUASI_IDENTIFIERS:
        raise RecordsRefused(
            f"Name 1 to {MOST_QUASI_IDENTIFIERS} attributes to generalise; with more, every row would be masked."
        )
    if len(sensitive) < FEWEST_ROWS:
        raise RecordsRefused(
            f"A file of records needs at least {FEWEST_ROWS} rows, this one has {len(sensitive)}. Release totals instead."
        )
    if rules.k < 2 or not rules.looks_at_sensitive:
        raise RecordsRefused(
            "Ask for k of at least 2 and for l of at least 2 or t below 1: k alone leaves groups in which all said the same."
        )


def _codes(attribute: Quasi) -> NDArray[np.int64]:
    """Numbers as they are; categories in the order of their hierarchy, so that a cut separates relatives last."""
    if not attribute.is_category:
        try:
            return np.array([int(value) for value in attribute.values], dtype=np.int64)
        except ValueError as error:
            raise RecordsRefused(f"“{attribute.name}” is called a number, but {error}.") from None
    known = sorted(set(attribute.values), key=lambda value: (*reversed(attribute.hierarchy.get(value, ())), value))
    place = {value: code for code, value in enumerate(known)}
    return np.array([place[value] for value in attribute.values], dtype=np.int64)


def _generalised(attribute: Quasi, group: NDArray[np.int64]) -> list[str]:
    """What each group prints for the attribute."""
    if not attribute.is_category:
        numbers = np.array([int(value) for value in attribute.values])
        low = np.full(group.max() + 1, np.iinfo(np.int64).max)
        high = np.full(group.max() + 1, np.iinfo(np.int64).min)
        np.minimum.at(low, group, numbers)
        np.maximum.at(high, group, numbers)
        return [str(a) if a == b else f"{a}-{b}" for a, b in zip(low.tolist(), high.tolist(), strict=True)]
    held: list[set[str]] = [set() for _group in range(group.max() + 1)]
    for place, value in zip(group.tolist(), attribute.values, strict=True):
        held[place].add(value)
    return [_node(values, attribute.hierarchy) for values in held]


def _node(values: set[str], hierarchy: Mapping[str, Sequence[str]]) -> str:
    """The value itself, else the narrowest name that all share, else all of them."""
    if len(values) == 1:
        return next(iter(values))
    levels = [hierarchy.get(value, ()) for value in sorted(values)]
    shared = next((names[0] for names in zip(*levels, strict=False) if len(set(names)) == 1), "")
    return shared if shared and shared != ANYTHING else "|".join(sorted(values))


def _attacks(
    values: NDArray[np.int64], group: NDArray[np.int64], answer: NDArray[np.int64]
) -> dict[str, dict[str, float]]:
    """WP 216 for a file of records: who is found, and what is read off.

    Singling out: the best chance to pick the right row of somebody known to be in the file. Inference: right guesses of
    the sensitive value from the group, against guessing the most frequent one.
    """
    size = np.bincount(group)
    raw = np.unique(values, axis=0, return_counts=True)[1]
    table = np.zeros((len(size), int(answer.max()) + 1), dtype=np.int64)
    np.add.at(table, (group, answer), 1)
    rows = len(group)
    return {
        "singling_out": {
            "worst": round(1 / float(size.min()), 4),
            "mean": round(len(size) / rows, 4),
            "unique_before": round(float((raw == 1).sum()) / rows, 4),
        },
        "inference": {
            "success": round(float(table.max(axis=1).sum()) / rows, 4),
            "blind": round(float(table.sum(axis=0).max()) / rows, 4),
        },
    }
