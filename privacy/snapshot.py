"""Snapshots: all valid choices of a round at one moment, by pseudonym, frozen under their hash.

Rooms that collect answers register a source; privacy never imports them.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from django.db import transaction
from django.utils.translation import gettext_lazy as _
from numpy.typing import NDArray

from engagement import audit
from engagement.models import Round, User
from engagement.problems import Refused
from privacy import designs, models
from privacy.canonical import canonical
from privacy.designs import Design, Kind

NOT_ANSWERED = -1
MAX_OPTIONS = 2_000
TWO_SIDED: tuple[Kind, ...] = ("many", "rank")  # one code per option and row
STEPPED: tuple[Kind, ...] = ("number", "place")


class SnapshotRefused(Refused):
    status = 409
    code = "snapshot-refused"
    title = _("These answers cannot be frozen.")


@dataclass(frozen=True)
class Option:
    """One choice of the public list: its value in the questionnaire and its text per language."""

    value: str
    label: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Column:
    """The answers to one question with a public list of options.

    ``codes`` is, for ``one`` and ``scale``, the position of the chosen option, shape ``(n,)``, -1 where the question was
    not answered; for ``many``, 1 where an option was ticked, shape ``(n, options)``, a row of -1 where not answered.
    The options of a ``scale`` have numbers as values, in order. ``most_choices`` is how many options one unit may tick.
    A ``number`` has its least and greatest value as options and codes from 0 to ``steps`` between them; a ``rank`` has the
    place of every option, from 0, shape ``(n, options)``. A ``place`` has west, south, east and north of a public frame as
    options and, as codes, up to ``most_choices`` squares of it halved ``steps`` times (``quadtree``), -1 where there are
    fewer: no exact place enters a snapshot.
    """

    name: str
    kind: Kind
    label: Mapping[str, str]
    options: Sequence[Option]
    codes: NDArray[np.int16]
    sensitive: bool = False
    most_choices: int = 1
    steps: int = 1

    @property
    def answered(self) -> NDArray[np.bool_]:
        """Which rows hold an answer, shape ``(n,)``."""
        highest = self.codes if self.codes.ndim == 1 else self.codes.max(axis=1)
        found: NDArray[np.bool_] = highest >= 0
        return found

    @property
    def design(self) -> Design:
        """How its answers are counted, and what one unit can change."""
        return designs.of(self.kind, len(self.options), self.most_choices, self.steps)


@dataclass(frozen=True)
class SnapshotInput:
    """What a source hands over: row ``i`` of every column belongs to the unit ``units[i]`` (its pseudonym)."""

    units: Sequence[str]
    columns: Sequence[Column]

    @cached_property
    def unit_of_row(self) -> NDArray[np.int64]:
        """Number of the unit of each row, shape ``(rows,)``."""
        if not len(self.units):
            return np.zeros(0, dtype=np.int64)
        _names, numbers = np.unique(np.array(self.units), return_inverse=True)
        return numbers.astype(np.int64)

    def column(self, name: str) -> Column:
        """Raises KeyError when there is no such question."""
        for column in self.columns:
            if column.name == name:
                return column
        raise KeyError(name)


Source = Callable[[Round], SnapshotInput | None]
_sources: dict[str, Source] = {}


def register_source(kind: str, read: Source) -> None:
    """``read(round)`` returns the valid choices of a round, or None when the round is not of this kind."""
    _sources[kind] = read


@transaction.atomic
def freeze(round: Round, *, actor: User | None = None) -> models.Snapshot:
    """Read the round's valid choices and store them. The same answers give the same snapshot again.

    Raises:
        SnapshotRefused: nothing was answered yet, or the source handed over something that contradicts itself.
    """
    kind, taken = _read(round)
    check(taken)
    digest = content_hash(taken)
    snapshot, created = models.Snapshot.objects.get_or_create(
        round=round,
        source=kind,
        sha256=digest,
        defaults={"unit": round.unit, "units": len(set(taken.units)), "content": pack(taken)},
    )
    if created:
        audit.record(actor, "snapshot.frozen", f"snapshot:{snapshot.pk}", {"sha256": digest})
    return snapshot


def peek(round: Round) -> SnapshotInput:
    """The round's valid choices as they are now, not stored. Raises SnapshotRefused when no room knows the round."""
    return _read(round)[1]


def content(snapshot: models.Snapshot) -> SnapshotInput:
    """The frozen columns.

    Raises:
        SnapshotRefused: retention has ended, or a unit withdrew since, so the content is no longer what was frozen.
    """
    if not snapshot.is_intact or snapshot.content is None:
        raise SnapshotRefused(
            _("These frozen answers have changed: somebody withdrew, or their time is over. Freeze the round again.")
        )
    taken = unpack(bytes(snapshot.content))
    if content_hash(taken) != snapshot.sha256:
        raise SnapshotRefused(_("The stored answers do not match their hash. Nothing is released from them."))
    return taken


