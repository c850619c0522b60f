"""Stored responses put back into words."""

from __future__ import annotations

from datetime import datetime, time

from django.utils import timezone
from django.utils.translation import get_language

from surveys.filling import Filling, Slot
from surveys.ir import Question
from surveys.models import Response
from surveys.question_types.registry import type_of


def worked_through(response: Response) -> Filling:
    """A stored response with its form around it, as of the day it came in, in the reader's language."""
    noon = timezone.make_aware(datetime.combine(response.received_on, time(12)))
    return Filling(response.version.content, response.answers, now=noon, language=get_language() or "en")


def in_words(filling: Filling, slot: Slot) -> str:
    """One answer in the reader's words; empty where there is none."""
    question = slot.item
    assert isinstance(question, Question)
    if slot.node.text == "":
        return ""
    if slot.value is None or slot.node.text != slot.typed:
        return slot.node.text
    return type_of(question).words(slot.value, question, filling.form)
