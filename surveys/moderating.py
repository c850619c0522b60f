"""Texts, photos and places of responses in the moderators' queue. Choices never come here."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from engagement.languages import pick
from engagement.models import Ruling
from engagement.moderation import Content
from privacy.scrubbing import propose
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
        answer = _answers([ref]).first()
        return None if answer is None else self._content(answer, whole=True)

    def contents(self, refs: Sequence[str]) -> dict[str, Content]:
        """What a list of the queue shows: places are named only where one item is open, which costs a search each."""
        read = {str(answer.pk): self._content(answer, whole=False) for answer in _answers(refs)}
        return {ref: content for ref, content in read.items() if content is not None}

    def _content(self, answer: ModeratedAnswer, *, whole: bool) -> Content | None:
        response = answer.response
        filling = worked_through(response)
        slot = filling.slots.get(answer.key)
        if slot is None or not isinstance(slot.item, Question):
            return None
        words = in_words(filling, slot) if whole or self.kind == "survey.text" else ""
        return Content(
            text=words if self.kind == "survey.text" else "",
            proposal=propose(words).text if whole and self.kind == "survey.text" else "",
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


def _answers(refs: Sequence[str]) -> QuerySet[ModeratedAnswer]:
    return ModeratedAnswer.objects.filter(pk__in=refs).select_related("response__version__survey__project")


KINDS = (
    SurveyAnswers("survey.text", _("Answer in words")),
    SurveyAnswers("survey.point", _("Place on the map")),
    SurveyAnswers("survey.photo", _("Photo")),
)
