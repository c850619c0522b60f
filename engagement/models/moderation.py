"""Text, photos and public pins wait here; choices never do."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def this_hour() -> datetime:
    """The current hour: the service clock needs no more, and an exact time would tell which response it came with."""
    return timezone.now().replace(minute=0, second=0, microsecond=0)


class QueueItem(models.Model):
    """One thing that a moderator looks at. The content stays in its room; here is only where to find it."""

    class State(models.TextChoices):
        WAITING = "waiting", _("waiting")
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("engagement.Project", models.CASCADE, related_name="queue_items")
    kind = models.CharField(max_length=40, help_text="A registered moderated kind, such as survey.text.")
    ref = models.CharField(max_length=120, help_text="The room's own name of the content.")
    language = models.CharField(max_length=8, blank=True)
    harm = models.PositiveSmallIntegerField(default=1, help_text="1 ordinary to 5 urgent.")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    waiting_since = models.DateTimeField(default=this_hour)
    claimed_by = models.ForeignKey("engagement.User", models.SET_NULL, null=True, blank=True, related_name="+")
    claimed_until = models.DateTimeField(null=True, blank=True, help_text="Until then nobody else rules on it.")

    class Meta:
        ordering = ["-harm", "waiting_since", "id"]
        constraints = [models.UniqueConstraint(fields=["kind", "ref"], name="content_waits_once")]
        indexes = [models.Index(fields=["state", "project"], name="queue_by_state")]

    def __str__(self) -> str:
        return f"{self.kind} {self.ref}"


class Ruling(models.Model):
    """A moderator's act on an item, with its statement of reasons (DSA Art. 17). Later rulings supersede earlier ones."""

    class Outcome(models.TextChoices):
        APPROVED = "approved", _("approved")
        REJECTED = "rejected", _("rejected")

    class Ground(models.TextChoices):
        PERSONAL_DATA = "personal-data", _("It names or shows a person who did not agree.")
        INSULT = "insult", _("It insults or threatens somebody.")
        UNLAWFUL = "unlawful", _("It breaks the law.")
        ADVERTISING = "advertising", _("It advertises something.")
        OFF_TOPIC = "off-topic", _("It is not about this project.")
        DUPLICATE = "duplicate", _("Somebody said the same already; both count as one remark.")

    item = models.ForeignKey(QueueItem, models.CASCADE, related_name="rulings")
    moderator = models.ForeignKey("engagement.User", models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=8, choices=Outcome)
    ground = models.CharField(max_length=16, choices=Ground, blank=True)
    reason = models.TextField(blank=True, max_length=1000, help_text="The facts, in the moderator's words.")
    language = models.CharField(max_length=8, default="en")
    ruled_at = models.DateTimeField(auto_now_add=True)
    merged_into = models.ForeignKey(
        QueueItem,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="merged",
        help_text="The remark that says the same.",
    )
    original = models.TextField(
        blank=True, help_text="What the author wrote, where it was published with words blanked."
    )

    class Meta:
        ordering = ["-ruled_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome="approved") | (~models.Q(ground="") & ~models.Q(reason="")),
                name="a_rejection_states_ground_and_reason",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()}: {self.item}"


class Appeal(models.Model):
    """The author asks another person to look again (DSA Art. 20)."""

    ruling = models.OneToOneField(Ruling, models.CASCADE, related_name="appeal")
    text = models.TextField(max_length=2000)
    made_at = models.DateTimeField(auto_now_add=True)
    answered_by = models.ForeignKey("engagement.User", models.PROTECT, null=True, blank=True, related_name="+")
    answer = models.TextField(blank=True, max_length=2000)
    upheld = models.BooleanField(null=True, blank=True)

    def __str__(self) -> str:
        return f"appeal against {self.ruling}"
