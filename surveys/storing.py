"""One response into the database: with what moderators must see, its receipt and the news, or not at all."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction

from engagement import live, moderation, receipts
from surveys import webhooks
from surveys.filling import Filling, Slot
from surveys.ir import Question
from surveys.models import AnswerGeometry, Attachment, ModeratedAnswer, Response
from surveys.question_types.registry import type_of

KIND = "survey"
COUNT_STEP = 10

Part = tuple[Slot, ModeratedAnswer]


@transaction.atomic
def store(response: Response, filling: Filling, code: str, *, before: int) -> None:
    """Everything about one response, or nothing; each table is written once, however much there is.

    ``before``: how many valid responses the round had.

    Raises:
        IntegrityError: the id was stored or withdrawn meanwhile, or the receipt code is another response's.
    """
    response.answers = without_pictures(response.answers)
    response.save(force_insert=True)
    _moderate(response, [_part(response, slot) for slot in filling.slots.values() if _is_moderated(slot)])
    receipts.remember(code, project=response.round.project, round=response.round, kind=KIND)
    announce(response, before + 1)


def _is_moderated(slot: Slot) -> bool:
    question = slot.item
    return (
        isinstance(question, Question) and slot.relevant and slot.node.text != "" and bool(type_of(question).moderated)
    )


def without_pictures(answers: Any) -> Any:
    """The answers with photos named but not carried: their bytes live in attachments."""
    if isinstance(answers, Mapping):
        return {
            key: without_pictures(value) for key, value in answers.items() if not (key == "data" and "type" in answers)
        }
    return [without_pictures(value) for value in answers] if isinstance(answers, list) else answers


def _part(response: Response, slot: Slot) -> Part:
    question = slot.item
    assert isinstance(question, Question)
    return slot, ModeratedAnswer(response=response, key=slot.key, kind=type_of(question).moderated)


def _moderate(response: Response, parts: list[Part]) -> None:
    """Let answers wait for a moderator, their places and photos beside them."""
    if not parts:
        return
    ModeratedAnswer.objects.bulk_create([answer for _slot, answer in parts])
    files = [_attachment(slot, answer) for slot, answer in parts if "data" in _shape(slot)]
    Attachment.objects.bulk_create(files)
    places = [_geometry(slot, answer) for slot, answer in parts if "coordinates" in _shape(slot)]
    AnswerGeometry.objects.bulk_create(places)
    waiting = [(answer.kind, str(answer.pk)) for _slot, answer in parts]
    moderation.enqueue_new(waiting, project=response.round.project, language=response.language)


def _shape(slot: Slot) -> Mapping[str, Any]:
    """A file carries ``data``, a place ``coordinates``, a text neither."""
    return slot.value if isinstance(slot.value, Mapping) else {}


def _attachment(slot: Slot, answer: ModeratedAnswer) -> Attachment:
    content = base64.b64decode(slot.value["data"])
    return Attachment(answer=answer, content_type=slot.value["type"], content=content)


def _geometry(slot: Slot, answer: ModeratedAnswer) -> AnswerGeometry:
    return AnswerGeometry(answer=answer, geometry=GEOSGeometry(json.dumps(slot.value), srid=4326))


def announce(response: Response, count: int) -> None:
    """Tell live viewers the number of responses, in steps of ten: single arrivals would tell who answered when.

    Of two that arrive at once both may count nine, or eleven; then the next one tells the step that was missed.
    """
    step, round_id = count // COUNT_STEP, response.round_id
    if count % COUNT_STEP == 0 or _seen.get(round_id, step) != step:
        reached = {"count": step * COUNT_STEP}
        live.publish(f"results.{response.round.survey_slug}", "results.count", reached)
        told = {"survey": response.round.survey_slug, "round": str(response.round_id), **reached}
        webhooks.tell(response.round.project, "response.received", told)
    _seen[round_id] = step


# The step in which this process last stored a response, by round.
_seen: dict[UUID, int] = {}
