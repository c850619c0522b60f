"""How often one box may push: a bucket of 300 pushes that fills up by two a second, in each server process. Pure.

A box that was cut off for days may send what it kept; one that is caught in a loop cannot hold up the others. A push of
many readings, and a file, count as one.
"""

from __future__ import annotations

import math

BURST = 300
PER_S = 2.0
MOST_REMEMBERED = 20_000


class Pace:
    """Boxes that pushed lately: ``(pushes left, when that was)``."""

    def __init__(self, *, burst: int = BURST, per_s: float = PER_S) -> None:
        self.burst, self.per_s = burst, per_s
        self._left: dict[int, tuple[float, float]] = {}

    def wait_s(self, device: int, now_s: float) -> int:
        """Take one push from the box's bucket: 0 if it may come, else the whole seconds until it may."""
        left, before_s = self._left.get(device, (float(self.burst), now_s))
        left = min(left + (now_s - before_s) * self.per_s, float(self.burst))
        if left < 1:
            return math.ceil((1 - left) / self.per_s)
        if len(self._left) >= MOST_REMEMBERED:
            self._left = {each: held for each, held in self._left.items() if now_s - held[1] < self.burst / self.per_s}
        self._left[device] = left - 1, now_s
        return 0
