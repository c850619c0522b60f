"""Figures of hours, days and months, and the list of hours whose figures are out of date."""

from __future__ import annotations

from django.db import models
from django.db.models import Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from sensors.models.series import Datastream


class Rollup(models.Model):
    """Figures of one series over one period. How they are made: :mod:`sensors.summarising`.

    Readings that a check objects to are in none of the figures, only in ``left_out``. An hour in which every reading was
    objected to has a row without figures.
    """

    class Period(models.TextChoices):
        HOUR = "h", _("hour")
        DAY = "d", _("day")
        MONTH = "m", _("month")

    datastream = models.ForeignKey(Datastream, models.CASCADE, related_name="rollups", db_index=False)
    period = models.CharField(max_length=1, choices=Period)
    start = models.DateTimeField(help_text="Hours begin in UTC, days and months at midnight of the site's time zone.")
    n = models.PositiveIntegerField(help_text="Readings that are in the figures.")
    left_out = models.PositiveIntegerField(default=0, help_text="Readings that a check objects to.")
    mean = models.FloatField(
        null=True, blank=True, help_text="Of noise the energy mean, of directions the circular one."
    )
    min = models.FloatField(null=True, blank=True)
    max = models.FloatField(null=True, blank=True)
    p10 = models.FloatField(null=True, blank=True)
    p50 = models.FloatField(null=True, blank=True)
    p90 = models.FloatField(null=True, blank=True)
    coverage = models.FloatField(help_text="Share of the period that the figures stand for, 0 to 1.")

    class Meta:
        ordering = ["datastream_id", "period", "start"]
        constraints = [
            UniqueConstraint(fields=["datastream", "period", "start"], name="a_period_is_summed_up_once"),
            models.CheckConstraint(condition=Q(n=0) | Q(mean__isnull=False), name="readings_give_figures"),
        ]

    def __str__(self) -> str:
        return f"{self.get_period_display()} {self.start:%Y-%m-%d %H:%M}"


class TouchedHour(models.Model):
    """An hour that was written to since its figures were made. Set in the transaction that stores or flags a reading."""

    datastream = models.ForeignKey(Datastream, models.CASCADE, related_name="+", db_index=False)
    hour = models.IntegerField(help_text="Hours since 1970, UTC.")
    times = models.PositiveIntegerField(default=1, help_text="Counted up so that a touch during the making is seen.")

    class Meta:
        ordering = ["datastream_id", "hour"]
        constraints = [UniqueConstraint(fields=["datastream", "hour"], name="an_hour_is_touched_once")]

    def __str__(self) -> str:
        return f"hour {self.hour} of series {self.datastream_id}"
