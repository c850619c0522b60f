"""Leaving responses out that look like robots or duplicates: hints without content, two officers, a reason, a public count.

Behind an open link nobody knows persons, and nothing about devices is stored. What can be seen is that many responses of
one day are alike in every choice although the choices of that day make such a coincidence next to impossible, and that a
day brought many more responses than usual. Both are hints, no proof. Officers see how many and when, never what.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray
from scipy.stats import poisson

from engagement import audit
from engagement.models import Round, User
from engagement.problems import Refused
from privacy import identity, snapshot
from privacy.models import Exclusion
from privacy.officers import require_officer
from privacy.snapshot import SnapshotInput, SnapshotRefused

COINCIDENCE = 1e-6
FEWEST_ALIKE = 5
HANG_TOGETHER = 10.0  # answers of one person hang together: what independence expects is taken this many times
BURST_TIMES, BURST_FEWEST = 5, 20
MANY = 0.1
Level = Literal["none", "some", "many", "persons"]


class ExclusionRefused(Refused):
    status = 409
    code = "exclusion-refused"
    title = _("These responses cannot be left out like this.")


class Source(Protocol):
    """What a room that collects answers lends for this."""

    def arrivals(self, round: Round) -> Mapping[str, date]:
        """The day of every valid response, by its pseudonym."""
        ...

    def leave_out(self, round: Round, units: Sequence[str]) -> int:
        """Stop counting these responses; returns how many there still were."""
        ...


_sources: dict[str, Source] = {}


def register_source(kind: str, source: Source) -> None:
    _sources[kind] = source


@dataclass(frozen=True)
class Doubt:
    """``size`` responses of one ``day`` that are alike in every choice."""

    id: str
    day: date
    size: int
    units: tuple[str, ...]


@dataclass(frozen=True)
class Duplicates:
    """The duplicate risk of a round: doubtful groups, days with far more responses than usual, and a word for all."""

    level: Level
    doubts: tuple[Doubt, ...] = ()
    bursts: tuple[tuple[date, int], ...] = ()

    @property
    def spare(self) -> int:
        """Responses beyond the first of every doubtful group."""
        return sum(doubt.size - 1 for doubt in self.doubts)


def duplicates(round: Round, taken: SnapshotInput | None = None) -> Duplicates:
    """What the round's answers, or those in ``taken``, show. In token or verified mode there is nothing to guess."""
    if round.unit != "response":
        return Duplicates("persons")
    try:
        taken = taken or snapshot.peek(round)
    except SnapshotRefused:
        return Duplicates("none")
    arrived = {unit: day for source in _sources.values() for unit, day in source.arrivals(round).items()}
    known = [unit in arrived for unit in taken.units]
    units = [unit for unit, is_known in zip(taken.units, known, strict=True) if is_known]
    if not units:
        return Duplicates("none")
    days = np.array([arrived[unit].toordinal() for unit in units])
    doubts = _alike(round, units, days, _choices(taken)[np.array(known)])
    share = sum(doubt.size - 1 for doubt in doubts) / len(units)
    return Duplicates("many" if share >= MANY else "some" if share else "none", tuple(doubts), _bursts(days))


@transaction.atomic
def propose(round: Round, doubt_id: str, reason: str, officer: User) -> Exclusion:
    """The first officer proposes to leave out all but one response of a doubtful group.

    Raises:
        NotAnOfficer, ExclusionRefused: no reason, or the group is not there any more.
    """
    require_officer(officer, round)
    if not reason.strip():
        raise ExclusionRefused(_("Write one sentence about why these are duplicates; it stays on record."))
    found = next((doubt for doubt in duplicates(round).doubts if doubt.id == doubt_id), None)
    if found is None:
        raise ExclusionRefused(_("This group has changed since. Reload the page."))
    units = list(found.units[1:])
    made = Exclusion.objects.create(
        round=round, units=units, count=len(units), reason=reason.strip()[:500], proposed_by=officer
    )
    audit.record(officer, "exclusion.proposed", f"exclusion:{made.pk}", {"count": made.count})
    return made


