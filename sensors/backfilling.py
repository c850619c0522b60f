"""History by file: a CSV of any length goes the same way as a push, in parts of about 5,000 readings.

A file that broke off in the middle is simply sent again: what is there stays, what is missing comes in.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import tzinfo

from django.utils import timezone

from sensors import checking, times, writer
from sensors.gating import gate
from sensors.keyring import Door
from sensors.kinds import csv
from sensors.refusals import Refusal
from sensors.storing import Outcome, Push, Report, Streams, store

WAIT_S = 0.05
Write = Callable[[Push], Outcome]


def queued(push: Push) -> Outcome:
    """Through this process's writer, beside the pushes of other boxes: how the site's doors write.

    A file waits where a push would be sent away: only its own thread is held up.
    """
    while True:
        try:
            return writer.current().submit(push).result()
        except writer.Busy:
            time.sleep(WAIT_S)


def direct() -> Write:
    """In the caller's own thread and transaction: how commands write."""
    streams = Streams()
    return lambda push: store([push], streams)


def take(
    door: Door, lines: Iterable[str], write: Write, *, zone: tzinfo | None = None, any_age: bool = False
) -> Report:
    """Store the readings of a file and check the series that it touched.

    Args:
        door: of the key that came with the file.
        zone: the time zone of times that name none.
        any_age: the sender says that the readings are old; else 400 days are the limit.
    Raises:
        Unreadable: the first line names no time or no property; nothing is stored then.
    """
    total, touched = Report(), dict[int, tuple[int, int]]()
    if door.site_id is None:
        total.refused.append(Refusal("not-hung"))
        total.rejected = 1
        return total
    for part in csv.read(lines, zone):
        arrived_us = times.of(timezone.now())
        gated = gate(part.readings, csv.KIND, arrived_us, any_age=any_age)
        outcome = write(Push(door, arrived_us, gated.rows, part.refused + gated.refused))
        total.add(outcome.reports[0])
        _widen(touched, outcome.touched)
    checking.check(touched)
    return total


def _widen(touched: dict[int, tuple[int, int]], by: dict[int, tuple[int, int]]) -> None:
    for stream, (low, high) in by.items():
        known = touched.get(stream, (low, high))
        touched[stream] = min(known[0], low), max(known[1], high)
