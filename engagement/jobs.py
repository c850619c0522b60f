"""Long work: declared once, run by the worker process, restartable, with progress that people see.

A body gets a :class:`Progress` and JSON arguments. It may be started again after its worker was killed, so it must be
idempotent: look first whether the work is done, write results in one transaction. The queue is ``django-tasks`` in the
database; our row adds progress, a sign of life and an end that everybody can read.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_tasks import TaskResultStatus, task
from django_tasks_db.models import DBTaskResult

from engagement import live
from engagement.models import Job, Project
from engagement.problems import Refused

log = logging.getLogger("loggia.jobs")

STALE = timedelta(seconds=12)
MOST_ATTEMPTS = 3
STORE_SECONDS = 0.2

Body = Callable[..., None]
_bodies: dict[str, Body] = {}


class JobCancelled(Exception):
    """Somebody cancelled the job; raised inside the body at its next sign of progress."""


class Progress:
    """How a body says how far it is. Stores at most five times a second."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._stored_at = 0.0

    def __call__(self, fraction: float, message: object = "") -> None:
        self.job.fraction = min(max(float(fraction), 0.0), 1.0)
        changed = bool(message) and str(message) != self.job.message
        self.job.message = str(message)[:300] if message else self.job.message
        if changed or time.monotonic() - self._stored_at >= STORE_SECONDS:
            self._store()

    def _store(self) -> None:
        self._stored_at = time.monotonic()
        running = Job.objects.filter(pk=self.job.pk, state=Job.State.RUNNING)
        with transaction.atomic():
            if not running.update(fraction=self.job.fraction, message=self.job.message, heard_at=timezone.now()):
                raise JobCancelled
            announce(self.job)


def announce(job: Job) -> None:
    payload = {"fraction": round(job.fraction, 4), "message": job.message, "state": job.state, "error": job.error}
    live.publish(f"job.{job.pk}", "job.progress", payload)


@live.snapshot_provider("job.")
def _current(topic: str) -> list[dict[str, Any]]:
    job = Job.objects.filter(pk=topic.removeprefix("job.")).first()
    if job is None:
        return []
    return [{"fraction": job.fraction, "message": job.message, "state": job.state, "error": job.error}]


def job(kind: str) -> Callable[[Body], Body]:
    """Declare the body of a kind of job. Its module must be imported at start-up."""

    def declare(body: Body) -> Body:
        body.job_kind = kind  # type: ignore[attr-defined]
        _bodies[kind] = body
        return body

    return declare


@transaction.atomic
def enqueue(body: Body, *args: str, ref: str, project: Project | None = None, label: str = "") -> Job:
    """Let the worker run the body with these arguments once the transaction commits.

    A job of the same kind about the same thing that still waits or runs is returned instead of a second one.
    """
    kind: str = body.job_kind  # type: ignore[attr-defined]
    pending = Job.objects.select_for_update().filter(kind=kind, ref=ref).exclude(state__in=Job.FINAL).first()
    if pending is not None:
        return pending
    row = Job.objects.create(kind=kind, ref=ref, project=project, label=label)
    result = run_job.enqueue(str(row.pk), list(args))
    row.task_id = str(result.id)
    row.save(update_fields=["task_id"])
    announce(row)
    return row


@task()
def run_job(job_id: str, args: list[str]) -> None:
    """The one task of the queue: run the body of a job and write down how it ended."""
    started = Job.objects.filter(pk=job_id).exclude(state__in=Job.FINAL)
    if not started.update(state=Job.State.RUNNING, attempts=F("attempts") + 1, heard_at=timezone.now()):
        return  # it ended before, or was cancelled
    row = Job.objects.get(pk=job_id)
    announce(row)
    try:
        _bodies[row.kind](Progress(row), *args)
    except JobCancelled:
        return
    except Refused as refused:
        _end(row, Job.State.FAILED, error=str(refused.detail or refused.title))
    except Exception:
        log.exception("job-failed", extra={"job": job_id, "kind": row.kind})
        _end(row, Job.State.FAILED, error=str(_("The work stopped on an error of ours. It is in the log; try again.")))
    else:
        _end(row, Job.State.DONE)


@transaction.atomic
def _end(row: Job, state: str, *, error: str = "") -> None:
    row.state, row.error = state, error
    row.fraction = 1.0 if state == Job.State.DONE else row.fraction
    # A job that was cancelled meanwhile stays cancelled.
    if Job.objects.filter(pk=row.pk, state=Job.State.RUNNING).update(
        state=state, error=error, fraction=row.fraction, heard_at=timezone.now()
    ):
        announce(row)


@transaction.atomic
def cancel(row: Job) -> bool:
    """Stop a job at its next sign of progress. False when it was over already."""
    if not Job.objects.filter(pk=row.pk).exclude(state__in=Job.FINAL).update(state=Job.State.CANCELLED):
        return False
    row.state = Job.State.CANCELLED
    announce(row)
    return True


def sign_of_life(worker_task_id: str) -> None:
    Job.objects.filter(task_id=worker_task_id, state=Job.State.RUNNING).update(heard_at=timezone.now())


def revive_orphans() -> int:
    """Queue again what a killed worker left running; give up after three attempts. Returns how many were touched."""
    long_ago = timezone.now() - STALE
    claimed = DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING, started_at__lt=long_ago)
    claimed_ids = [str(pk) for pk in claimed.values_list("id", flat=True)]
    orphans = Job.objects.filter(task_id__in=claimed_ids, heard_at__lt=long_ago).exclude(state__in=Job.FINAL)
    return sum(_revive(row) for row in orphans)


@transaction.atomic
def _revive(row: Job) -> int:
    gives_up = row.attempts >= MOST_ATTEMPTS
    if gives_up:
        row.state, row.error = (
            Job.State.FAILED,
            str(_("The work was cut off three times. Please tell the administrator.")),
        )
    else:
        row.state, row.message = Job.State.QUEUED, str(_("The worker was restarted; the work starts again."))
    # Two workers may look at the same moment: only one finds the old sign of life.
    mine = Job.objects.filter(pk=row.pk, heard_at=row.heard_at).exclude(state__in=Job.FINAL)
    if not mine.update(state=row.state, message=row.message, error=row.error, heard_at=timezone.now()):
        return 0
    status = TaskResultStatus.FAILED if gives_up else TaskResultStatus.READY
    DBTaskResult.objects.filter(id=row.task_id, status=TaskResultStatus.RUNNING).update(
        status=status,
        started_at=None if not gives_up else timezone.now(),
        finished_at=timezone.now() if gives_up else None,
    )
    announce(row)
    return 1
