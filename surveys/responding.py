"""The one road by which a response comes in: from the page, the JSON door, and later ODK.

Limits → known id → withdrawn → round open → every answer cleaned → relevance, calculations, constraints and required
answers worked out again → stored whole in one transaction, with what moderators must see, the receipt and the news.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.gis.geos import GEOSGeometry
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from engagement import live, moderation, receipts
from engagement.models import Project
from engagement.receipts import BadReceipt
from privacy.identity import pseudonym
from surveys import refusals
from surveys.cleaning import clean_answers
from surveys.filling import Filling, Slot
from surveys.ir import Form, Question
from surveys.models import AnswerGeometry, Attachment, ModeratedAnswer, Opening, Response, Survey, Tombstone
from surveys.question_types.registry import type_of

KIND = "survey"
COUNT_STEP = 10


@dataclass(frozen=True)
class Sent:
    """A response as it arrives. ``answers``: path → what was given; ``code``: the receipt code made before sending.

    ``filled_on`` is the day on the phone's calendar, for forms that ask about today; ``version`` is the hash of the
    form that was asked, empty if unknown.
    """

    id: UUID
    answers: Mapping[str, Any]
    code: str
    language: str = "en"
    filled_on: date | None = None
    version: str = ""


@dataclass(frozen=True)
class Accepted:
    """The stored response; ``created`` is False when it had been received before."""

    response: Response
    created: bool


def accept(survey: Survey, sent: Sent) -> Accepted:
    """Take a response in, once.

    Sending the same response again gives the stored one back; the five posts that arrive at once store one row.

    Raises:
        NotAResponse: wrong shape, too large, or an impossible receipt code.
        DifferentContent: the id holds other answers.
        ResponseWithdrawn: it was withdrawn.
        SurveyClosed, SurveyChanged: outside a round, or other questions than those that are open.
        AnswersRefused: with a sentence per question.
    """
    digest = content_hash(sent)
    code = _receipt_code(sent.code)
    if (known := known_response(sent.id, digest)) is not None:
        return Accepted(known, created=False)
    opening = open_opening(survey, sent.version)
    form = opening.version.content
    filling = checked(form, sent, now=_moment(sent, opening))
    response = Response(
        id=sent.id,
        round=opening.round,
        version=opening.version,
        answers=filling.answers(),
        pseudonym=pseudonym(opening.round.pk, code),
        content_hash=digest,
        language=sent.language[:8],
    )
    try:
        _store(response, filling, survey, code)
    except IntegrityError:
        # Another post of the same response was quicker, or the receipt code belongs to somebody else's.
        if (known := known_response(sent.id, digest)) is None:
            raise refusals.DifferentContent(_("This receipt code is already in use. Please start again.")) from None
        return Accepted(known, created=False)
    return Accepted(response, created=True)


def known_response(response_id: UUID, digest: str) -> Response | None:
    """The stored response with this id and content.

    Raises:
        DifferentContent: the id holds something else.
        ResponseWithdrawn: it was withdrawn.
    """
    if Tombstone.objects.filter(pk=grave(response_id)).exists():
        raise refusals.ResponseWithdrawn(_("You withdrew this response with its receipt code. It stays deleted."))
    known = Response.objects.filter(pk=response_id).select_related("round").first()
    if known is not None and known.content_hash != digest:
        raise refusals.DifferentContent(
            _("The first version was kept. To change it, withdraw it with its receipt code.")
        )
    return known


def grave(response_id: UUID) -> str:
    return hashlib.sha256(f"withdrawn response {response_id}".encode()).hexdigest()


def open_opening(survey: Survey, version: str = "") -> Opening:
    """The opening in which one can answer now.

    Raises:
        SurveyClosed: with the days of the round, so that people know when.
        SurveyChanged: the phone asked another version.
    """
    opening = survey.current_opening()
    now = timezone.now()
    if opening is None or opening.round.opens_at > now:
        raise refusals.SurveyClosed(_("It has not opened yet. Your answers were not sent; please come back later."))
    if not opening.round.is_open(now):
        closed = timezone.localtime(opening.round.closes_at)
        raise refusals.SurveyClosed(
            _("It closed on %(day)s. Your answers were not sent.") % {"day": f"{closed:%d.%m.%Y}"}
        )
    if version and version != opening.version.hash:
        raise refusals.SurveyChanged(_("Please open the survey again. Answers to questions that stayed are kept."))
    return opening


def content_hash(sent: Sent) -> str:
    """Identity of what was sent, whatever order its answers stand in. The receipt code is part of it.

    Raises:
        NotAResponse: too large, or not JSON.
    """
    if not isinstance(sent.answers, Mapping):
        raise refusals.NotAResponse(_("Answers are a map from question to answer."))
    try:
        written = json.dumps([sent.answers, sent.language, sent.code], sort_keys=True, ensure_ascii=False)
    except (TypeError, ValueError):
        raise refusals.NotAResponse(_("These answers cannot be read.")) from None
    return hashlib.sha256(written.encode(errors="surrogatepass")).hexdigest()


def _receipt_code(code: str) -> str:
    try:
        return receipts.normalise(code)
    except BadReceipt as bad:
        raise refusals.NotAResponse(bad.detail) from None


def _moment(sent: Sent, opening: Opening) -> datetime:
    """The moment for ``today()``: the phone's day if it lies within the round, since an offline answer is older."""
    now = timezone.localtime()
    first, last = timezone.localtime(opening.round.opens_at).date(), now.date() + timedelta(days=1)
    if sent.filled_on is None or not first <= sent.filled_on <= last:
        return now
    return now.replace(year=sent.filled_on.year, month=sent.filled_on.month, day=sent.filled_on.day)