@transaction.atomic
def agree(exclusion: Exclusion, officer: User) -> Exclusion:
    """The second officer agrees: the responses no longer count, from the next snapshot on. Repeating changes nothing.

    Raises:
        NotAnOfficer, ExclusionRefused: the same officer, or it was dropped.
    """
    locked = Exclusion.objects.select_for_update(of=("self",)).select_related("round__project").get(pk=exclusion.pk)
    require_officer(officer, locked.round)
    if locked.agreed_by is not None:
        return locked
    if locked.dropped:
        raise ExclusionRefused(_("It was dropped. Propose it again if it is still needed."))
    if locked.proposed_by == officer:
        raise ExclusionRefused(_("You proposed it. Another officer must agree."))
    locked.count = max(1, sum(source.leave_out(locked.round, locked.units) for source in _sources.values()))
    locked.agreed_by, locked.agreed_on = officer, timezone.localdate()
    locked.save(update_fields=["count", "agreed_by", "agreed_on"])
    audit.record(officer, "exclusion.agreed", f"exclusion:{locked.pk}", {"count": locked.count})
    return locked


@transaction.atomic
def drop(exclusion: Exclusion, officer: User) -> Exclusion:
    """Any officer says no; the responses keep counting. Raises NotAnOfficer, ExclusionRefused."""
    locked = Exclusion.objects.select_for_update(of=("self",)).select_related("round__project").get(pk=exclusion.pk)
    require_officer(officer, locked.round)
    if locked.agreed_by is not None:
        raise ExclusionRefused(_("It was agreed already, and released figures may rest on it."))
    locked.dropped = True
    locked.save(update_fields=["dropped"])
    audit.record(officer, "exclusion.dropped", f"exclusion:{locked.pk}")
    return locked


def left_out(round: Round) -> int:
    """How many responses of the round two officers left out. Public."""
    return sum(Exclusion.objects.filter(round=round, agreed_by__isnull=False).values_list("count", flat=True))


def _choices(taken: SnapshotInput) -> NDArray[np.int16]:
    """All codes side by side, shape ``(rows, figures)``."""
    parts = [column.codes.reshape(len(taken.units), -1) for column in taken.columns]
    return np.hstack(parts) if parts else np.zeros((len(taken.units), 0), dtype=np.int16)


def _alike(round: Round, units: Sequence[str], days: NDArray[np.int64], codes: NDArray[np.int16]) -> list[Doubt]:
    rows = np.hstack([days[:, None].astype(np.int64), codes])
    _distinct, first, number, size = np.unique(rows, axis=0, return_index=True, return_inverse=True, return_counts=True)
    if not codes.shape[1]:
        return []
    per_day = Counter(days.tolist())
    usual = np.ones(len(first))
    for column in codes.T:
        values, place, times = np.unique(column, return_inverse=True, return_counts=True)
        usual *= (times / len(column))[place[first]] if len(values) else 1.0
    expected = HANG_TOGETHER * usual * np.array([per_day[day] for day in days[first].tolist()])
    doubtful = (size >= FEWEST_ALIKE) & (poisson.sf(size - 1, expected) < COINCIDENCE)
    key = identity.bounding_key(round.pk)
    number = number.ravel()
    return [
        _doubt(
            key,
            date.fromordinal(int(days[first[group]])),
            [units[row] for row in np.flatnonzero(number == group).tolist()],
        )
        for group in np.flatnonzero(doubtful)
    ]


def _doubt(key: bytes, day: date, units: Sequence[str]) -> Doubt:
    """Its units in the order of a keyed hash, so that nobody chooses which one stays."""
    ordered = sorted(units, key=lambda unit: hashlib.sha256(key + unit.encode()).digest())
    name = hashlib.sha256(key + "\n".join(sorted(units)).encode()).hexdigest()[:16]
    return Doubt(name, day, len(units), tuple(ordered))


def _bursts(days: NDArray[np.int64]) -> tuple[tuple[date, int], ...]:
    """Days with at least 20 responses and more than five times as many as on the middle day."""
    values, times = np.unique(days, return_counts=True)
    middle = float(np.median(times))
    loud = (times >= BURST_FEWEST) & (times > BURST_TIMES * middle)
    return tuple((date.fromordinal(int(day)), int(count)) for day, count in zip(values[loud], times[loud], strict=True))
