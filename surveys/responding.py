"""The one road by which a response comes in: from the page, the JSON door, and later ODK.

Limits → known id → withdrawn → round open → every answer cleaned → relevance, calculations, constraints and required
answers worked out again → stored whole in one transaction, with what moderators must see, the receipt and the news.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, connection, transaction
from django.db.models import BooleanField, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone
from django.utils.translation import gettext as _

from engagement import receipts
from engagement.receipts import BadReceipt
from privacy.identity import pseudonym
from surveys import correcting, refusals, storing
from surveys.cleaning import clean_answers
from surveys.filling import Filling
from surveys.ir import Form
from surveys.models import Opening, Response, Survey, Tombstone, current_among, grave

KIND = storing.KIND


@dataclass(frozen=True)
class Sent:
    """A response as it arrives. ``answers``: path → what was given; ``code``: the receipt code made before sending.

    ``filled_on`` is the day on the phone's calendar, for forms that ask about today; ``version`` is the hash of the
    form that was asked, empty if unknown; ``identity`` stands for the answers where their files may come separately.
    """

    id: UUID
    answers: Mapping[str, Any]
    code: str
    language: str = "en"
    filled_on: date | None = None
    version: str = ""
    identity: str = ""


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
    return _accept(Opening.objects.filter(version__survey=survey), sent)


def accept_published(slug: str, sent: Sent) -> Accepted:
    """The same for a door that knows only the survey's name in its address.

    Raises:
        NoSuchSurvey: no published project has one of this name.
    """
    try:
        return _accept(Opening.objects.filter(version__survey__slug=slug, round__project__published=True), sent)
    except refusals.SurveyClosed:
        if not Survey.objects.filter(slug=slug, project__published=True).exists():
            raise refusals.NoSuchSurvey from None
        raise


def _accept(openings: QuerySet[Opening], sent: Sent) -> Accepted:
    """A known id with other answers comes in too, in place of the old ones, when its author asked to correct it."""
    try:
        return _taken_in(openings, sent)
    except refusals.DifferentContent:
        with transaction.atomic():
            if not correcting.make_room(sent.id, _receipt_code(sent.code)):
                raise
            return _taken_in(openings, sent)


def _taken_in(openings: QuerySet[Opening], sent: Sent) -> Accepted:
    digest = content_hash(sent)
    code = _receipt_code(sent.code)
    doorway = _doorway(openings, sent.id)
    if doorway.is_known and (known := known_response(sent.id, digest)) is not None:
        return Accepted(known, created=False)
    opening = _still_open(doorway.opening, sent.version)
    filling = checked(opening.version.content, sent, now=_moment(sent, opening))
    response = Response(
        id=sent.id,
        round=opening.round,
        version=opening.version,
        answers=filling.answers(),
        pseudonym=pseudonym(opening.round.pk, code, read=opening.round),
        content_hash=digest,
        language=sent.language[:8],
    )
    try:
        storing.store(response, filling, code, before=doorway.received)
    except IntegrityError:
        # Another post of the same response was quicker, or the receipt code belongs to somebody else's.
        if (known := known_response(sent.id, digest)) is None:
            raise refusals.DifferentContent(_("This receipt code is already in use. Please start again.")) from None
        return Accepted(known, created=False)
    return Accepted(response, created=True)


@dataclass(frozen=True)
class _Doorway:
    """What one question to the database tells about a response before it is looked at.

    ``is_known``: its id was stored or withdrawn before; ``received``: how many valid responses the round has.
    """

    opening: Opening | None
    is_known: bool = False
    received: int = 0


# Written as SQL: composing these from expressions took a third of the time that a whole response takes.
KNOWN = """EXISTS (SELECT 1 FROM surveys_tombstone WHERE digest = %s)
    OR EXISTS (SELECT 1 FROM surveys_response WHERE id = %s)"""
RECEIVED = """(SELECT COUNT(*) FROM surveys_response
    WHERE surveys_response.round_id = surveys_opening.round_id AND surveys_response.state = %s)"""


def _doorway(openings: QuerySet[Opening], response_id: UUID) -> _Doorway:
    written_id = Response._meta.pk.get_db_prep_value(response_id, connection)
    rows = (
        openings.select_related("round__project", "version__survey")
        .defer("version__form")  # parsed once per process, see SurveyVersion.content
        .annotate(
            known=RawSQL(KNOWN, [grave(response_id), written_id], BooleanField()),  # noqa: S611 - no text of others
            received=RawSQL(RECEIVED, [Response.State.VALID.value]),  # noqa: S611
        )
    )
    found = list(rows.order_by("-round__opens_at"))
    opening: Any = current_among(found)
    if opening is None:
        return _Doorway(None)
    return _Doorway(opening, is_known=bool(opening.known), received=opening.received)


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


def open_opening(survey: Survey, version: str = "") -> Opening:
    """The opening in which one can answer now.

    Raises:
        SurveyClosed: with the days of the round, so that people know when.
        SurveyChanged: the phone asked another version.
    """
    return _still_open(survey.current_opening(), version)


def _still_open(opening: Opening | None, version: str) -> Opening:
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
        written = json.dumps(
            [sent.identity or sent.answers, sent.language, sent.code], sort_keys=True, ensure_ascii=False
        )
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
