"""Long work: what the worker does, how far it is, who is alive."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Job(models.Model):
    """One piece of long work as people see it. The queue itself is the task backend's."""

    class State(models.TextChoices):
        QUEUED = "queued", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    FINAL = (State.DONE, State.FAILED, State.CANCELLED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60)
    ref = models.CharField(max_length=120, help_text="What the work is about, as its room names it.")
    project = models.ForeignKey("engagement.Project", models.CASCADE, null=True, blank=True, related_name="jobs")
    label = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.QUEUED)
    fraction = models.FloatField(default=0.0)
    message = models.CharField(max_length=300, blank=True)
    error = models.TextField(blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    task_id = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    heard_at = models.DateTimeField(default=timezone.now, help_text="Last sign of life of the running job.")

    class Meta:
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["kind", "ref"], name="jobs_of_a_thing")]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}: {self.get_state_display()}"

    @property
    def is_over(self) -> bool:
        return self.state in self.FINAL

    @property
    def percent(self) -> int:
        return round(100 * self.fraction)


class WorkerHeartbeat(models.Model):
    """A worker process that is alive."""

    worker_id = models.CharField(max_length=64, primary_key=True)
    started_at = models.DateTimeField(default=timezone.now)
    heard_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.worker_id


class PeriodicDeed(models.Model):
    """When something that happens again and again was last started and finished, and what it did."""

    name = models.CharField(max_length=60, primary_key=True)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict, blank=True, help_text="What was done → how often; never a content.")

    def __str__(self) -> str:
        return self.name
