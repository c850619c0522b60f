"""What planning keeps: networks, scenarios with their measures, runs with their results, decisions.

Nothing here refers to an answer or a reading; what people said arrives as a release, by id (``privacy.firewall``).
"""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from engagement import roles
from engagement.languages import pick
from engagement.models import Job
from engagement.roles import Role
from scenarios.library.city import CityNetwork


class Network(models.Model):
    """Streets, zones and ring of a place, named by the digest of its content. Never edited: a change makes another one."""

    project = models.ForeignKey("engagement.Project", models.CASCADE, related_name="networks")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the content: the baseline of scenarios.")
    content = models.BinaryField(help_text="Columns as an npz archive.")
    report = models.JSONField(default=dict, help_text="What was read, assumed and refused.")
    attribution = models.CharField(max_length=160, blank=True)
    note = models.CharField(max_length=200, blank=True, help_text="What sets it apart from the one before.")
    made_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "digest"], name="a_project_holds_each_network_once"),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} {self.digest[:12]}"

    def city(self) -> CityNetwork:
        return CityNetwork.from_bytes(bytes(self.content))


class ScenarioQuerySet(models.QuerySet["Scenario"]):
    def visible_to(self, user: object) -> ScenarioQuerySet:
        """Published scenarios of projects that the person may see, and all of the projects in which they plan or decide."""
        from engagement.models import Project

        mine = roles.projects_of(user, Role.PLANNER, Role.OFFICER)
        seen = Project.objects.visible_to(user)
        return self.filter(Q(project__in=mine) | Q(published=True, project__in=seen))


class Scenario(models.Model):
    """A baseline and what would be done to it, in order."""

    project = models.ForeignKey("engagement.Project", models.CASCADE, related_name="scenarios")
    network = models.ForeignKey(Network, models.PROTECT, related_name="scenarios")
    digest = models.CharField(max_length=64, help_text="SHA-256 of baseline and measures.")
    title = models.JSONField(default=dict, help_text="The question in the reader's language.")
    published = models.BooleanField(default=False, help_text="Residents may see its results.")
    made_by = models.ForeignKey("engagement.User", models.SET_NULL, null=True, blank=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)

    objects = ScenarioQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["project", "digest"], name="a_project_asks_each_what_if_once"),
        ]

    def __str__(self) -> str:
        return pick(self.title) or self.digest[:12]

    @property
    def latest_run(self) -> Run | None:
        """The newest run with results."""
        return self.runs.filter(finished_at__isnull=False).order_by("-finished_at").first()

    def closed_ways(self) -> list[int]:
        """OSM ways that the measures close, ascending."""
        closing = (Measure.Kind.CLOSE_LINKS, Measure.Kind.ROAD_WORKS)
        bodies = [measure.body for measure in self.measures.all() if measure.kind in closing]
        return sorted({way for body in bodies for way in body["ways"]})


class Measure(models.Model):
    """One thing that would be done. ``body`` was validated by ``measuring.checked``."""

    class Kind(models.TextChoices):
        CLOSE_LINKS = "close_links", _("Close streets")
        ONE_WAY = "one_way", _("Make streets one-way")
        SET_SPEED = "set_speed", _("Change the speed")
        SET_CAPACITY = "set_capacity", _("Change the capacity")
        ADD_LINK = "add_link", _("Add a street")
        SCALE_DEMAND = "scale_demand", _("More or fewer trips")
        ROAD_WORKS = "road_works", _("Road works")

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="measures")
    position = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=20, choices=Kind)
    body = models.JSONField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["scenario", "position"], name="measures_stand_in_an_order"),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.get_kind_display()}"


