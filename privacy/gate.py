"""The gate: what a release would give away, checked before any noise is drawn, in words that say what would help.

A table passes, is held (wait or change it) or is refused (this cannot be released). The checks look at exact answers,
so a verdict is for officers only; the public reads the figures of what passed. Stored as codes and numbers, worded in
the reader's language by ``words``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from privacy import attacks, dp
from privacy.counts import Table, TableSpec
from privacy.designs import Design

Outcome = Literal["pass", "hold", "refuse"]
MOST_GAIN = 0.03  # an attacker may beat a blind guess by at most this, at the upper end of its range
MOST_INFERENCE = 0.30  # the same for an attacker who knows all other answers; about ε = 1.2 on one question
SLACK = 0.015  # three standard deviations of a simulated success
_ORDER = {"pass": 0, "hold": 1, "refuse": 2}


@dataclass(frozen=True)
class Check:
    """One check of one table: ``code`` names it, ``facts`` are the numbers that its words mention."""

    code: str
    outcome: Outcome
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Earlier:
    """A table of the same question that was answered before: how many units of each group changed since."""

    when: str
    mechanism: dp.Mechanism
    changed: NDArray[np.int64]


@dataclass(frozen=True)
class Paid:
    """A table that was answered before, about whatever question: its noise, and what one unit moves in it."""

    mechanism: dp.Mechanism
    moves: tuple[int, ...]


@dataclass(frozen=True)
class Subject:
    """What the gate judges: an exact table, the noise it would get, the rules, and what was answered before.

    ``groups`` names the groups of a table in groups. ``paid`` are all tables that this population was asked to pay for
    before, ``most_membership`` the best guess about taking part that its budget allows at all.
    """

    table: Table
    mechanism: dp.Mechanism | None
    k: int
    max_error_points: float
    sensitive: bool
    earlier: Sequence[Earlier] = ()
    groups: Sequence[str] = ()
    paid: Sequence[Paid] = ()
    most_membership: float = 1.0


@dataclass(frozen=True)
class Verdict:
    """All checks of one table."""

    spec: TableSpec
    checks: tuple[Check, ...]

    @property
    def outcome(self) -> Outcome:
        return max((check.outcome for check in self.checks), key=_ORDER.__getitem__)

    def as_json(self) -> dict[str, Any]:
        return {
            "spec": self.spec.as_json(),
            "outcome": self.outcome,
            "checks": [asdict(check) for check in self.checks],
        }


def evaluate(subject: Subject) -> Verdict:
    """Every check of one table, in the order in which people should read them."""
    return Verdict(subject.table.spec, tuple(_checks(subject)))


def _checks(subject: Subject) -> Iterable[Check]:
    if subject.mechanism is None:
        yield Check("budget", "refuse")
        return
    yield Check("budget", "pass", {"error": subject.mechanism.error95})
    yield _groups(subject)
    yield _precision(subject, subject.mechanism)
    yield _alike(subject)
    yield from _since(subject, subject.mechanism)
    yield _inference(subject, subject.mechanism)
    yield _membership(subject, subject.mechanism)
    yield _averaging(subject, subject.mechanism)


def _groups(subject: Subject) -> Check:
    """No group that is shown apart has fewer than k units; empty groups say nothing about anybody."""
    units = subject.table.units
    small = attacks.small_groups(units, subject.k)
    facts = {
        "k": subject.k,
        "small": len(small),
        "groups": len(units),
        "missing": int((subject.k - units[small]).sum()),
        "units": int(units.sum()),
        "names": [subject.groups[place] for place in small] if subject.groups else [],
    }
    return Check("groups", "hold" if len(small) or not units.any() else "pass", facts)


def _precision(subject: Subject, mechanism: dp.Mechanism) -> Check:
    """The noise must leave something to read in the smallest group that is shown."""
    shown = subject.table.units[subject.table.units >= subject.k]
    fewest = int(shown.min()) if len(shown) else 0
    span = subject.table.design.span
    points = dp.forecast_points(fewest, mechanism) / span
    needed = int(np.ceil(100 * mechanism.error95 / span / subject.max_error_points))
    facts = {
        "points": round(points, 1) if fewest else None,
        "most": subject.max_error_points,
        "needed": needed,
        "sampling": round(dp.sampling_points(fewest), 1) if fewest else None,
        "groups": len(subject.table.units),
    }
    return Check("precision", "pass" if points <= subject.max_error_points else "refuse", facts)


def _alike(subject: Subject) -> Check:
    """Noise hides one unit, not a group that is unanimous about something that may hurt."""
    share = attacks.homogeneous_share(subject.table.alike, subject.table.units)
    facts = {"percent": round(100 * share), "uniques": attacks.uniques(subject.table.alike)}
    return Check("alike", "hold" if share and subject.sensitive else "pass", facts)


def _since(subject: Subject, mechanism: dp.Mechanism) -> Iterable[Check]:
    """Subtracting an earlier release: harmless when nobody or at least k changed, or when noise still hides them."""
    for earlier in subject.earlier:
        few = attacks.delta_rule(earlier.changed, subject.k)
        facts: dict[str, Any] = {"when": earlier.when, "changed": int(earlier.changed.sum()), "k": subject.k}
        if not len(few):
            yield Check("since", "pass", facts)
            continue
        fewest = int(earlier.changed[few].min())
        attack = _subtracted(subject.table, earlier.mechanism, mechanism, fewest)
        facts |= figures(attack) | {"fewest": fewest, "missing": subject.k - fewest}
        yield Check("since", "pass" if attack.gain <= MOST_GAIN else "hold", facts)


def _inference(subject: Subject, mechanism: dp.Mechanism) -> Check:
    """The worst case of one release: an attacker who knows everybody else's answers. Little noise gives little cover."""
    attack = guessed(subject.table.cells, subject.table.answered, subject.table.design, mechanism)
    return Check("inference", "pass" if attack.gain <= MOST_INFERENCE else "hold", figures(attack))


