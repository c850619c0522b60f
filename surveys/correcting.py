"""A resident changes what was sent: the answers go back into a draft, and come in again as a new version of the response.

The receipt code opens the response for one replacement. What is sent then under the same id and the same code goes the
way of every response (``responding.accept``); the old version leaves in the same transaction, or nothing changes.
"""

from __future__ import annotations

import base64
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.problems import Refused
from privacy.identity import pseudonym
from privacy.models import Snapshot
from surveys import drafts, removing
from surveys.drafts import Writing
from surveys.models import OpenToCorrection, Response, a_day_from_now


class CannotCorrect(Refused):
    status = 409
    code = "cannot-correct"
    title = gettext_lazy("This answer can no longer be corrected.")


def why_not(response: Response) -> str:
    """Why the response cannot be corrected now; empty when it can."""
    if not response.round.is_open():
        day = date_format(timezone.localdate(response.round.closes_at))
        return _("The survey closed on %(day)s. You can still withdraw your answer.") % {"day": day}
    if response.state != Response.State.VALID:
        return _("This response was left out of the count, so it cannot be changed any more.")
    frozen = Snapshot.objects.filter(round=response.round).order_by("frozen_on").first()
    if frozen is not None:
        day = date_format(frozen.frozen_on)
        return _("The answers were frozen on %(day)s to be added up. You can still withdraw yours.") % {"day": day}
    return ""


@transaction.atomic
def begin(response: Response, code: str) -> Writing:
    """A draft filled with the answers; the response is open for one replacement.

    Raises:
        CannotCorrect: with the reason.
    """
    if reason := why_not(response):
        raise CannotCorrect(reason)
    OpenToCorrection.objects.update_or_create(response=response, defaults={"expires_at": a_day_from_now()})
    survey = response.version.survey
    writing = drafts.begin(survey)
    writing.response_id, writing.code, writing.answers = str(response.pk), code, _with_photos(response)
    drafts.save(survey, writing)
    return writing


def make_room(response_id: UUID, code: str) -> bool:
    """Let the old version go if its holder asked to correct it. Inside the transaction that stores the new one.

    Returns:
        False when this id is not open to correction with this code.

    Raises:
        CannotCorrect: something happened since the resident began.
    """
    waiting = OpenToCorrection.objects.filter(response_id=response_id, expires_at__gt=timezone.now())
    if not waiting.exists():
        return False
    old = (
        Response.objects.select_for_update(of=("self",)).select_related("round__project").filter(pk=response_id).first()
    )
    if old is None or old.pseudonym != pseudonym(old.round_id, code):
        return False
    if reason := why_not(old):
        raise CannotCorrect(reason)
    removing.remove(old, "corrected")
    return True


def _with_photos(response: Response) -> dict[str, Any]:
    """The answers as they were sent: pictures carry their bytes again."""
    answers = dict(response.answers)
    kept = response.moderated.filter(attachment__isnull=False).select_related("attachment")
    for answer in kept:
        if answer.key in answers:
            data = base64.b64encode(bytes(answer.attachment.content)).decode()
            answers[answer.key] = {"type": answer.attachment.content_type, "data": data}
    return answers
