"""Which copies of raw answers exist outside the site, who holds them and what for, and which rows must leave them."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from engagement.models import Round


class RawCopy(models.Model):
    """One export of raw answers. The file goes after a day, the record stays as long as the round."""

    class Format(models.TextChoices):
        CSV = "csv", _("CSV tables in a ZIP file")
        XLSX = "xlsx", _("Excel workbook")
        GEOJSON = "geojson", _("GeoJSON: places with their answers")
        GPKG = "gpkg", _("GeoPackage: places and tables")

    round = models.ForeignKey(Round, models.CASCADE, related_name="raw_copies")
    holder: models.ForeignKey[Any, Any] = models.ForeignKey(
        "engagement.User", models.PROTECT, related_name="raw_copies"
    )
    format = models.CharField(max_length=8, choices=Format)
    purpose = models.CharField(max_length=300)
    made_at = models.DateTimeField(default=timezone.now)
    rows = models.PositiveIntegerField(null=True, help_text="Responses in it; empty until it is ready.")
    size_bytes = models.PositiveBigIntegerField(default=0)
    job_id = models.UUIDField(null=True)

    class Meta:
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.format} of {self.round_id} for {self.holder_id}"

    @property
    def open_erasures(self) -> models.QuerySet[CopyErasure]:
        return self.erasures.filter(done_on=None)


class CopyErasure(models.Model):
    """A row that its author took back: the holder of a copy deletes it there, too, and says so."""

    copy = models.ForeignKey(RawCopy, models.CASCADE, related_name="erasures")
    ref = models.CharField(max_length=64, help_text="What the copy's column “response” says.")
    why = models.CharField(max_length=16)
    asked_on = models.DateField(default=timezone.localdate)
    done_on = models.DateField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["copy", "ref"], name="a_row_is_taken_out_of_a_copy_once")]

    def __str__(self) -> str:
        return f"{self.ref} out of {self.copy_id}"
