"""What the promise is kept with: budgets, policies, snapshots, the ledger, drafts and releases.

Planning may read :class:`Release` and nothing else of this room (``firewall.READABLE``).
"""

from __future__ import annotations

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

DELTA = 1e-6


class Budget(models.Model):
    """All privacy loss that one population may suffer in one project, over all its rounds and releases.

    The claim to each unit is (``epsilon_total``, ``delta``)-differential privacy of everything published together.
    It may be lowered, never raised; the database refuses too (``guards.py``).
    """

    project = models.ForeignKey("engagement.Project", models.CASCADE, related_name="privacy_budgets")
    population = models.CharField(max_length=120)
    epsilon_total = models.FloatField()
    delta = models.FloatField(default=DELTA)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "population"], name="a_population_has_one_budget_per_project"),
            models.CheckConstraint(condition=Q(epsilon_total__gt=0, epsilon_total__lte=8), name="a_budget_is_0_to_8"),
            models.CheckConstraint(condition=Q(delta__gt=0, delta__lte=1e-5), name="delta_is_far_below_one_in_n"),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} · {self.population}: ε {self.epsilon_total}"


class Policy(models.Model):
    """The rules of one round, frozen when it opens. Afterwards they can only become stricter (``guards.py``)."""

    round = models.OneToOneField("engagement.Round", models.CASCADE, related_name="privacy_policy")
    budget = models.ForeignKey(Budget, models.CASCADE, related_name="policies")
    unit = models.CharField(max_length=8, help_text="What is protected: response, person or host.")
    k = models.PositiveSmallIntegerField(default=10, help_text="Fewest units in a group that is shown apart.")
    max_error_points = models.FloatField(
        default=15.0, help_text="A share whose noise alone exceeds this many percentage points is not released."
    )
    planned_questions = models.PositiveSmallIntegerField(default=5, help_text="Into how many shares the budget is cut.")
    sensitive = models.JSONField(default=list, blank=True, help_text="Names of questions whose answer may hurt.")
    max_places_per_unit = models.PositiveSmallIntegerField(default=3)
    destroy_key_on = models.DateField()
    frozen_on = models.DateField(default=timezone.localdate)

    class Meta:
        verbose_name_plural = "policies"
        constraints = [
            models.CheckConstraint(condition=Q(k__gte=2), name="a_group_has_at_least_two_units"),
            models.CheckConstraint(condition=Q(planned_questions__gte=1), name="a_policy_plans_a_question"),
            models.CheckConstraint(
                condition=Q(unit__in=["response", "person", "host"]), name="a_policy_names_its_unit"
            ),
        ]

    def __str__(self) -> str:
        return f"policy of {self.round_id}"


