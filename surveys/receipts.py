"""The rights half of a survey's receipt: what was given and what became of it, a copy of it, and its end."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from engagement import moderation
from engagement.languages import pick
from engagement.models import Receipt
from engagement.receipts import Gift, GiftItem, Onward, WithdrawalReport
from privacy import erasure, tombstones
from privacy.identity import pseudonym
from surveys import correcting, keeping, removing
from surveys.drafts import COOKIE_SECONDS
from surveys.filling import Filling, Slot
from surveys.ir import Question
from surveys.models import ModeratedAnswer, Response, Tombstone, grave
from surveys.refusals import ResponseWithdrawn
from surveys.storing import KIND
from surveys.views.page import COOKIE
from surveys.wording import in_words, worked_through


class SurveyReceipts:
    """Finds the response by the receipt code's pseudonym under the round's key; without that key nobody can."""

    kind = KIND

    def gifts(self, code: str, receipt: Receipt) -> list[Gift]:
        """The response question by question, each with its ruling if it was moderated."""
        response = _response(code, receipt)
        if response is None:
            return [Gift(_("Your answers"), _gone(receipt), None, "withdrawn")]
        filling = worked_through(response)
        rulings = {answer.key: answer for answer in response.moderated.all()}
        items = [_item(filling, slot, rulings.get(slot.key)) for slot in filling.slots.values() if _is_shown(slot)]
        return [Gift(str(response.version.survey), "", response.received_on, "counted", items)]

    def export(self, code: str, receipt: Receipt) -> Mapping[str, Any]:
        """All that is stored of the response, photos included (GDPR Art. 15 and 20)."""
        response = _response(code, receipt)
        if response is None:
            raise ResponseWithdrawn(_("You withdrew this response. Nothing of it is left to download."))
        photos = {
            answer.key: f"data:{answer.attachment.content_type};base64,{base64.b64encode(answer.attachment.content).decode()}"
            for answer in response.moderated.filter(attachment__isnull=False).select_related("attachment")
        }
        return {
            "survey": response.version.survey.slug,
            "form": response.version.hash,
            "received_on": response.received_on.isoformat(),
            "language": response.language,
            "answers": response.answers,
            "photos": photos,
        }

    def why_not_correct(self, code: str, receipt: Receipt) -> str:
        response = _response(code, receipt)
        return _("Nothing is left to correct.") if response is None else correcting.why_not(response)

    def begin_correction(self, code: str, receipt: Receipt) -> Onward:
        response = _response(code, receipt)
        if response is None:
            raise ResponseWithdrawn(_("You withdrew this response. Nothing of it is left to correct."))
        writing, slug = correcting.begin(response, code), response.version.survey.slug
        start = reverse("surveys:start", args=[slug])
        return Onward(reverse("surveys:review", args=[slug]), COOKIE, writing.token, start, COOKIE_SECONDS)

    @transaction.atomic
    def withdraw(self, code: str, receipt: Receipt) -> WithdrawalReport:
        """Delete the response and everything that hangs on it. What was added up and released before stands."""
        response = _response(code, receipt)
        if response is None:
            raise ResponseWithdrawn(_("This response was withdrawn before. Nothing of it is left."))
        # The marks first: a post of the same response that arrives now waits for us and then finds the one, and a crash
        # or an old backup meets the other.
        tombstones.bury(KIND, grave(response.pk))
        Tombstone.objects.get_or_create(pk=grave(response.pk))
        gone = removing.remove(response, "withdrawn")
        deleted = [_("All your answers")]
        deleted += [_("Your photos")] if gone.photos else []
        deleted += [_("Your places on the map")] if gone.places else []
        deleted += [_("Your row in the answers that were frozen to be added up")] if gone.snapshots else []
        return WithdrawalReport(deleted + gone.told, erasure.what_stands(response.round))


def _response(code: str, receipt: Receipt) -> Response | None:
    """Raises KeyDestroyed once the round's key is gone."""
    assert receipt.round is not None, "a survey's receipt belongs to a round"
    mine = Response.objects.filter(round=receipt.round, pseudonym=pseudonym(receipt.round.pk, code))
    return mine.select_related("round__project", "version__survey").first()


def _gone(receipt: Receipt) -> str:
    if receipt.round is not None and keeping.are_over(receipt.round):
        return _("Their time was over. They were deleted, as was announced.")
    return _("You withdrew them. They were deleted.")


def _is_shown(slot: Slot) -> bool:
    return isinstance(slot.item, Question) and slot.item.kind not in {"hidden", "note"} and slot.node.text != ""


def _item(filling: Filling, slot: Slot, moderated: ModeratedAnswer | None) -> GiftItem:
    question = slot.item
    assert isinstance(question, Question)
    value, label = in_words(filling, slot), filling.text_of(pick(question.label), slot) or question.name
    if moderated is None:
        return GiftItem(label, value)
    return GiftItem(label, value, moderated.state, moderation.ruling_for(moderated.kind, str(moderated.pk)))
