"""Forms in the making. What opens is a version; a sketch may change as often as its authors like."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone

from engagement.models import Project
from surveys import ir


class Sketch(models.Model):
    """One form being made by the officers of a project. ``revision`` tells two officers at work apart."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="sketches")
    slug = models.SlugField(unique=True, help_text="Short name of the survey that it becomes.")
    form = models.JSONField(help_text="The form as of surveys.ir.")
    revision = models.PositiveIntegerField(default=1)
    before = models.JSONField(default=list, help_text="Earlier forms, the newest last, to be put back.")
    edited_at = models.DateTimeField(default=timezone.now)
    edited_by: models.ForeignKey[Any, Any] = models.ForeignKey(
        "engagement.User", models.SET_NULL, null=True, related_name="+"
    )

    objects: ClassVar[models.Manager[Sketch]] = models.Manager()

    class Meta:
        ordering = ["-edited_at"]

    def __str__(self) -> str:
        return f"{self.slug} r{self.revision}"

    @property
    def content(self) -> ir.Form:
        return ir.from_json(self.form)
