"""Is the process alive, and is it able to serve: for service managers and load balancers."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connections
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.views.decorators.http import require_safe

from engagement import metrics
from engagement.models import Job, WorkerHeartbeat

LEAST_FREE_BYTES = 200 * 1024 * 1024
WORKER_SILENCE = timedelta(minutes=1)
LONGEST_WAIT = timedelta(minutes=10)


@require_safe
def alive(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """``/metrics`` for Prometheus, with ``Authorization: Bearer`` and the token of the environment; else absent."""
    wanted = settings.LOGGIA_METRICS_TOKEN
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not wanted or not constant_time_compare(given, wanted):
        raise Http404
    return HttpResponse(metrics.page(), content_type=metrics.CONTENT_TYPE, headers={"Cache-Control": "no-store"})


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """200 when every check passes, else 503; each check says what is wrong in one sentence."""
    reasons = {name: check() for name, check in CHECKS.items()}
    broken = {name: reason for name, reason in reasons.items() if reason}
    body = {"ready": not broken, "checks": {name: reason or "ok" for name, reason in reasons.items()}}
    return JsonResponse(body, status=503 if broken else 200, headers={"Cache-Control": "no-store"})


def database_reason() -> str:
    for name in connections:
        try:
            with connections[name].cursor() as cursor:
                cursor.execute("SELECT 1")
        except DatabaseError:
            return f"The database {name!r} does not answer."
    return ""


def schema_reason() -> str:
    try:
        executor = MigrationExecutor(connections["default"])
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError:
        return "The database does not answer."
    return f"{len(waiting)} migrations wait. Run: bin/manage migrate" if waiting else ""


def storage_reason() -> str:
    folder: Path = settings.DATA_DIR
    probe = folder / f".probe-{uuid.uuid4().hex}"
    try:
        probe.write_bytes(b"ok")
        probe.unlink()
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return f"The data folder cannot be written: {error.strerror}."
    return f"Only {free // 2**20} MB are free for data." if free < LEAST_FREE_BYTES else ""


def worker_reason() -> str:
    """A waiting job with no worker alive is a fault; an idle site without one is not."""
    now = timezone.now()
    try:
        oldest = Job.objects.filter(state=Job.State.QUEUED).order_by("created_at").first()
        if oldest is None:
            return ""
        if not WorkerHeartbeat.objects.filter(heard_at__gte=now - WORKER_SILENCE).exists():
            return "Jobs wait and no worker is alive. Start one: bin/manage worker"
    except DatabaseError:
        return "The database does not answer."
    waited = now - oldest.created_at
    return f"The oldest job waits for {int(waited.total_seconds() // 60)} minutes." if waited > LONGEST_WAIT else ""


CHECKS: dict[str, Callable[[], str]] = {
    "database": database_reason,
    "schema": schema_reason,
    "storage": storage_reason,
    "worker": worker_reason,
}
