"""Boxes that hung beside a reference monitor, and the corrections that came of it."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from sensors.models.series import Datastream
from sensors.models.sites import Campaign


class CoLocation(models.Model):
    """A co-location campaign: one series measured beside a reference for some weeks."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="co_locations")
    series = models.ForeignKey(Datastream, models.CASCADE, related_name="+", help_text="Of the box, as measured.")
    reference = models.ForeignKey(Datastream, models.CASCADE, related_name="+", help_text="Of the reference monitor.")
    since = models.DateTimeField()
    until = models.DateTimeField()

    class Meta:
        ordering = ["-since", "-id"]
        constraints = [
            models.CheckConstraint(condition=Q(until__gt=F("since")), name="a_co_location_ends_after_it_begins"),
            models.CheckConstraint(condition=~Q(series=F("reference")), name="nothing_is_its_own_reference"),
        ]

    def __str__(self) -> str:
        return f"series {self.series_id} beside {self.reference_id}"


class Correction(models.Model):
    """One version of the correction of a device model in a campaign. Never edited: a newer version follows it."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="corrections")
    preset = models.CharField(max_length=32, help_text="The device model that it holds for; a name of sensors.presets.")
    observed_property = models.CharField(max_length=32)
    version = models.PositiveIntegerField()
    co_location = models.ForeignKey(CoLocation, models.SET_NULL, null=True, related_name="corrections")
    intercept = models.FloatField()
    slope = models.FloatField()
    per_humidity = models.FloatField(help_text="Per per cent of relative humidity.")
    trained_since = models.DateTimeField()
    trained_until = models.DateTimeField()
    report = models.JSONField(help_text="Errors on held-out hours, raw and corrected: sensors.calibration.Fit.")
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "preset", "observed_property", "version"], name="a_correction_has_its_own_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.preset} {self.observed_property}, version {self.version}"
