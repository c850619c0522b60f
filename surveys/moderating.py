"""Texts, photos and places of responses in the moderators' queue. Choices never come here."""

from __future__ import annotations

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from engagement.languages import pick
from engagement.models import Ruling
from engagement.moderation import Content
from surveys.ir import Question
from surveys.models import ModeratedAnswer
from surveys.wording import in_words, worked_through

State = ModeratedAnswer.State


class SurveyAnswers:
    """One kind of moderated answer. The queue's ``ref`` is the answer's own id, which names no response."""

    def __init__(self, kind: str, label: str | Promise) -> None:
        self.kind = kind
        self.label = label

    def content(self, ref: str) -> Content | None:
        """What the moderator sees: the answer alone, not who else answered what in the same response."""
        answer = _answer(ref)
        if answer is None:
            return None
        response = answer.response
        filling = worked_through(response)
        slot = filling.slots.get(answer.key)
        if slot is None or not isinstance(slot.item, Question):
            return None
        words = in_words(filling, slot)
        return Content(
            text=words if self.kind == "survey.text" else "",
            image_url=reverse("surveys:photo", args=[answer.pk]) if self.kind == "survey.photo" else "",
            place=words if self.kind == "survey.point" else "",
            language=response.language,
            context=filling.text_of(pick(slot.item.label), slot),
            simulated=response.version.survey.project.simulated,
        )

    def apply(self, ref: str, ruling: Ruling | None) -> None:
        """Store what the ruling means: only approved places are drawn and only approved texts and photos are shown."""
        state = State.WAITING if ruling is None else State(ruling.outcome)
        ModeratedAnswer.objects.filter(pk=ref, kind=self.kind).update(state=state)


def _answer(ref: str) -> ModeratedAnswer | None:
    found = ModeratedAnswer.objects.filter(pk=ref)
    return found.select_related("response__version__survey__project").first()


KINDS = (
    SurveyAnswers("survey.text", _("Answer in words")),
    SurveyAnswers("survey.point", _("Place on the map")),
    SurveyAnswers("survey.photo", _("Photo")),
)