def _membership(subject: Subject, mechanism: dp.Mechanism) -> Check:
    """Whether one unit took part, told from this table and everything answered before, by somebody who knows the rest.

    No attack can beat what the budget allows; one that does shows that noise or bounds are broken, and nothing leaves.
    """
    tables = [*subject.paid, Paid(mechanism, subject.table.design.moves)]
    attack = attacks.told_apart([table.mechanism for table in tables], [table.moves for table in tables])
    facts = figures(attack) | {"tables": len(tables)}
    return Check("membership", "pass" if attack.success <= subject.most_membership + SLACK else "refuse", facts)


def _averaging(subject: Subject, mechanism: dp.Mechanism) -> Check:
    """Reported, not judged: the ledger bounds what repeated answers can add up to."""
    attack = attacks.averaging([mechanism, *(earlier.mechanism for earlier in subject.earlier)])
    return Check("averaging", "pass", figures(attack) | {"answers": 1 + len(subject.earlier)})


def guessed(
    cells: NDArray[np.int64], answered: NDArray[np.int64] | None, design: Design, mechanism: dp.Mechanism
) -> attacks.Attack:
    """Guessing one unit's answer when everybody else's are known; of scores and places, which of two far apart."""
    if design.apart:
        return attacks.told_apart([mechanism], [design.apart])
    return attacks.differencing(answer_shares(cells, answered), None, mechanism, 1)


def _subtracted(table: Table, before: dp.Mechanism, after: dp.Mechanism, changed: int) -> attacks.Attack:
    """Guessing one of ``changed`` units by the difference of two releases.

    Of scores and places the one who guesses knows the others, and only the larger noise of the two is counted.
    """
    if table.design.apart:
        noisier = max(before, after, key=lambda mechanism: mechanism.deviation)
        return attacks.told_apart([noisier], [table.design.apart])
    return attacks.differencing(answer_shares(table.cells, table.answered), before, after, changed)


def answer_shares(cells: NDArray[np.int64], answered: NDArray[np.int64] | None) -> NDArray[np.float64]:
    """What an attacker would guess by: how often each option is chosen over all groups, never zero, shape ``(options,)``.

    Where several options may be ticked, the one nearest to half and half, yes against no: the hardest to hide.
    """
    counts = np.maximum(cells.sum(axis=0), 0) + 0.5
    if answered is not None:
        ticked = np.clip(counts / max(1, int(answered.sum())), 0.01, 0.99)
        nearest = float(ticked[np.abs(ticked - 0.5).argmin()])
        return np.array([nearest, 1 - nearest])
    shares: NDArray[np.float64] = counts / counts.sum()
    return shares


def figures(attack: attacks.Attack) -> dict[str, float]:
    return {name: round(value, 3) for name, value in asdict(attack).items()}