def checked(form: Form, sent: Sent, *, now: datetime) -> Filling:
    """The response worked through.

    Raises:
        AnswersRefused: with all that is wrong, so that it can be mended in one go.
        NotAResponse: too large, or answers to questions that do not exist.
    """
    answers, errors = clean_answers(form, sent.answers)
    filling = Filling(form, answers, now=now, language=sent.language)
    errors = {key: told for key, told in errors.items() if key not in filling.slots or filling.slots[key].relevant}
    errors = {**filling.errors(), **errors}
    if errors:
        raise refusals.AnswersRefused(errors)
    return filling


@transaction.atomic
def _store(response: Response, filling: Filling, survey: Survey, code: str) -> None:
    """Everything about one response, or nothing."""
    kept = [slot for slot in filling.slots.values() if _is_moderated(slot)]
    pictures = {slot.key: slot.value for slot in kept if slot.item.kind == "image"}  # type: ignore[union-attr]
    response.answers = without_pictures(response.answers)
    response.save(force_insert=True)
    # After the insert: it waited for a withdrawal of the same id that was under way, so its tombstone is visible now.
    if Tombstone.objects.filter(pk=grave(response.pk)).exists():
        raise refusals.ResponseWithdrawn(_("You withdrew this response with its receipt code. It stays deleted."))
    for slot in kept:
        _moderate(response, slot, pictures.get(slot.key), survey.project)
    receipts.remember(code, project=survey.project, round=response.round, kind=KIND)
    announce(survey, response)


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


def _moderate(response: Response, slot: Slot, picture: Any, project: Project) -> None:
    """Let one answer wait for a moderator, its place or photo beside it."""
    kind = type_of(slot.item).moderated  # type: ignore[arg-type]
    answer = ModeratedAnswer.objects.create(response=response, key=slot.key, kind=kind)
    if picture is not None:
        content = base64.b64decode(picture["data"])
        Attachment.objects.create(answer=answer, content_type=picture["type"], content=content)
    elif kind == "survey.point":
        AnswerGeometry.objects.create(answer=answer, geometry=GEOSGeometry(json.dumps(slot.value), srid=4326))
    moderation.enqueue(kind, str(answer.pk), project=project, language=response.language)


def announce(survey: Survey, response: Response) -> None:
    """Tell live viewers the number of responses, in steps of ten: single arrivals would tell who answered when."""
    count = Response.objects.valid().filter(round=response.round).count()
    if count and count % COUNT_STEP == 0:
        live.publish(f"results.{survey.slug}", "results.count", {"count": count})
