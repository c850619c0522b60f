"""What was measured."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q, UniqueConstraint
from django.utils.translation import gettext_lazy as _

from sensors.models.sites import Site
from sensors.phenomena import ObservedProperty


class SiteSeries(models.Manager["Datastream"]):
    """Series of sites. Those that clients of the SensorThings interface made have none and are read there only."""

    def get_queryset(self) -> models.QuerySet[Datastream]:
        return super().get_queryset().filter(site__isnull=False)


class Datastream(models.Model):
    """One observed property at one site, in one unit (OGC SensorThings ``Datastream``)."""

    class Kind(models.TextChoices):
        RAW = "raw", _("as measured")
        CORRECTED = "corrected", _("corrected")

    site = models.ForeignKey(Site, models.CASCADE, null=True, blank=True, related_name="datastreams")
    observed_property = models.CharField(max_length=32, help_text="A code of sensors.phenomena.")
    unit = models.CharField(max_length=24, help_text="UCUM code of every result.")
    kind = models.CharField(max_length=9, choices=Kind, default=Kind.RAW)
    checked_with = models.PositiveSmallIntegerField(
        default=1, help_text="Version of sensors.quality that set its flags."
    )

    objects = SiteSeries()
    everywhere: models.Manager[Datastream] = models.Manager()

    class Meta:
        ordering = ["site_id", "id"]
        constraints = [
            UniqueConstraint(fields=["site", "observed_property", "kind"], name="a_site_has_each_series_once")
        ]

    def __str__(self) -> str:
        return f"{self.observed_property} at site {self.site_id}"

    @property
    def measures(self) -> ObservedProperty:
        from sensors.decoding import properties

        return properties()[self.observed_property]


class ObservationQuerySet(models.QuerySet["Observation"]):
    def usable(self) -> ObservationQuerySet:
        """Readings that no check objects to."""
        return self.filter(flags=0)


class Observation(models.Model):
    """One measured value at one moment (OGC SensorThings ``Observation``). Checks set flags, never the result."""

    datastream = models.ForeignKey(Datastream, models.CASCADE, related_name="observations", db_index=False)
    phenomenon_time = models.DateTimeField(help_text="When it was so, in UTC; of an hourly count, when the hour began.")
    result = models.FloatField(help_text="In the datastream's unit.")
    flags = models.PositiveSmallIntegerField(default=0, help_text="Bits of sensors.quality.Flag.")
    device_time = models.DateTimeField(null=True, blank=True, help_text="What the box said, where its clock was wrong.")

    objects = ObservationQuerySet.as_manager()

    class Meta:
        ordering = ["datastream_id", "phenomenon_time"]
        constraints = [
            # A box that resends after an outage must not count twice; nor one whose clock is years off.
            UniqueConstraint(fields=["datastream", "phenomenon_time"], name="one_observation_per_moment"),
            UniqueConstraint(
                fields=["datastream", "device_time"],
                condition=Q(device_time__isnull=False),
                name="one_observation_per_moment_of_the_device",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.phenomenon_time:%Y-%m-%d %H:%M} {self.result}"


class Latest(models.Model):
    """The newest observation of a datastream, kept by the writer in the transaction that stored it."""

    datastream = models.OneToOneField(Datastream, models.CASCADE, primary_key=True, related_name="latest")
    phenomenon_time = models.DateTimeField()
    result = models.FloatField()
    flags = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.phenomenon_time:%Y-%m-%d %H:%M} {self.result}"


class Annotation(models.Model):
    """A host's note about an interval: building works, a barbecue, a cleaned filter. Its readings carry a flag."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="annotations")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)
    text = models.CharField(max_length=280, help_text="For the host and the project's team, not public.")

    class Meta:
        ordering = ["-since", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="a_note_ends_after_it_begins"
            )
        ]

    def __str__(self) -> str:
        return f"{self.since:%Y-%m-%d %H:%M} at site {self.site_id}"
