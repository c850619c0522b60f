"""What the OpenRosa door keeps: its keys, and submissions that arrive in several pieces."""

from __future__ import annotations

import secrets

from django.db import models
from django.utils import timezone

from surveys.models import Survey

KEY_BYTES = 18  # 24 characters, 144 bits


def new_token() -> str:
    return secrets.token_urlsafe(KEY_BYTES)


class FieldKey(models.Model):
    """The secret part of the address under which apps such as ODK Collect find a survey. A new one ends the old."""

    survey = models.OneToOneField(Survey, models.CASCADE, primary_key=True, related_name="field_key")
    token = models.CharField(max_length=40, unique=True, default=new_token)
    made_on = models.DateField(default=timezone.localdate)

    def __str__(self) -> str:
        return f"field key of {self.survey_id}"


class HeldSubmission(models.Model):
    """A submission whose files are still coming. It is taken in when they are here, or without them after a day."""

    id = models.UUIDField(primary_key=True, editable=False, help_text="The response's id.")
    survey = models.ForeignKey(Survey, models.CASCADE, related_name="held_submissions")
    xml = models.BinaryField()
    language = models.CharField(max_length=8, default="en")
    held_on = models.DateField(default=timezone.localdate)

    def __str__(self) -> str:
        return f"submission held since {self.held_on}"


class HeldFile(models.Model):
    """One file of a held submission."""

    submission = models.ForeignKey(HeldSubmission, models.CASCADE, related_name="files")
    name = models.CharField(max_length=255)
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["submission", "name"], name="a_file_is_held_once")]

    def __str__(self) -> str:
        return self.name
