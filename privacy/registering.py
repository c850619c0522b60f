"""What privacy adds to the registries of the core when the site starts."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from engagement import desk, periodic, receipts, roles
from engagement.desk import DeskEntry
from engagement.models import Receipt
from engagement.receipts import Outcome
from engagement.roles import Role
from privacy import certificate, erasure, models, presenting, publishing, retention, signing

SHOWN_OPTIONS = 3


def register() -> None:
    desk.register(
        DeskEntry(
            "releases", pgettext_lazy("desk", "Releases"), "privacy:desk", (Role.OFFICER,), waiting_drafts, order=40
        )
    )
    receipts.register_outcome(outcomes_of)
    retention.register_core()
    periodic.register("announced releases", timedelta(hours=6), publishing.publish_due)
    periodic.register("retention", timedelta(days=1), retention.run)
    periodic.register("erase again", timedelta(days=1), erasure.erase_again, at_start=True)


def waiting_drafts(user: object) -> int:
    """Drafts that wait for this person's signature: any first one, and second ones that somebody else signed first."""
    mine = models.Draft.objects.filter(round__project__in=roles.projects_of(user, Role.OFFICER))
    first = mine.filter(state=models.Draft.State.PROPOSED).count()
    return first + mine.filter(state=models.Draft.State.SIGNED).exclude(signed_by_id=getattr(user, "pk", None)).count()


def outcomes_of(receipt: Receipt) -> list[Outcome]:
    """The releases of the receipt's round, for everybody who answered in it."""
    if receipt.round_id is None:
        return []
    rows = models.Release.objects.filter(round=receipt.round_id).order_by("published_at")
    return [_outcome(row) for row in rows]


def _outcome(row: models.Release) -> Outcome:
    return Outcome(
        when=timezone.localdate(row.published_at),
        kind="release",
        title=_("The answers were added up"),
        text=_text(row),
        url=f"/releases/{row.pk}/",
    )


def _text(row: models.Release) -> str:
    document = certificate.parse(row.document)
    try:
        certificate.verify(document, signing.register(settings.DATA_DIR))
    except certificate.CertificateRefused as refused:
        return str(refused)
    counted = [question for question in document["questions"] if question["kind"] != "place"]
    tables = [table for table in presenting.tables(document | {"questions": counted}) if not table.group]
    return "\n".join(_summary(table) for table in tables) or _("See what was published.")


def _summary(table: presenting.ShownTable) -> str:
    """“How do you cross?”: On foot 27 % (23 to 31 %), Bike …: the most frequent options only."""
    ranked = sorted(table.rows, key=lambda row: -(row.middle or 0.0))[:SHOWN_OPTIONS]
    said = ", ".join(f"{row.label} {row.share} ({row.range})" for row in ranked if row.middle is not None)
    return f"“{table.title}” {said or _('too few answers to say')}"
