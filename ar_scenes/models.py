"""Scenes of the twin, the builds of their tiles, what planning runs say about them, and remarks pinned to them."""

from __future__ import annotations

import uuid

from django.contrib.gis.db.models import PointField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from engagement import roles
from engagement.languages import pick
from engagement.models import Project
from scenarios.models import Run


class SceneQuerySet(models.QuerySet["Scene"]):
    def published(self) -> SceneQuerySet:
        return self.filter(published=True)

    def visible_to(self, user: object) -> SceneQuerySet:
        """Published scenes, and the others for the teams of the projects that lie in them."""
        mine = roles.projects_of(user, roles.Role.OFFICER, roles.Role.PLANNER, roles.Role.TRAINER)
        return self.filter(Q(published=True) | Q(slug__in=mine.values("scene_slug")) | Q(project__in=mine.values("pk")))


class Scene(models.Model):
    """A part of a city that can be looked at, from one source with one licence."""

    slug = models.SlugField(unique=True)
    title = models.JSONField(default=dict, help_text="Per language.")
    project = models.ForeignKey(
        Project, models.SET_NULL, null=True, blank=True, related_name="scenes",
        help_text="Whose live values it shows; empty: the published project that names the scene.",
    )  # fmt: skip
    centre = PointField(srid=4326)
    radius_m = models.FloatField(default=1000.0, help_text="From the centre to the farthest feature.")
    source = models.CharField(max_length=200, help_text="The file that was imported.")
    attribution = models.CharField(max_length=200)
    licence = models.CharField(max_length=40, help_text="SPDX name.")
    report = models.JSONField(default=dict, help_text="What was read, repaired, assumed, refused.")
    tileset: models.ForeignKey[Tileset | None, Tileset | None] = models.ForeignKey(
        "ar_scenes.Tileset", models.SET_NULL, null=True, blank=True, related_name="+",
        help_text="The build that is shown. Changing it swaps the whole scene at once.",
    )  # fmt: skip
    simulated = models.BooleanField(default=False, help_text="The place itself is made by a generator.")
    published = models.BooleanField(default=True)
    imported_at = models.DateTimeField(default=timezone.now)

    objects = SceneQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return pick(self.title) or self.slug

    @property
    def topic(self) -> str:
        """Where notices about the scene are published."""
        return f"scene.{self.slug}"

    @property
    def manifest_hash(self) -> str | None:
        return self.tileset.manifest_hash if self.tileset else None

    def live_project(self) -> Project | None:
        """The published project whose sensors the scene shows."""
        if self.project is not None:
            return self.project if self.project.published else None
        return Project.objects.published().filter(scene_slug=self.slug).order_by("pk").first()


class Tileset(models.Model):
    """One finished build of a scene's tiles. The files are in the store, named by their hashes."""

    scene = models.ForeignKey(Scene, models.CASCADE, related_name="tilesets")
    manifest_hash = models.CharField(max_length=16)
    tiles = models.PositiveIntegerField()
    features = models.PositiveIntegerField()
    slots = models.PositiveIntegerField()
    bytes = models.PositiveBigIntegerField(help_text="Of all tiles, as a viewer holds them.")
    gzip_bytes = models.PositiveBigIntegerField(help_text="Of all tiles, as they travel.")
    built_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-built_at", "-id"]
        constraints = [models.UniqueConstraint(fields=["scene", "manifest_hash"], name="a_build_is_listed_once")]

    def __str__(self) -> str:
        return f"{self.scene.slug} {self.manifest_hash}"


class Overlay(models.Model):
    """What one planning run says about a scene: before, after and class of difference per feature, what is closed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    scene = models.ForeignKey(Scene, models.CASCADE, related_name="overlays")
    run = models.ForeignKey(Run, models.CASCADE, related_name="overlays")
    layer = models.CharField(max_length=20, default="traffic", help_text="traffic, noise or air.")
    title = models.JSONField(default=dict, help_text="Per language.")
    unit = models.CharField(max_length=40)
    counts = models.JSONField(default=dict, help_text="Features per class of difference.")
    table_hash = models.CharField(max_length=16, help_text="The run's figures by feature id, in the store.")
    manifest_hash = models.CharField(max_length=16, help_text="The build whose slots the payload counts.")
    payload_hash = models.CharField(max_length=16, help_text="The same figures by slot, as phones get them.")
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-created_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["scene", "run", "layer"], name="a_layer_is_laid_over_a_scene_once")
        ]

    def __str__(self) -> str:
        return pick(self.title) or str(self.pk)


class Pin(models.Model):
    """A resident's remark on a building, a street or a point. Nobody sees it before a moderator approved it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")
        WITHDRAWN = "withdrawn", _("withdrawn")

    id = models.UUIDField(
        primary_key=True, editable=False, help_text="Made by the phone: sending twice changes nothing."
    )
    scene = models.ForeignKey(Scene, models.CASCADE, related_name="pins")
    project = models.ForeignKey(Project, models.CASCADE, related_name="pins")
    feature_id = models.CharField(max_length=80, blank=True, help_text="Stable id of the source, such as way/23952344.")
    point = PointField(srid=4326, help_text="As snapped by the resident's choice.")
    body = models.TextField(max_length=2000, blank=True)
    language = models.CharField(max_length=8, blank=True)
    state = models.CharField(max_length=9, choices=State, default=State.WAITING)
    pseudonym = models.CharField(max_length=64, db_index=True, help_text="Keyed hash of the receipt code.")
    simulated = models.BooleanField(default=False)
    given_on = models.DateField(default=timezone.localdate)

    class Meta:
        ordering = ["-given_on", "id"]
        indexes = [models.Index(fields=["scene", "state"], name="pins_of_a_scene")]
        constraints = [
            models.CheckConstraint(condition=Q(state="withdrawn") | ~Q(body=""), name="a_remark_says_something"),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | Q(body=""), name="a_withdrawn_remark_has_no_words"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.scene.slug} {self.pk}: {self.get_state_display()}"
