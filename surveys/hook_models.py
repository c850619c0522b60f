"""Where news of responses goes, and every attempt to bring it there. Deliveries hold no answers."""

from __future__ import annotations

import secrets
import uuid
from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from engagement.models import Project


def new_secret() -> str:
    return secrets.token_urlsafe(32)


class Webhook(models.Model):
    """A system of the city that wants to know. It learns that a response came or went, never what it says."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="webhooks")
    url = models.URLField(max_length=300)
    secret = models.CharField(max_length=64, default=new_secret)
    active = models.BooleanField(default=True)
    made_on = models.DateField(default=timezone.localdate)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["project", "url"], name="an_address_is_told_once")]

    def __str__(self) -> str:
        return self.url


class Delivery(models.Model):
    """One piece of news for one webhook: the outbox row, written in the transaction that caused it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        DELIVERED = "delivered", _("delivered")
        GIVEN_UP = "given-up", _("given up")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries")
    event = models.CharField(max_length=40)
    payload = models.JSONField(default=dict, help_text="Ids alone, emptied after the delivery.")
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(default=timezone.now)
    made_on = models.DateField(default=timezone.localdate)
    told = models.CharField(max_length=60, blank=True, help_text="The last status or error.")

    class Meta:
        ordering = ["-due_at"]
        indexes = [models.Index(fields=["state", "due_at"], name="deliveries_that_are_due")]

    def __str__(self) -> str:
        return f"{self.event} to {self.webhook_id}: {self.state}"

    @property
    def is_due(self) -> bool:
        return self.state == self.State.WAITING and self.due_at <= _now()


def _now() -> datetime:
    return timezone.now()
