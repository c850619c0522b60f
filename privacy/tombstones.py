"""What was withdrawn stays gone, also after a backup from before the withdrawal was restored.

A backup is older than the withdrawals that came after it. So the hash of each withdrawn row's id is also a line of a
file in ``DATA_DIR/keys/tombstones``: no backup holds that folder and no restore overwrites it. After a restore, and
whenever a worker starts, the lines are replayed: rows that came back are deleted again. A line tells nothing but that
something was withdrawn.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from pathlib import Path

from django.conf import settings
from django.db import transaction

DIGEST_CHARACTERS = 64
Replay = Callable[[Collection[str]], int]
_replays: dict[str, Replay] = {}


def register(kind: str, replay: Replay) -> None:
    """``replay`` deletes the rows whose hashes it gets, if they came back; returns how many did. It must be idempotent."""
    _replays[kind] = replay


def bury(kind: str, digest: str) -> None:
    """Write one hash down for good. Call it before the database is changed: a crash in between deletes at the next replay.

    The line is one write of fixed length, so that lines of processes that write at once do not mix.
    """
    if len(digest) != DIGEST_CHARACTERS:
        raise ValueError("a tombstone is a SHA-256 in hexadecimal")
    file = _file(kind)
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, f"{digest}\n".encode())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def buried(kind: str) -> frozenset[str]:
    """All hashes of a kind; a line that a power cut left torn is skipped."""
    try:
        lines = _file(kind).read_text(encoding="ascii", errors="replace").split("\n")
    except FileNotFoundError:
        return frozenset()
    return frozenset(line for line in lines if len(line) == DIGEST_CHARACTERS)


def replay() -> dict[str, int]:
    """Delete again what came back; returns how many rows per kind."""
    done: dict[str, int] = {}
    for kind, again in _replays.items():
        if digests := buried(kind):
            with transaction.atomic():
                done[kind] = again(digests)
    return done


def _file(kind: str) -> Path:
    return Path(settings.DATA_DIR) / "keys" / "tombstones" / kind
