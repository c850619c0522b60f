"""The outbox of live events."""

from __future__ import annotations

from django.db import models


class LiveEvent(models.Model):
    """One event, written in the transaction that caused it. Its key is the sequence number for replay."""

    topic = models.CharField(max_length=120)
    kind = models.CharField(max_length=60)
    payload = models.JSONField()
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["topic", "id"], name="events_of_a_topic")]

    def __str__(self) -> str:
        return f"{self.pk} {self.topic} {self.kind}"
