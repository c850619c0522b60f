"""Answers made up for the privacy room; the cast comes from the house."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engagement import jobs
from engagement.models import Job, Round
from privacy import snapshot
from privacy.snapshot import Column, Option, SnapshotInput

MODES = {"transit": 41, "foot": 27, "bike": 19, "car": 13}
DISTRICTS = {"kallio": 60, "kamppi": 36, "kruununhaka": 4}


@pytest.fixture(autouse=True)
def data_dir(settings: Any, tmp_path: Path) -> Path:
    """Every test has keys of its own."""
    settings.DATA_DIR = tmp_path
    return tmp_path


def options(*values: str) -> list[Option]:
    return [Option(value, {"en": value.title()}) for value in values]


def spread(counts: dict[str, int], n: int) -> np.ndarray:
    """Codes of ``n`` answers whose shares are ``counts`` per cent, in a fixed order."""
    codes = np.repeat(np.arange(len(counts)), [round_half(share * n / 100) for share in counts.values()])
    return np.resize(codes, n).astype(np.int16)


def round_half(value: float) -> int:
    return int(value + 0.5)


def answers(n: int, *, skip: int = 0) -> SnapshotInput:
    """``n`` units: mode of travel, district, a scale of 1 to 5, and what to keep (several). ``skip`` renames the first."""
    shuffled = np.random.default_rng(7).permutation(n)
    mode = spread(MODES, n)
    units = [f"{place + skip:032x}" for place in range(n)]
    keep = np.column_stack([mode < 2, mode > 0, np.arange(n) % 2]).astype(np.int16)
    columns = [
        Column("mode", "one", {"en": "How do you cross?"}, options(*MODES), mode),
        Column("district", "one", {"en": "Where do you live?"}, options(*DISTRICTS), spread(DISTRICTS, n)[shuffled]),
        Column("safe", "scale", {"en": "How safe?"}, options("1", "2", "3", "4", "5"), (mode + 1).astype(np.int16)),
        Column("keep", "many", {"en": "What to keep?"}, options("tram", "lanes", "trees"), keep, most_choices=3),
    ]
    return SnapshotInput(units, columns)


class Answers:
    """A source of answers that a test can change."""

    def __init__(self, taken: SnapshotInput) -> None:
        self.taken = taken

    def __call__(self, _round: Round) -> SnapshotInput:
        return self.taken


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Answers:
    """400 answers; set ``given.taken`` for others."""
    source = Answers(answers(400))
    monkeypatch.setattr(snapshot, "_sources", {"test": source})
    return source


def work_off() -> list[str]:
    """Do what waits for the worker; returns how each job ended."""
    waiting = list(Job.objects.exclude(state__in=Job.FINAL).order_by("created_at"))
    for job in waiting:
        jobs.run_job.call(str(job.pk), [job.ref])
    return [Job.objects.get(pk=job.pk).state for job in waiting]
