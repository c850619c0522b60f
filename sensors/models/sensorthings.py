"""The eight entities of OGC SensorThings that are read and written under ``/sensorthings/v1.1/``.

Rows come from two places: sites of ours that the public sees are mirrored here (``sensors.sensorthings.mirroring``, in
the transaction that changed them), and clients of the interface write their own. Nothing that is hidden is ever in these
tables, so no query can show it. Readings of both live in the one table of observations.
"""

from __future__ import annotations

from django.contrib.gis.db.models import GeometryField
from django.db import models

from sensors.models.series import Datastream, Observation
from sensors.models.sites import Site

ENCODING = 100


class Described(models.Model):
    """What seven of the eight entities have."""

    name = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    properties = models.JSONField(null=True, blank=True, help_text="Whatever the writer wants to say; an object.")

    class Meta:
        abstract = True
        ordering = ["id"]

    def __str__(self) -> str:
        return self.name


class Thing(Described):
    """What is measured at: a site of ours, or a thing that a client described."""

    site = models.OneToOneField(Site, models.CASCADE, null=True, blank=True, related_name="thing")


class Feature(Described):
    """What a reading is about (``FeatureOfInterest``)."""

    encoding_type = models.CharField(max_length=ENCODING)
    feature = models.JSONField(help_text="As it was written, GeoJSON as a rule.")
    geometry = GeometryField(srid=4326, null=True, blank=True, help_text="The same, where it is a geometry.")
    site = models.OneToOneField(Site, models.CASCADE, null=True, blank=True, related_name="feature")


class Location(Described):
    """Where things are or were."""

    encoding_type = models.CharField(max_length=ENCODING)
    location = models.JSONField(help_text="As it was written, GeoJSON as a rule.")
    geometry = GeometryField(srid=4326, null=True, blank=True, help_text="The same, where it is a geometry.")
    things = models.ManyToManyField(Thing, related_name="locations")
    site = models.OneToOneField(Site, models.CASCADE, null=True, blank=True, related_name="location")
    made_feature = models.ForeignKey(
        Feature, models.SET_NULL, null=True, blank=True, related_name="+", help_text="Of readings that name none."
    )


class HistoricalLocation(models.Model):
    """Since when a thing was at its locations. Kept of things of clients; a site of ours has only its present place."""

    time = models.DateTimeField()
    thing = models.ForeignKey(Thing, models.CASCADE, related_name="historical_locations")
    locations = models.ManyToManyField(Location, related_name="historical_locations")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.time:%Y-%m-%d %H:%M}"


class Instrument(Described):
    """What measures (``Sensor``): a kind of box, not the box of a person."""

    encoding_type = models.CharField(max_length=ENCODING)
    metadata = models.JSONField()
    preset = models.CharField(max_length=32, null=True, blank=True, unique=True, help_text="A name of sensors.presets.")


class Property(Described):
    """What is measured (``ObservedProperty``)."""

    definition = models.CharField(max_length=500)
    code = models.CharField(max_length=32, null=True, blank=True, unique=True, help_text="A code of sensors.phenomena.")


class Stream(models.Model):
    """A series as the interface describes it (``Datastream``); its number is that of the series."""

    series = models.OneToOneField(Datastream, models.CASCADE, primary_key=True, related_name="stream")
    name = models.CharField(max_length=255)
    description = models.TextField(blank=True)
    properties = models.JSONField(null=True, blank=True)
    observation_type = models.CharField(max_length=255)
    unit = models.JSONField(help_text="name, symbol, definition.")
    observed_area = models.JSONField(null=True, blank=True)
    area = GeometryField(srid=4326, null=True, blank=True)
    thing = models.ForeignKey(Thing, models.CASCADE, related_name="streams")
    instrument = models.ForeignKey(Instrument, models.CASCADE, related_name="streams")
    property = models.ForeignKey(Property, models.CASCADE, related_name="streams")
    feature = models.ForeignKey(
        Feature, models.SET_NULL, null=True, blank=True, related_name="streams", help_text="Of most of its readings."
    )
    result_since = models.DateTimeField(null=True, blank=True, help_text="The earliest resultTime that was written.")
    result_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["series_id"]

    def __str__(self) -> str:
        return self.name


class ObservationDetail(models.Model):
    """What a client said of a reading beyond moment and number; readings of boxes have none."""

    observation = models.OneToOneField(Observation, models.CASCADE, primary_key=True, related_name="detail")
    until = models.DateTimeField(null=True, blank=True, help_text="End of an interval; its beginning is the moment.")
    result = models.JSONField(null=True, blank=True, help_text="Set where the result is no number.")
    result_time = models.DateTimeField(null=True, blank=True)
    result_quality = models.JSONField(null=True, blank=True)
    valid_since = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)
    parameters = models.JSONField(null=True, blank=True)
    feature = models.ForeignKey(
        Feature, models.CASCADE, null=True, blank=True, related_name="details", help_text="Where not the series' own."
    )

    def __str__(self) -> str:
        return f"of observation {self.observation_id}"
