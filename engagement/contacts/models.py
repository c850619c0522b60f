"""Who wants to hear something, and what they agreed to. Nothing here knows an answer, a receipt, or an hour."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


def random_id() -> int:
    """Not in the order of arrival: beside numbered answers, the order would tell who wrote what."""
    return secrets.randbits(62) + 1


class Contact(models.Model):
    """An address that somebody left. It goes with its last subscription."""

    id = models.BigIntegerField(primary_key=True, default=random_id, editable=False)
    address = models.EmailField(unique=True, help_text="Lower case.")
    language = models.CharField(max_length=8, default="en")

    def __str__(self) -> str:
        return f"contact {self.pk}"  # not the address: this text may reach a log


class Subscription(models.Model):
    """One thing that a contact wants to hear about. It counts once it was confirmed from the address itself."""

    class Purpose(models.TextChoices):
        OUTCOME = "outcome", _("what was decided")

    id = models.BigIntegerField(primary_key=True, default=random_id, editable=False)
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="subscriptions")
    purpose = models.CharField(max_length=16, choices=Purpose)
    ref = models.CharField(max_length=120, help_text="What it is about in the main database, by its key; no relation.")
    asked_on = models.DateField(default=timezone.localdate)
    letter_on = models.DateField(null=True, blank=True, help_text="When the letter that asks to confirm was sent.")
    confirmed_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact", "purpose", "ref"], name="a_contact_subscribes_once"),
            models.CheckConstraint(
                condition=Q(confirmed_on__isnull=True) | Q(letter_on__isnull=False),
                name="only_who_got_the_letter_can_confirm",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.ref}"


class Consent(models.Model):
    """Proof of what was agreed to: which words, when, and when it ended. Outlives the address, of which only a mark stays."""

    class Ended(models.TextChoices):
        WITHDRAWN = "withdrawn", _("withdrawn")
        FULFILLED = "fulfilled", _("fulfilled")

    id = models.BigIntegerField(primary_key=True, default=random_id, editable=False)
    mark = models.CharField(max_length=64, help_text="HMAC of the address under the site's contact key.")
    purpose = models.CharField(max_length=16, choices=Subscription.Purpose)
    ref = models.CharField(max_length=120)
    wording = models.PositiveSmallIntegerField(help_text="Version of the words that were agreed to.")
    given_on = models.DateField(default=timezone.localdate)
    ended_on = models.DateField(null=True, blank=True)
    ended_by = models.CharField(max_length=9, choices=Ended, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["mark", "purpose", "ref"],
                condition=Q(ended_on__isnull=True),
                name="one_consent_is_open_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, ended_by="") | (Q(ended_on__isnull=False) & ~Q(ended_by="")),
                name="an_ended_consent_says_how",
            ),
        ]

    def __str__(self) -> str:
        return f"consent {self.pk}"
