"""What waits for one phone: requests by priority, live values coalesced, and the credit that lets them go."""

from __future__ import annotations

import heapq
import itertools
from collections import deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from ar_scenes.protocol import MOST_CREDIT, Frame, Kind, json_bytes

MOST_WAITING: Final = 1024
OVERLAY_FIRST, TILES_AFTER = 0, 1


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to send: it is read only when its turn comes, so that waiting costs no memory."""

    kind: Kind
    hash: str
    suffix: str
    id: int = 0


@dataclass
class Outgoing:
    """Frames on their way. ``urgent`` ones are small and free; the others wait for credit."""

    credit: int
    urgent: deque[Frame] = field(default_factory=deque)
    _heap: list[tuple[int, float, int, Wanted]] = field(default_factory=list)
    _asked: dict[int, int] = field(default_factory=dict)
    _values: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    _values_seq: int = 0
    _snapshot: bool = False
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def want(self, wanted: Wanted, priority: float) -> bool:
        """Queue a file; the same request id again takes the place of the first. False when too much waits already."""
        if len(self._asked) >= MOST_WAITING and wanted.id not in self._asked:
            return False
        number = next(self._numbers)
        rank = OVERLAY_FIRST if wanted.kind is Kind.OVERLAY else TILES_AFTER
        # What is pushed unasked has no id: it is known by its negative number and cannot be cancelled.
        self._asked[wanted.id or -1 - number] = number
        heapq.heappush(self._heap, (rank, priority, number, wanted))
        if len(self._heap) > 2 * MOST_WAITING:
            self._heap = [entry for entry in self._heap if self._is_current(entry)]
            heapq.heapify(self._heap)
        return True

    def cancel(self, request: int) -> None:
        self._asked.pop(request, None)

    def grant(self, number: int) -> None:
        self.credit = min(self.credit + number, MOST_CREDIT)

    def add_values(self, values: Iterable[Mapping[str, Any]], seq: int, *, snapshot: bool = False) -> None:
        """Keep the latest value of each series for the next frame."""
        for value in values:
            self._values[str(value.get("site")), str(value.get("phenomenon"))] = value
        self._values_seq = max(self._values_seq, seq)
        self._snapshot = self._snapshot or snapshot

    def drop_values(self) -> None:
        self._values, self._snapshot = {}, False

    @property
    def is_waiting(self) -> bool:
        """Something wants to go and has no credit."""
        return self.credit <= 0 and bool(self._asked or self._values or self._snapshot)

    def next(self) -> Frame | Wanted | None:
        """What goes next, None when nothing may: urgent frames, then values, overlays, tiles."""
        if self.urgent:
            return self.urgent.popleft()
        if self.credit <= 0:
            return None
        if self._values or self._snapshot:
            return self._values_frame()
        while self._heap:
            entry = heapq.heappop(self._heap)
            if self._is_current(entry):
                self._asked.pop(self._name(entry))
                return entry[3]
        return None

    def spend(self, size: int) -> None:
        self.credit -= size

    def _values_frame(self) -> Frame:
        body = {"snapshot": self._snapshot, "seq": self._values_seq, "values": list(self._values.values())}
        self.drop_values()
        return Frame(Kind.VALUES, json_bytes(body))

    @staticmethod
    def _name(entry: tuple[int, float, int, Wanted]) -> int:
        return entry[3].id or -1 - entry[2]

    def _is_current(self, entry: tuple[int, float, int, Wanted]) -> bool:
        return self._asked.get(self._name(entry)) == entry[2]
