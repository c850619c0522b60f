"""What has to happen again and again without anybody asking: declared once, started by the worker, run as a job.

A deed is registered with how often it is wanted. Any number of workers look; the row of the deed is claimed in the
transaction that queues its job, so one of them starts it. The job is restartable like every job: a deed must be
idempotent, and returns counts that are shown as its proof.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from engagement import jobs
from engagement.jobs import Progress
from engagement.models import Job, PeriodicDeed

Deed = Callable[[], Mapping[str, int]]


@dataclass(frozen=True)
class _Registered:
    every: timedelta
    run: Deed
    wanted: Callable[[], bool]
    at_start: bool


_deeds: dict[str, _Registered] = {}


def register(
    name: str, every: timedelta, run: Deed, *, wanted: Callable[[], bool] = lambda: True, at_start: bool = False
) -> None:
    """Let ``run`` happen about every ``every``. ``wanted`` is a quick look that saves a job when nothing is to do.

    ``at_start``: also whenever a worker starts, since a backup may have been restored just before.
    """
    _deeds[name] = _Registered(every, run, wanted, at_start)


def tick_at_start() -> None:
    """Called once by every worker."""
    for name in [name for name, deed in _deeds.items() if deed.at_start]:
        start(name)


def tick(now: datetime | None = None) -> list[str]:
    """Queue what is due; returns the names. Called by every worker about once a minute."""
    now = now or timezone.now()
    known = dict(PeriodicDeed.objects.values_list("name", "started_at"))
    due = [name for name, deed in _deeds.items() if name not in known or known[name] <= now - deed.every]
    return [name for name in due if _deeds[name].wanted() and _claim(name, known.get(name), now)]


def start(name: str) -> Job:
    """Queue a deed now, whenever it ran last."""
    return jobs.enqueue(run, name, ref=name, label=name)


@transaction.atomic
def _claim(name: str, seen: datetime | None, now: datetime) -> bool:
    """False when another worker was quicker."""
    if seen is None:
        _row, mine = PeriodicDeed.objects.get_or_create(name=name, defaults={"started_at": now})
    else:
        mine = bool(PeriodicDeed.objects.filter(name=name, started_at=seen).update(started_at=now))
    if mine:
        start(name)
    return mine


@jobs.job("periodic")
def run(progress: Progress, name: str) -> None:
    counts = _deeds[name].run()
    PeriodicDeed.objects.filter(name=name).update(finished_at=timezone.now(), counts=dict(counts))
    progress(1.0, ", ".join(f"{what}: {count}" for what, count in counts.items()))
