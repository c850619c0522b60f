"""The process: a project with its charter, phases and rounds."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import TYPE_CHECKING

from django.contrib.gis.db.models import PolygonField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from engagement.languages import pick

if TYPE_CHECKING:
    from engagement.models.people import User


class ProjectQuerySet(models.QuerySet["Project"]):
    def published(self) -> ProjectQuerySet:
        return self.filter(published=True)

    def visible_to(self, user: object) -> ProjectQuerySet:
        """Published projects, and the unpublished ones in which the person has a role."""
        from engagement import roles

        return roles.visible_projects(self, user)


class Project(models.Model):
    """One question of policy in one place. Texts are maps from language code to text."""

    slug = models.SlugField(unique=True)
    title = models.JSONField(default=dict, help_text="The resident's question, per language.")
    summary = models.JSONField(default=dict, blank=True)
    place_name = models.JSONField(default=dict, blank=True)
    area = PolygonField(null=True, blank=True, srid=4326)
    languages = models.JSONField(default=list, help_text="Language codes, the first is the default.")
    scene_slug = models.SlugField(blank=True, help_text="The scene of the twin in which the project lies.")
    simulated = models.BooleanField(default=False, help_text="Answers and readings are made by a generator.")
    published = models.BooleanField(default=False)
    created_on = models.DateField(default=date.today)
    office_hours = models.JSONField(
        default=dict, blank=True, help_text="When somebody moderates, as of engagement.clock; empty: the ordinary week."
    )

    objects = ProjectQuerySet.as_manager()

    class Meta:
        ordering = ["-created_on", "slug"]

    def __str__(self) -> str:
        return pick(self.title) or self.slug


class Charter(models.Model):
    """What a project promises before it opens: the problem, who decides and by when, what the answers may change."""

    class Dimension(models.TextChoices):
        FLAT = "2d", _("map and list")
        SPATIAL = "3d", _("3D, map and list")

    project = models.OneToOneField(Project, models.CASCADE, related_name="charter")
    problem = models.JSONField(default=dict)
    use_of_answers = models.JSONField(default=dict)
    decider = models.CharField(max_length=160, help_text="The body or person that decides, by name.")
    decide_by = models.DateField()
    data_at_hand = models.JSONField(default=dict, blank=True)
    dimension = models.CharField(max_length=2, choices=Dimension, default=Dimension.SPATIAL)

    class Meta:
        constraints = [models.CheckConstraint(condition=~Q(decider=""), name="a_charter_names_who_decides")]

    def __str__(self) -> str:
        return f"{self.project.slug}: {self.decider}, {self.decide_by}"


class Phase(models.Model):
    """A dated period of a project."""

    class Kind(models.TextChoices):
        MEASURE = "measure", _("Measure")
        ASK = "ask", _("Ask")
        COMPARE = "compare", _("Compare")
        DECIDE = "decide", _("Decide")

    project = models.ForeignKey(Project, models.CASCADE, related_name="phases")
    kind = models.CharField(max_length=8, choices=Kind)
    opens_on = models.DateField()
    closes_on = models.DateField()
    note = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering = ["opens_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "kind"], name="a_project_has_each_phase_once"),
            models.CheckConstraint(condition=Q(closes_on__gte=F("opens_on")), name="a_phase_ends_after_it_begins"),
        ]

    def __str__(self) -> str:
        return f"{self.project.slug}: {self.get_kind_display()}"

    def state(self, today: date | None = None) -> str:
        """``done``, ``now`` or ``next``."""
        today = today or timezone.localdate()
        if self.closes_on < today:
            return "done"
        return "now" if self.opens_on <= today else "next"


class Round(models.Model):
    """One opening of one survey. Policy, key and snapshots belong to a round."""

    class Mode(models.TextChoices):
        OPEN = "open", _("open link")
        TOKEN = "token", _("one link per person")
        VERIFIED = "verified", _("verified sign-in")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.CASCADE, related_name="rounds")
    survey_slug = models.SlugField()
    mode = models.CharField(max_length=8, choices=Mode, default=Mode.OPEN)
    population = models.CharField(
        max_length=120, help_text="Everybody who may answer; the budget is kept per population."
    )
    opens_at = models.DateTimeField()
    closes_at = models.DateTimeField()
    expected_responses = models.PositiveIntegerField(default=100)
    destroy_key_on = models.DateField(help_text="From this day nobody can tell which answer was whose.")
    key_destroyed_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-opens_at"]
        constraints = [
            models.CheckConstraint(condition=Q(closes_at__gt=F("opens_at")), name="a_round_closes_after_it_opens")
        ]

    def __str__(self) -> str:
        return f"{self.survey_slug} {self.opens_at:%Y-%m-%d}"

    @property
    def unit(self) -> str:
        """What k, ε and contribution bounds count: nobody knows persons behind an open link."""
        return "response" if self.mode == self.Mode.OPEN else "person"

    def is_open(self, now: datetime | None = None) -> bool:
        return self.opens_at <= (now or timezone.now()) < self.closes_at


class Poster(models.Model):
    """A short code on a lamp post that leads to one question: ``/p/<code>``."""

    code = models.SlugField(max_length=24, unique=True)
    project = models.ForeignKey(Project, models.CASCADE, related_name="posters")
    survey_slug = models.SlugField()
    place_name = models.JSONField(default=dict, blank=True)
    created_by: models.ForeignKey[User | None, User | None] = models.ForeignKey(
        "engagement.User", models.SET_NULL, null=True, blank=True, related_name="+"
    )

    def __str__(self) -> str:
        return f"/p/{self.code}"