def members(snapshot: models.Snapshot) -> frozenset[str]:
    """The pseudonyms that are still in the snapshot; empty once retention has ended."""
    return frozenset(unpack(bytes(snapshot.content)).units) if snapshot.content else frozenset()


@transaction.atomic
def remove_unit(round: Round, unit: str) -> int:
    """Delete one unit's rows from every snapshot of the round; returns from how many. For withdrawals."""
    changed = 0
    for exclusion in models.Exclusion.objects.select_for_update().filter(round=round):
        if unit in exclusion.units:
            exclusion.units = [name for name in exclusion.units if name != unit]
            exclusion.save(update_fields=["units"])
    for snapshot in models.Snapshot.objects.select_for_update().filter(round=round, content__isnull=False):
        taken = unpack(bytes(snapshot.content or b""))
        keep = np.array([name != unit for name in taken.units], dtype=bool)
        if keep.all():
            continue
        snapshot.content = pack(_rows(taken, keep))
        snapshot.removed_units += 1
        snapshot.save(update_fields=["content", "removed_units"])
        changed += 1
    return changed


def check(taken: SnapshotInput) -> None:
    """Raises SnapshotRefused, naming the column, when codes and option lists do not fit together."""
    if not len(taken.units):
        raise SnapshotRefused(_("Nobody has answered yet. Wait for the first answers."))
    for column in taken.columns:
        codes = column.codes
        fits = codes.shape == _shape(column, len(taken.units)) and codes.min(initial=0) >= NOT_ANSWERED
        if not fits or codes.max(initial=0) > _highest(column) or not 1 <= len(column.options) <= MAX_OPTIONS:
            raise SnapshotRefused(
                _("The answers to “%(name)s” do not fit its list of options.") % {"name": column.name}
            )


def _shape(column: Column, rows: int) -> tuple[int, ...]:
    if column.kind == "place":
        return rows, column.most_choices
    return (rows, len(column.options)) if column.kind in TWO_SIDED else (rows,)


def _highest(column: Column) -> int:
    """The greatest code there may be."""
    match column.kind:
        case "many":
            return 1
        case "number":
            return column.steps
        case "place":
            return int(4**column.steps) - 1
        case _:
            return len(column.options) - 1


def content_hash(taken: SnapshotInput) -> str:
    """SHA-256 over names, options, pseudonyms and codes, independent of how they are stored and in what order."""
    order = np.argsort(np.array(taken.units), kind="stable")
    digest = hashlib.sha256(canonical([_head(column) for column in taken.columns]))
    digest.update("\n".join(taken.units[place] for place in order).encode())
    for column in taken.columns:
        digest.update(np.ascontiguousarray(column.codes[order], dtype="<i2").tobytes())
    return digest.hexdigest()


def pack(taken: SnapshotInput) -> bytes:
    """The input as one compressed npz archive: no pickles, readable by any NumPy."""
    stream = io.BytesIO()
    head = np.frombuffer(canonical([_head(column) for column in taken.columns]), dtype=np.uint8)
    codes = {f"codes_{place}": np.asarray(column.codes, dtype="<i2") for place, column in enumerate(taken.columns)}
    np.savez_compressed(stream, head=head, units=np.array([unit.encode() for unit in taken.units]), **codes)  # type: ignore[arg-type]
    return stream.getvalue()


def unpack(packed: bytes) -> SnapshotInput:
    with np.load(io.BytesIO(packed), allow_pickle=False) as stored:
        heads = json.loads(stored["head"].tobytes())
        units = [unit.decode() for unit in stored["units"].tolist()]
        columns = [_column(head, stored[f"codes_{place}"]) for place, head in enumerate(heads)]
    return SnapshotInput(units, columns)


def _head(column: Column) -> dict[str, object]:
    return {
        "name": column.name,
        "kind": column.kind,
        "label": dict(column.label),
        "options": [{"value": option.value, "label": dict(option.label)} for option in column.options],
        "sensitive": column.sensitive,
        "most_choices": column.most_choices,
        **({"steps": column.steps} if column.kind in STEPPED else {}),  # the head of older snapshots stays as it was
    }


def _column(head: dict[str, object], codes: NDArray[np.int16]) -> Column:
    options = [Option(**option) for option in head.pop("options")]  # type: ignore[attr-defined]
    return Column(options=options, codes=codes, **head)  # type: ignore[arg-type]


def _rows(taken: SnapshotInput, keep: NDArray[np.bool_]) -> SnapshotInput:
    units = [unit for unit, kept in zip(taken.units, keep, strict=True) if kept]
    return SnapshotInput(units, [replace(column, codes=column.codes[keep]) for column in taken.columns])


def _read(round: Round) -> tuple[str, SnapshotInput]:
    for kind, read in _sources.items():
        taken = read(round)
        if taken is not None:
            return kind, taken
    raise SnapshotRefused(_("No room of the site knows answers of this round."))
