"""What a reader found in a file: nothing is dropped without a line here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["repaired", "boxed", "assumed", "left out", "refused"]


class Unreadable(ValueError):
    """A file cannot be used at all. The message is a sentence for the person who chose it."""


@dataclass(frozen=True)
class Finding:
    """Things of one kind with which the same was done for the same reason."""

    outcome: Outcome
    kind: str
    reason: str
    ids: tuple[str, ...]

    def sentence(self) -> str:
        shown = ", ".join(self.ids[:3]) + (", …" if len(self.ids) > 3 else "")
        return f"{len(self.ids)} {self.kind} {self.outcome}: {self.reason} ({shown})"


@dataclass
class Report:
    """Readiness of one source: what was read, repaired, boxed, assumed, left out or refused, with ids and reasons."""

    source: str
    read: dict[str, int] = field(default_factory=dict)
    _noted: dict[tuple[Outcome, str, str], list[str]] = field(default_factory=dict)

    def count(self, kind: str, number: int) -> None:
        """So many things of a kind came through."""
        self.read[kind] = self.read.get(kind, 0) + number

    def note(self, outcome: Outcome, kind: str, reason: str, ids: Iterable[str]) -> None:
        """Say what was done to which things and why; no ids, no line."""
        if found := list(ids):
            self._noted.setdefault((outcome, kind, reason), []).extend(found)

    @property
    def findings(self) -> list[Finding]:
        return [Finding(*key, ids=tuple(ids)) for key, ids in sorted(self._noted.items())]

    def ids(self, outcome: Outcome, kind: str) -> list[str]:
        """Every id of a kind with that outcome, whatever the reason."""
        return [i for (o, k, _), ids in self._noted.items() if (o, k) == (outcome, kind) for i in ids]

    def as_dict(self) -> dict[str, object]:
        """For JSON files and pages."""
        return {
            "source": self.source,
            "read": dict(sorted(self.read.items())),
            "findings": [
                {"outcome": f.outcome, "kind": f.kind, "reason": f.reason, "count": len(f.ids), "ids": list(f.ids)}
                for f in self.findings
            ],
        }

    def sentences(self) -> list[str]:
        read = ", ".join(f"{number} {kind}" for kind, number in sorted(self.read.items())) or "nothing"
        return [f"Read from {self.source}: {read}.", *(f.sentence() for f in self.findings)]
