"""What remains of a receipt code: its keyed hash and the round it belongs to."""

from __future__ import annotations

from django.db import models


class Receipt(models.Model):
    """The *outcome* half of a receipt. Nothing here points to an answer: the *rights* half needs the round's key."""

    digest = models.CharField(max_length=64, unique=True, help_text="HMAC of the code under the site's receipt key.")
    kind = models.CharField(max_length=40, help_text="The registered handler, such as survey.")
    project = models.ForeignKey("engagement.Project", models.CASCADE, related_name="receipts")
    round = models.ForeignKey("engagement.Round", models.CASCADE, null=True, blank=True, related_name="receipts")

    def __str__(self) -> str:
        return f"{self.kind} receipt in {self.project_id}"
