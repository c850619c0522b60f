"""What ``protect_table`` already gave away about a table, kept beside the site's data: repeating is not a second draw.

One JSON file per table content in ``DATA_DIR/tables``, written whole or not at all, under a lock. The same policy on the
same content gets the stored files back, byte for byte; another policy pays what is left; a second file of records of the
same people is refused, because two of them together single people out.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from engagement.problems import Refused
from privacy.accounting import Loss, total
from privacy.canonical import sha256


class AlreadyProtected(Refused):
    status = 409
    code = "already-protected"
    title = "This table was protected before."


@dataclass(frozen=True)
class Entry:
    """One run: its policy's hash, what it cost (ε is None for Gaussian noise), whether it made records, its files."""

    policy: str
    epsilon: float | None
    rho: float
    has_records: bool
    said: Sequence[str]
    files: Mapping[str, str]

    def contents(self) -> dict[str, bytes]:
        return {name: base64.b64decode(text) for name, text in self.files.items()}


@dataclass
class TableLedger:
    """All runs on one table. ``epsilon_total`` is the smallest that any policy promised; it is never raised."""

    file: Path
    epsilon_total: float | None = None
    entries: list[Entry] = field(default_factory=list)

    @property
    def spent(self) -> Loss:
        return total(Loss(float("inf") if row.epsilon is None else row.epsilon, row.rho) for row in self.entries)

    def known(self, policy: str) -> Entry | None:
        return next((entry for entry in self.entries if entry.policy == policy), None)

    def promised(self, asked: float) -> float:
        """The budget that holds: what was promised first cannot be raised by a later policy."""
        return asked if self.epsilon_total is None else min(asked, self.epsilon_total)

    def refuse_second_records(self) -> None:
        """Raises AlreadyProtected when a file of records of these people exists."""
        if any(entry.has_records for entry in self.entries):
            raise AlreadyProtected(
                "A file of records of these people was made before. Two such files together single people out: use the "
                "first one, or ask for totals."
            )

    def add(self, entry: Entry, epsilon_total: float | None) -> None:
        """On disk before anybody sees the files."""
        self.entries.append(entry)
        self.epsilon_total = epsilon_total if epsilon_total is not None else self.epsilon_total
        content = {"epsilon_total": self.epsilon_total, "entries": [asdict(row) for row in self.entries]}
        draft = self.file.with_suffix(".new")
        with draft.open("w") as stream:
            json.dump(content, stream)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(self.file)


def entry(policy: str, loss: Loss, has_records: bool, said: Sequence[str], files: Mapping[str, bytes]) -> Entry:
    pure = None if loss.epsilon == float("inf") else loss.epsilon
    stored = {name: base64.b64encode(content).decode() for name, content in files.items()}
    return Entry(policy, pure, loss.rho, has_records, list(said), stored)


@contextmanager
def opened(data_dir: Path, table: Mapping[str, Sequence[str]], population: str) -> Iterator[TableLedger]:
    """The ledger of a table, for one process at a time. The same people in the same table share it, whatever the file's name."""
    folder = data_dir / "tables"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = sha256({"population": population, "table": {name: list(column) for name, column in table.items()}})
    file = folder / f"{name}.json"
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield _read(file)


def _read(file: Path) -> TableLedger:
    try:
        stored: dict[str, Any] = json.loads(file.read_text())
    except FileNotFoundError:
        return TableLedger(file)
    return TableLedger(file, stored["epsilon_total"], [Entry(**row) for row in stored["entries"]])
