"""Letters to hosts: what they want to hear, and what was written to them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from sensors.models.sites import Site


class AlertWish(models.Model):
    """Whether a host wants to hear when something is wrong with a sensor, and when not to be disturbed."""

    site = models.OneToOneField(Site, models.CASCADE, primary_key=True, related_name="alert_wish")
    wanted = models.BooleanField(default=False)
    quiet_from = models.PositiveSmallIntegerField(default=21, help_text="Hour of the day in the site's time zone.")
    quiet_until = models.PositiveSmallIntegerField(default=8, help_text="The same hour as quiet_from: never quiet.")
    language = models.CharField(max_length=8, default="en")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(quiet_from__lt=24) & Q(quiet_until__lt=24), name="quiet_hours_are_hours_of_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"letters about site {self.site_id}"


class Alert(models.Model):
    """One trouble of a site, from when it was noticed until it was over. One letter each."""

    class Kind(models.TextChoices):
        OFFLINE = "offline", _("offline")
        STUCK = "stuck", _("stuck")
        RANGE = "range", _("out of range")

    site = models.ForeignKey(Site, models.CASCADE, related_name="alerts")
    kind = models.CharField(max_length=8, choices=Kind)
    noticed_at = models.DateTimeField()
    written_at = models.DateTimeField(null=True, blank=True, help_text="Set in the transaction that sends the letter.")
    over_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-noticed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["site", "kind"], condition=Q(over_at__isnull=True), name="a_site_has_each_trouble_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} at site {self.site_id}"