class Snapshot(models.Model):
    """The choices of all valid responses of a round at one moment, by pseudonym. Raw: planning never reads it.

    ``sha256`` names the content as it was frozen. When a unit withdraws, its row leaves the content at once; the
    snapshot then no longer matches its hash and serves no new question.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey("engagement.Round", models.PROTECT, related_name="snapshots")
    source = models.CharField(max_length=40)
    unit = models.CharField(max_length=8)
    sha256 = models.CharField(max_length=64)
    units = models.PositiveIntegerField(help_text="How many units it held when it was frozen.")
    removed_units = models.PositiveIntegerField(default=0)
    content = models.BinaryField(null=True, help_text="Columns as an npz archive; empty once retention has ended.")
    frozen_on = models.DateField(default=timezone.localdate)

    class Meta:
        ordering = ["-frozen_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["round", "source", "sha256"], name="the_same_answers_are_frozen_once"),
            models.CheckConstraint(condition=Q(removed_units__lte=F("units")), name="no_more_leave_than_came"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.round_id} {self.sha256[:12]}"

    @property
    def is_intact(self) -> bool:
        return self.content is not None and self.removed_units == 0


class LedgerEntry(models.Model):
    """One paid answer: debited before its noise is drawn. An entry without ``answer`` is paid and still owed."""

    budget = models.ForeignKey(Budget, models.PROTECT, related_name="entries")
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="entries")
    spec_hash = models.CharField(max_length=64)
    spec = models.JSONField()
    mechanism = models.CharField(max_length=8)
    scale = models.FloatField()
    epsilon = models.FloatField(null=True, help_text="Pure ε; empty for Gaussian noise, which has none.")
    rho = models.FloatField(help_text="zCDP.")
    fraction = models.FloatField(help_text="Share of the budget that was asked for, 0 to 1.")
    answer = models.JSONField(null=True, help_text="The noisy counts, stored once.")
    debited_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name_plural = "ledger entries"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["snapshot", "spec_hash"], name="a_question_is_paid_once_per_snapshot"),
            models.CheckConstraint(condition=Q(rho__gt=0), name="every_answer_costs"),
        ]

    def __str__(self) -> str:
        return f"{self.spec_hash[:12]} ρ {self.rho:.4g}"


class Draft(models.Model):
    """A release on its way: proposed, checked, signed, and signed again by somebody else. Refusals stay on record."""

    class State(models.TextChoices):
        PREPARING = "preparing", _("being prepared")
        REFUSED = "refused", _("refused")
        HELD = "held", _("held")
        PROPOSED = "proposed", _("ready to sign")
        SIGNED = "signed", _("waits for the second signature")
        PUBLISHED = "published", _("published")
        DROPPED = "dropped", _("dropped")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey("engagement.Round", models.PROTECT, related_name="release_drafts")
    snapshot = models.ForeignKey(Snapshot, models.PROTECT, related_name="drafts")
    specs = models.JSONField()
    entries = models.ManyToManyField(LedgerEntry, related_name="drafts")
    verdict = models.JSONField(default=dict, help_text="Every check with its outcome, words and figures.")
    document = models.JSONField(default=dict, help_text="What will be published; empty when refused.")
    state = models.CharField(max_length=9, choices=State, default=State.PREPARING)
    fraction = models.FloatField(help_text="Share of the whole budget that each table may cost.")
    proposed_by = models.ForeignKey("engagement.User", models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField(default=timezone.now)
    signed_by = models.ForeignKey("engagement.User", models.PROTECT, null=True, blank=True, related_name="+")
    signed_at = models.DateTimeField(null=True, blank=True)
    supersedes = models.ForeignKey("privacy.Release", models.PROTECT, null=True, blank=True, related_name="+")
    public_on = models.DateField(
        null=True, blank=True, help_text="Without a second person: announced, and published from this day."
    )

    class Meta:
        ordering = ["-proposed_at"]

    def __str__(self) -> str:
        return f"{self.get_state_display()}: {self.id}"


class SecondSignature(models.TextChoices):
    """Who agrees to a release beside the first officer."""

    OFFICER = "officer", _("another officer")
    WITNESS = "witness", _("an invited outsider")
    DELAY = "delay", _("nobody; it was announced for seven days")


class Release(models.Model):
    """What was published: the signed document, byte for byte. Never edited, only superseded by a later one."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey("engagement.Project", models.PROTECT, related_name="releases")
    round = models.ForeignKey("engagement.Round", models.PROTECT, related_name="releases")
    document = models.TextField(help_text="Canonical JSON-LD with cells, certificate and signature.")
    sha256 = models.CharField(max_length=64, unique=True)
    first_signer = models.ForeignKey("engagement.User", models.PROTECT, related_name="+")
    second_signer = models.ForeignKey("engagement.User", models.PROTECT, null=True, blank=True, related_name="+")
    second_signature = models.CharField(max_length=8, choices=SecondSignature, default=SecondSignature.OFFICER)
    published_at = models.DateTimeField(default=timezone.now)
    supersedes = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="superseded_by",
        help_text="The release it replaces.",
    )

    class Meta:
        ordering = ["-published_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(first_signer=F("second_signer")), name="a_release_is_signed_by_two_different_people"
            ),
            models.CheckConstraint(
                condition=Q(second_signer__isnull=False, second_signature="officer")
                | Q(second_signer__isnull=True, second_signature__in=["witness", "delay"]),
                name="a_second_signature_says_whose_it_is",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.published_at:%Y-%m-%d} {self.id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise ValidationError(_("A published release is never edited. Publish a new one that supersedes it."))
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        raise ValidationError(_("A published release is never deleted: people have read it."))


class Invitation(models.Model):
    """Somebody from outside is asked for the second signature, once, by a link that is stored nowhere."""

    class Answer(models.TextChoices):
        WAITING = "waiting", _("waiting")
        SIGNED = "signed", _("signed")
        DECLINED = "declined", _("declined")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    draft = models.ForeignKey(Draft, models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=120, help_text="As whom they sign, such as “chair of the village association”.")
    invited_by = models.ForeignKey("engagement.User", models.PROTECT, related_name="+")
    expires_on = models.DateField()
    answer = models.CharField(max_length=8, choices=Answer, default=Answer.WAITING)
    reason = models.CharField(max_length=500, blank=True)
    answered_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-expires_on", "id"]

    def __str__(self) -> str:
        return f"{self.role}: {self.get_answer_display()}"


class Exclusion(models.Model):
    """Responses that are left out because they look like robots or duplicates: proposed by one officer, agreed by another.

    ``units`` are pseudonyms, which leave when somebody withdraws; ``count`` is public and stays.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    round = models.ForeignKey("engagement.Round", models.PROTECT, related_name="exclusions")
    units = models.JSONField(default=list)
    count = models.PositiveIntegerField()
    reason = models.CharField(max_length=500)
    proposed_by = models.ForeignKey("engagement.User", models.PROTECT, related_name="+")
    proposed_on = models.DateField(default=timezone.localdate)
    agreed_by = models.ForeignKey("engagement.User", models.PROTECT, null=True, blank=True, related_name="+")
    agreed_on = models.DateField(null=True, blank=True)
    dropped = models.BooleanField(default=False)

    class Meta:
        ordering = ["-proposed_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(proposed_by=F("agreed_by")), name="responses_are_left_out_by_two_different_people"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="responses_are_left_out_with_a_reason"),
            models.CheckConstraint(condition=Q(count__gte=1), name="an_exclusion_leaves_something_out"),
        ]

    def __str__(self) -> str:
        return f"{self.count} of {self.round_id}"
