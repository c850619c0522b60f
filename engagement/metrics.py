"""Figures for Prometheus: how many requests per route and how long they took, and how the machine is. No personal data.

Counts of a route are exact, so they tell how many people answered: the door opens with the token of the site's own
monitoring alone (``LOGGIA_METRICS_TOKEN``); without one it is not there.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from django.utils import timezone

from engagement.models import Job, QueueItem, WorkerHeartbeat

BUCKETS_S = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Requests:
    """Counters of this process. A label is a route's name, never a path."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str, int], int] = defaultdict(int)
        self._buckets: dict[str, list[int]] = defaultdict(lambda: [0] * (len(BUCKETS_S) + 1))
        self._seconds: dict[str, float] = defaultdict(float)

    def observe(self, route: str, method: str, status: int, seconds: float) -> None:
        with self._lock:
            self._counts[route, method, status] += 1
            self._buckets[route][bisect_left(BUCKETS_S, seconds)] += 1
            self._seconds[route] += seconds

    def lines(self) -> Iterator[str]:
        with self._lock:
            counts = sorted(self._counts.items())
            times = [(route, list(found), self._seconds[route]) for route, found in sorted(self._buckets.items())]
        yield "# TYPE loggia_requests_total counter"
        for (route, method, status), count in counts:
            yield f'loggia_requests_total{{route="{route}",method="{method}",status="{status}"}} {count}'
        yield "# TYPE loggia_request_seconds histogram"
        for route, found, seconds in times:
            total = 0
            for limit, count in zip([*map(str, BUCKETS_S), "+Inf"], found, strict=True):
                total += count
                yield f'loggia_request_seconds_bucket{{route="{route}",le="{limit}"}} {total}'
            yield f'loggia_request_seconds_sum{{route="{route}"}} {seconds:.6f}'
            yield f'loggia_request_seconds_count{{route="{route}"}} {total}'


requests = Requests()


def gauges() -> Iterator[str]:
    """How the machine is, from the database: the same in every process."""
    now = timezone.now()
    yield "# TYPE loggia_jobs gauge"
    for state in Job.State:
        yield f'loggia_jobs{{state="{state.value}"}} {Job.objects.filter(state=state).count()}'
    oldest = (
        Job.objects.filter(state=Job.State.QUEUED).order_by("created_at").values_list("created_at", flat=True).first()
    )
    yield "# TYPE loggia_oldest_job_seconds gauge"
    yield f"loggia_oldest_job_seconds {(now - oldest).total_seconds() if oldest else 0:.0f}"
    yield "# TYPE loggia_workers_alive gauge"
    yield f"loggia_workers_alive {WorkerHeartbeat.objects.filter(heard_at__gte=now - timedelta(minutes=1)).count()}"
    yield "# TYPE loggia_moderation_waiting gauge"
    yield f"loggia_moderation_waiting {QueueItem.objects.filter(state=QueueItem.State.WAITING).count()}"


def page() -> str:
    return "\n".join([*requests.lines(), *gauges(), ""])