class Run(models.Model):
    """One computation, named by the hash of everything that determines it: the same question is computed once."""

    digest = models.CharField(max_length=64, primary_key=True)
    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="runs")
    recipe = models.JSONField(help_text="Scenario, chain, parameters, draws and code version: what the digest covers.")
    job = models.ForeignKey(Job, models.SET_NULL, null=True, blank=True, related_name="+")
    results = models.BinaryField(null=True, help_text="Flows and draws as an npz archive; empty until finished.")
    certificate = models.JSONField(default=dict)
    summary = models.JSONField(default=dict, help_text="Ring share, noise floor, unreachable trips, limits.")
    made_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | Q(results__isnull=False), name="a_finished_run_has_results"
            ),
        ]

    def __str__(self) -> str:
        return self.digest[:12]

    @property
    def is_finished(self) -> bool:
        return self.finished_at is not None


class IndicatorValue(models.Model):
    """One figure of a run with its range: 90 % of the stated inputs; the error of the model itself is not in it."""

    class Stage(models.TextChoices):
        BEFORE = "before", _("before")
        AFTER = "after", _("after")
        CHANGE = "change", _("change")

    run = models.ForeignKey(Run, models.CASCADE, related_name="indicators")
    indicator = models.CharField(max_length=40)
    stage = models.CharField(max_length=6, choices=Stage)
    unit = models.CharField(max_length=24, help_text="UCUM.")
    mean = models.FloatField(help_text="With the best value of every input.")
    p05 = models.FloatField()
    p95 = models.FloatField()
    p_sign = models.FloatField(help_text="Share of the draws that agree on the sign; 1 for values that are no change.")
    sources = models.JSONField(default=list, help_text="Models and inputs that it rests on.")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["run", "indicator", "stage"], name="a_run_gives_each_figure_once"),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.stage}: {self.mean:g} ({self.p05:g} to {self.p95:g}) {self.unit}"


class Weighting(models.Model):
    """Which answer to which question speaks for which indicator. The release then says how much each one weighs."""

    project = models.OneToOneField("engagement.Project", models.CASCADE, related_name="weighting")
    question = models.CharField(max_length=120)
    indicators = models.JSONField(help_text="Indicator by option; an option that speaks for none is left out.")

    def __str__(self) -> str:
        return f"{self.project_id}: {self.question}"


class DecisionQuerySet(models.QuerySet["Decision"]):
    def visible_to(self, user: object) -> DecisionQuerySet:
        from engagement.models import Project

        mine = roles.projects_of(user, Role.OFFICER)
        seen = Project.objects.visible_to(user)
        return self.filter(Q(project__in=mine) | Q(published_at__isnull=False, project__in=seen))


class Decision(models.Model):
    """What the city decided in a project, with reasons, and what it rests on. Not edited once published."""

    class Outcome(models.TextChoices):
        DONE = "done", _("It is done as asked")
        CHANGED = "changed", _("It is done with changes")
        NOT_DONE = "not-done", _("It is not done")
        LATER = "later", _("It is decided later")

    class Reason(models.TextChoices):
        EVIDENCE = "evidence", _("The results speak for it")
        SAFETY = "safety", _("Safety")
        COST = "cost", _("Cost")
        LAW = "law", _("The law")
        OTHER = "other", _("Other reasons")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("engagement.Project", models.CASCADE, related_name="decisions")
    title = models.JSONField(default=dict)
    outcome = models.CharField(max_length=8, choices=Outcome)
    reason = models.CharField(max_length=8, choices=Reason)
    plain_text = models.JSONField(default=dict, help_text="What was decided and why, in plain words.")
    not_followed = models.JSONField(
        default=dict, blank=True, help_text="What people asked for that is not done, and why."
    )
    decided_on = models.DateField()
    geometry = GeometryField(null=True, blank=True, srid=4326)
    runs: models.ManyToManyField[Run, Any] = models.ManyToManyField(Run, blank=True, related_name="decisions")
    releases = models.JSONField(default=list, blank=True, help_text="Ids of the releases it used.")
    published_by = models.ForeignKey("engagement.User", models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)

    objects = DecisionQuerySet.as_manager()

    class Meta:
        ordering = ["-decided_on", "-published_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | Q(published_by__isnull=False),
                name="somebody_stands_for_a_published_decision",
            ),
        ]

    def __str__(self) -> str:
        return pick(self.title) or str(self.id)
