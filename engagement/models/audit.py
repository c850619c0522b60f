"""The append-only log of acts, chained by hash."""

from __future__ import annotations

from django.db import models


class LogEntry(models.Model):
    """One act. ``digest`` covers this entry and the one before it, so that a changed line is found."""

    at = models.DateTimeField()
    actor = models.ForeignKey("engagement.User", models.PROTECT, null=True, blank=True, related_name="+")
    verb = models.CharField(max_length=60)
    subject = models.CharField(max_length=160)
    details = models.JSONField(default=dict, blank=True)
    previous = models.CharField(
        max_length=64, unique=True, help_text="Digest of the entry before; only one may follow it."
    )
    digest = models.CharField(max_length=64, unique=True)

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb} {self.subject}"
