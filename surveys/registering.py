"""What surveys add to the registries of the core and of privacy when the site starts."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from engagement import desk, erasing, moderation, periodic, receipts
from engagement.roles import Role
from privacy import excluding, snapshot, tombstones
from surveys import counts, keeping, releases, removing, webhooks
from surveys.doubting import SurveyDoubts
from surveys.exporting import copying
from surveys.field_models import HeldSubmission
from surveys.moderating import KINDS
from surveys.openrosa import submissions
from surveys.question_types.registry import all_types
from surveys.receipts import SurveyReceipts
from surveys.storing import KIND

PROVIDERS = (counts,)


def register() -> None:
    """Idempotent. Reads every file of question types, so that a faulty one stops the start, not a resident."""
    all_types()
    for kind in KINDS:
        moderation.register_kind(kind)
    receipts.register_handler(SurveyReceipts())
    snapshot.register_source("survey", releases.read)
    excluding.register_source("survey", SurveyDoubts())
    keeping.register()
    tombstones.register(KIND, removing.remove_again)
    erasing.register_holder("surveys.copies", copying.note_for_holders)
    erasing.register_holder("surveys.webhooks", webhooks.tell_of_erasure)
    periodic.register("surveys.webhooks", timedelta(minutes=1), webhooks.deliver_due, wanted=webhooks.is_anything_due)
    periodic.register("surveys.files-of-copies", timedelta(hours=1), copying.remove_old_files)
    periodic.register(
        "surveys.unfinished-submissions",
        timedelta(hours=6),
        submissions.finish_waiting,
        wanted=HeldSubmission.objects.exists,
    )
    desk.register(desk.DeskEntry("surveys", _("Surveys"), "surveys:desk", (Role.OFFICER,), order=20))
