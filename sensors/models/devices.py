"""Boxes, the keys they push with, and what was heard from them."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from engagement import roles
from engagement.models import User
from sensors.models.sites import TEAM, Campaign, Site


class DeviceQuerySet(models.QuerySet["Device"]):
    def accessible_to(self, user: object) -> DeviceQuerySet:
        """One's own boxes, and those that hang at sites of a project in whose team the person is."""
        if not isinstance(user, User):
            return self.none()
        projects = roles.projects_of(user, *TEAM).values("pk")
        return self.filter(
            Q(owner=user) | Q(deployments__until__isnull=True, deployments__site__campaign__project__in=projects)
        ).distinct()


class Device(models.Model):
    """A box: hardware that can be moved, swapped and handed over (OGC SensorThings ``Sensor``)."""

    code = models.CharField(
        max_length=8, unique=True, help_text="Printed on the box; seven characters and a check one."
    )
    preset = models.CharField(max_length=32, help_text="A name of sensors.presets.")
    chip_id = models.CharField(max_length=64, blank=True, db_index=True, help_text="What the box calls itself.")
    owner = models.ForeignKey("engagement.User", models.SET_NULL, null=True, blank=True, related_name="devices")
    registration = models.UUIDField(
        null=True, blank=True, unique=True, help_text="Made by the form: sent twice, one box."
    )
    claimed_at = models.DateTimeField(null=True, blank=True)
    printed_for = models.ForeignKey(
        Campaign,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="printed",
        help_text="On whose sheet of codes it stands, waiting to be claimed.",
    )

    objects = DeviceQuerySet.as_manager()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.code

    def current_deployment(self) -> Deployment | None:
        return self.deployments.select_related("site__campaign__project").filter(until__isnull=True).first()


class Deployment(models.Model):
    """A box hung at a site from one moment to another."""

    site = models.ForeignKey(Site, models.CASCADE, related_name="deployments")
    device = models.ForeignKey(Device, models.CASCADE, related_name="deployments")
    since = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-since", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["device"], condition=Q(until__isnull=True), name="a_box_hangs_at_one_site"),
            models.UniqueConstraint(fields=["site"], condition=Q(until__isnull=True), name="one_box_hangs_at_a_site"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="a_deployment_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.device} at site {self.site_id}"


class DeviceKey(models.Model):
    """What a box proves itself with. Only the SHA-256 of the key is kept: 128 random bits need no slow hash."""

    device = models.ForeignKey(Device, models.CASCADE, related_name="keys")
    kid = models.CharField(max_length=8, unique=True, help_text="The public first part of the key.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the whole key, hexadecimal.")
    valid_from = models.DateTimeField(default=timezone.now)
    valid_until = models.DateTimeField(null=True, blank=True, help_text="Set when a newer key takes over.")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-valid_from", "-id"]

    def __str__(self) -> str:
        return f"key {self.kid} of {self.device}"

    def opens(self, at: datetime) -> bool:
        """The key is good at this moment."""
        within = self.valid_from <= at and (self.valid_until is None or at < self.valid_until)
        return within and self.revoked_at is None


class KeyringVersion(models.Model):
    """One row that every process looks at: it grows when a key, a box or a site changes, and caches are dropped."""

    number = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return str(self.number)


class Heard(models.Model):
    """What was last heard from a box. Written with its readings, so kept apart from what people edit."""

    device = models.OneToOneField(Device, models.CASCADE, primary_key=True, related_name="heard")
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    pushes = models.BigIntegerField(default=0)
    digest = models.CharField(max_length=32, blank=True, help_text="Of the last push without a time of its own.")
    digest_at = models.DateTimeField(null=True, blank=True, help_text="When that push first arrived.")

    def __str__(self) -> str:
        return f"{self.device_id} at {self.last_at:%Y-%m-%d %H:%M}"


class IngestError(models.Model):
    """A push, or a part of one, that was refused. Equal ones in a row are one entry with a count."""

    device = models.ForeignKey(Device, models.CASCADE, related_name="ingest_errors")
    reason = models.CharField(max_length=32, help_text="A code of sensors.refusals, which has the sentence.")
    facts = models.JSONField(default=dict, blank=True, help_text="What the sentence names; never a key.")
    times = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        ordering = ["-last_at", "-id"]
        indexes = [models.Index(fields=["device", "-last_at"], name="refusals_of_a_box")]

    def __str__(self) -> str:
        return self.sentence

    @property
    def sentence(self) -> str:
        from sensors import refusals

        return refusals.sentence(self.reason, self.facts)
