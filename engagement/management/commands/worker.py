"""The worker process: runs jobs, shows that it is alive, revives what a killed worker left."""

from __future__ import annotations

import logging
import threading
import time
import uuid
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections
from django.db.utils import OperationalError
from django.utils import timezone
from django_tasks_db.management.commands.db_worker import Worker as DatabaseWorker

from engagement import jobs, live, periodic
from engagement.models import WorkerHeartbeat

log = logging.getLogger("loggia.worker")

BEAT_SECONDS = 3.0
LOOK_EVERY = 20  # beats, about a minute


class Worker(DatabaseWorker):
    """The queue's own worker, plus a heart in a thread: a long calculation must not look dead."""

    current_task = ""

    def run(self) -> None:
        """Go on when the database was away or locked for long: a worker that dies of it would leave the queue standing."""
        while self.running:
            try:
                super().run()
            except OperationalError:
                log.exception("database-away")
                close_old_connections()
                time.sleep(1)
            else:
                return

    def run_task(self, db_task_result: Any) -> None:
        self.current_task = str(db_task_result.id)
        try:
            super().run_task(db_task_result)
        finally:
            self.current_task = ""

    def beat_until(self, over: threading.Event) -> None:
        """A worker that only empties the queue (``--batch``) starts nothing that nobody asked for."""
        beats = 0
        while not over.wait(BEAT_SECONDS if beats else 0):
            beats += 1
            try:
                if beats == 1 and not self.batch:
                    periodic.tick_at_start()
                self.beat(look=beats % LOOK_EVERY == 1 and not self.batch)
            except OperationalError:
                close_old_connections()  # the database restarts; the next beat tries again

    def beat(self, *, look: bool) -> None:
        now = timezone.now()
        WorkerHeartbeat.objects.update_or_create(worker_id=self.worker_id, defaults={"heard_at": now})
        WorkerHeartbeat.objects.filter(heard_at__lt=now - timedelta(hours=1)).delete()
        if self.current_task:
            jobs.sign_of_life(self.current_task)
        jobs.revive_orphans()
        if look:
            periodic.tick()


class Command(BaseCommand):
    help = "Run the jobs of the queue until stopped. Start as many as you like, on as many machines."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--batch", action="store_true", help="Stop when the queue is empty.")
        parser.add_argument("--interval", type=float, default=0.3, help="Seconds between looks into an empty queue.")

    def handle(self, *args: Any, batch: bool, interval: float, **options: Any) -> None:
        periodic.register("live outbox", timedelta(minutes=20), lambda: {"events": live.prune()})
        worker = Worker(
            queue_names=["default"],
            interval=interval,
            batch=batch,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=uuid.uuid4().hex,
            excluded_queue_names=[],
        )
        over = threading.Event()
        heart = threading.Thread(target=worker.beat_until, args=(over,), daemon=True, name="heart")
        heart.start()
        worker.configure_signals()
        try:
            worker.run()
        finally:
            over.set()
            heart.join(timeout=BEAT_SECONDS)
