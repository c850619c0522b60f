"""One writer per process: pushes that wait together are committed together, and answered after the commit.

A commit costs the same for one row and for two thousand, so the writer takes what has gathered while the last commit
ran; under load it waits up to 20 ms for more. A full queue refuses at once instead of letting everybody wait.
"""

from __future__ import annotations

import atexit
import logging
import os
import queue
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass

from django.db import DatabaseError, IntegrityError, connection
from django.utils.translation import gettext_lazy as _

from engagement.problems import Refused
from sensors import checking
from sensors.storing import Outcome, Push, Report, Streams, store

log = logging.getLogger("loggia.sensors")

MOST_ROWS = 2_000
LINGER_S = 0.020
MOST_WAITING_ROWS = 20_000
RETRY_AFTER_S = 5
LOOK_EVERY_S = 600.0


class Busy(Refused):
    status = 429
    code = "busy"
    title = _("Too many readings are waiting. Please send this again in a few seconds; nothing of it was kept.")


class Unavailable(Refused):
    status = 503
    code = "unavailable"
    title = _("The readings could not be stored just now. Please send them again; nothing of them was kept.")


@dataclass
class Waiting:
    """A push in the queue, and where its answer goes."""

    push: Push
    answer: Future[Outcome]

    @property
    def weight(self) -> int:
        return 1 + len(self.push.rows)


class Writer:
    """Owns a thread and, in it, one database connection. Starts with its first push."""

    def __init__(
        self, *, most_rows: int = MOST_ROWS, linger_s: float = LINGER_S, most_waiting: int = MOST_WAITING_ROWS
    ) -> None:
        self.most_rows, self.linger_s, self.most_waiting = most_rows, linger_s, most_waiting
        self._queue: queue.SimpleQueue[Waiting | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._waiting_rows = 0
        self._thread: threading.Thread | None = None
        self._streams = Streams()
        self._looked_at = float("-inf")

    def submit(self, push: Push) -> Future[Outcome]:
        """Queue a push; the future ends after its commit.

        Raises:
            Busy: too many rows wait already. A push that is larger than the whole queue is still taken when it is empty.
        """
        waiting = Waiting(push, Future())
        with self._lock:
            if self._waiting_rows and self._waiting_rows + waiting.weight > self.most_waiting:
                raise Busy
            self._waiting_rows += waiting.weight
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="sensors-writer", daemon=True)
                self._thread.start()
            self._queue.put(waiting)
        return waiting.answer

    def close(self) -> None:
        """Write what waits, then stop; a later push starts a new thread."""
        with self._lock:
            thread, self._thread = self._thread, None
            if thread is not None:
                self._queue.put(None)
        if thread is not None:
            thread.join()

    def _run(self) -> None:
        under_load = False
        while True:
            batch, is_last = self._gather(under_load)
            if batch:
                self._write(batch)
                under_load = len(batch) > 1
                self._look_after_checks()
            if is_last:
                connection.close()
                return

    def _look_after_checks(self) -> None:
        """Now and then, see that the window checks are asked for."""
        if time.monotonic() - self._looked_at < LOOK_EVERY_S:
            return
        self._looked_at = time.monotonic()
        try:
            checking.ask_for_check()
        except DatabaseError:
            log.exception("checks-not-asked-for")
            connection.close()

    def _gather(self, under_load: bool) -> tuple[list[Waiting], bool]:
        """What is committed together, and whether the writer is to stop afterwards."""
        first = self._queue.get()
        if first is None:
            return [], True
        batch, rows = [first], first.weight
        until = time.monotonic() + (self.linger_s if under_load else 0)
        while rows < self.most_rows:
            try:
                more = self._queue.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            if more is None:
                return batch, True
            batch.append(more)
            rows += more.weight
        return batch, False

    def _write(self, batch: list[Waiting]) -> None:
        try:
            outcomes = self._stored([waiting.push for waiting in batch])
        except DatabaseError:
            if len(batch) > 1:  # one push may be at fault; the others must not pay for it
                for waiting in batch:
                    self._write([waiting])
                return
            log.exception("readings-not-stored")
            connection.close()
            self._finish(batch, Unavailable())
        except Exception as error:
            log.exception("readings-not-stored")
            self._finish(batch, error)
        else:
            self._finish(batch, outcomes)

    def _stored(self, pushes: Sequence[Push]) -> list[Outcome]:
        """Store; once more where a datastream was erased meanwhile or the connection was cut."""
        try:
            outcome = store(pushes, self._streams)
        except IntegrityError:
            self._streams.forget()
            outcome = store(pushes, self._streams)
        except DatabaseError:
            connection.close()
            outcome = store(pushes, self._streams)
        return [Outcome([report], outcome.touched) for report in outcome.reports]

    def _finish(self, batch: list[Waiting], result: list[Outcome] | Exception) -> None:
        with self._lock:
            self._waiting_rows -= sum(waiting.weight for waiting in batch)
        for index, waiting in enumerate(batch):
            if isinstance(result, Exception):
                waiting.answer.set_exception(result)
            else:
                waiting.answer.set_result(result[index])


_writers: dict[int, Writer] = {}


def current() -> Writer:
    """The writer of this process; a forked child gets its own."""
    return _writers.setdefault(os.getpid(), Writer())


def close() -> None:
    """Stop this process's writer and give its database connection back."""
    writer = _writers.pop(os.getpid(), None)
    if writer is not None:
        writer.close()


def write_now(push: Push) -> Report:
    """Store one push in the caller's own transaction and thread; for commands and tests of the domain."""
    return store([push]).reports[0]


atexit.register(close)
