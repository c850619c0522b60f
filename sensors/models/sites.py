"""Where volunteers measure, and for which project."""

from __future__ import annotations

from django.contrib.gis.db.models import LineStringField, PointField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from engagement import roles
from engagement.languages import pick
from engagement.models import User
from engagement.roles import Role

TEAM = (Role.OFFICER, Role.TRAINER, Role.OPERATOR)


class Campaign(models.Model):
    """A measuring campaign of a project (STAplus ``Campaign``): what its hosts agreed to, licence included."""

    class Licence(models.TextChoices):
        CC_BY = "CC-BY-4.0", _("CC BY 4.0: anyone may use it and says whose it is")
        CC0 = "CC0-1.0", _("CC0: anyone may use it for anything")
        ODBL = "ODbL-1.0", _("ODbL: anyone may use it and shares the result alike")

    project = models.ForeignKey("engagement.Project", models.CASCADE, related_name="campaigns")
    slug = models.SlugField()
    title = models.JSONField(default=dict, help_text="Per language.")
    summary = models.JSONField(default=dict, blank=True)
    licence = models.CharField(max_length=12, choices=Licence, default=Licence.CC_BY)
    opens_on = models.DateField()
    closes_on = models.DateField(null=True, blank=True)
    simulated = models.BooleanField(default=False, help_text="Begun by the demo's generator.")

    class Meta:
        ordering = ["-opens_on", "slug"]
        constraints = [
            models.UniqueConstraint(fields=["project", "slug"], name="a_campaign_has_its_own_name_in_a_project"),
            models.CheckConstraint(
                condition=Q(closes_on__isnull=True) | Q(closes_on__gte=F("opens_on")),
                name="a_campaign_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return pick(self.title) or self.slug


class Segment(models.Model):
    """A stretch of street between two junctions, from the map data of a scene: how counters are shown."""

    source = models.SlugField(help_text="The scene whose streets were read.")
    key = models.CharField(max_length=64, help_text="Way and both junctions, the same in both directions.")
    name = models.CharField(max_length=200, blank=True)
    line = LineStringField(srid=4326)
    middle = PointField(srid=4326)
    length_m = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "key"], name="a_segment_is_read_once")]

    def __str__(self) -> str:
        return self.name or self.key


class SiteQuerySet(models.QuerySet["Site"]):
    def public(self) -> SiteQuerySet:
        """Sites that anyone may see, at the place that their host chose to show."""
        return self.filter(campaign__project__published=True, test_mode=False, public_point__isnull=False)

    def hosted_by(self, user: User) -> SiteQuerySet:
        return self.filter(owner=user)

    def visible_to(self, user: object) -> SiteQuerySet:
        """Public ones, one's own, and those of a project in whose team the person is."""
        shown = Q(pk__in=self.public().values("pk"))
        if isinstance(user, User):
            shown |= Q(owner=user) | Q(campaign__project__in=roles.projects_of(user, *TEAM).values("pk"))
        return self.filter(shown)


class Site(models.Model):
    """A place that is measured (OGC SensorThings ``Thing``). It keeps its series when the box on it is changed."""

    class Shown(models.TextChoices):
        EXACT = "exact", _("the exact place")
        CELL_100 = "cell100", _("a square of 100 metres")
        CELL_500 = "cell500", _("a square of 500 metres")
        SEGMENT = "segment", _("the stretch of street")
        HIDDEN = "hidden", _("not on the map")

    class Facing(models.TextChoices):
        NORTH = "n", _("north")
        NORTH_EAST = "ne", _("north-east")
        EAST = "e", _("east")
        SOUTH_EAST = "se", _("south-east")
        SOUTH = "s", _("south")
        SOUTH_WEST = "sw", _("south-west")
        WEST = "w", _("west")
        NORTH_WEST = "nw", _("north-west")

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="sites")
    owner = models.ForeignKey("engagement.User", models.SET_NULL, null=True, blank=True, related_name="sensor_sites")
    preset = models.CharField(max_length=32, help_text="What kind of box hangs here; a name of sensors.presets.")
    name = models.CharField(max_length=80, blank=True, help_text="As the host wrote it; public once approved.")
    name_version = models.PositiveIntegerField(default=1, help_text="Grows with every change: each is moderated anew.")
    approved_name = models.CharField(max_length=80, blank=True)
    shown_as = models.CharField(max_length=8, choices=Shown, default=Shown.CELL_100)
    public_point = PointField(srid=4326, null=True, blank=True, help_text="What is shown; never finer than chosen.")
    segment = models.ForeignKey(Segment, models.SET_NULL, null=True, blank=True, related_name="sites")
    height_m = models.FloatField(null=True, blank=True, help_text="Above the ground.")
    facing = models.CharField(max_length=2, choices=Facing, blank=True)
    test_mode = models.BooleanField(default=False, help_text="Only the host sees the readings.")
    simulated = models.BooleanField(default=False, help_text="A generator makes its readings; its clock stands still.")
    alone_ok = models.BooleanField(
        default=False, help_text="Its figures may be released although fewer than three hosts measure there."
    )
    since = models.DateField(auto_now_add=True)
    retired_on = models.DateField(null=True, blank=True)

    objects = SiteQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(shown_as="hidden", public_point__isnull=True)
                | (~Q(shown_as="hidden") & Q(public_point__isnull=False)),
                name="a_hidden_site_has_no_public_place",
            ),
        ]

    def __str__(self) -> str:
        return self.public_name

    @property
    def public_name(self) -> str:
        """The approved name; until there is one, what kind of box it is."""
        from sensors import presets

        return self.approved_name or str(presets.get(self.preset).label)

    @property
    def is_public(self) -> bool:
        return self.campaign.project.published and not self.test_mode and self.public_point is not None


class ExactPlace(models.Model):
    """Where a box really hangs, sealed with the site's key and apart from everything that is shown."""

    site = models.OneToOneField(Site, models.CASCADE, primary_key=True, related_name="exact_place")
    sealed = models.BinaryField()

    def __str__(self) -> str:
        return f"sealed place of site {self.site_id}"
