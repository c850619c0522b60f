"""Submissions of field apps on their way into ``accept``: found survey, gathered files, one response.

Collect cuts a large submission into several posts (``*isIncomplete*``), Enketo sends the document again with each batch
of files. A submission whose files are not all here is held; the last one lets it in. What stays incomplete for a day is
taken in without the missing files, so that answers are not lost with a broken phone.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from lxml import etree

from engagement.problems import Refused
from engagement.receipt_codes import ALPHABET, RANDOM_CHARACTERS, check_character, grouped
from privacy.identity import pseudonym
from surveys import refusals
from surveys.field_models import FieldKey, HeldFile, HeldSubmission
from surveys.models import Opening, Response, Survey, Tombstone, grave
from surveys.openrosa.instances import Instance, answers_of, day_of, file_names, parsed
from surveys.openrosa.xform import version_of
from surveys.responding import Sent, accept, open_opening

HELD = timedelta(days=1)
MOST_FILES = 24


class UnknownKey(Refused):
    status = 404
    code = "unknown-field-key"
    title = gettext_lazy("This address is not known (any more). Ask for the current code and scan it again.")


class WrongForm(Refused):
    status = 409
    code = "wrong-form"
    title = gettext_lazy("These answers belong to another form.")


@dataclass(frozen=True)
class Taken:
    """What became of a post: ``created`` when the response is new; ``missing`` files keep it waiting."""

    created: bool
    code: str = ""
    missing: tuple[str, ...] = ()


def survey_of(token: str) -> Survey:
    """Raises UnknownKey, also for a survey that is not published."""
    key = FieldKey.objects.filter(token=token, survey__project__published=True).select_related("survey__project")
    found = key.first()
    if found is None:
        raise UnknownKey
    return found.survey


def key_of(survey: Survey, *, renew: bool = False) -> FieldKey:
    """The survey's key, made at first use; ``renew`` ends the old one at once."""
    if renew:
        FieldKey.objects.filter(survey=survey).delete()
    return FieldKey.objects.get_or_create(survey=survey)[0]


def submit(
    survey: Survey, document: bytes, files: Mapping[str, bytes], *, language: str, more_to_come: bool = False
) -> Taken:
    """Take one post in.

    Raises:
        Refused: whatever ``accept`` refuses, another form, or a change of what was sent before.
    """
    instance = parsed(document)
    opening = _asked(survey, instance)
    here = dict(files) if more_to_come else _with_held(instance.id, files)
    form = opening.version.content
    missing = sorted(file_names(instance, form) - set(here))
    if (missing or more_to_come) and not _is_known(instance.id):
        return _held(survey, instance.id, document, files, language, tuple(missing))
    taken = _taken(survey, opening, instance, here, language)
    HeldSubmission.objects.filter(pk=instance.id).delete()
    return taken


def finish_waiting() -> dict[str, int]:
    """Take in what has waited a day for files, without them. What is refused now is dropped with its reason logged."""
    taken = refused = 0
    long_ago = timezone.localdate() - HELD
    for held in HeldSubmission.objects.filter(held_on__lt=long_ago).select_related("survey__project"):
        instance = parsed(bytes(held.xml))
        try:
            opening = _asked(held.survey, instance)
            _taken(held.survey, opening, instance, _with_held(held.pk, {}), held.language)
            taken += 1
        except Refused:
            refused += 1
        held.delete()
    return {"taken": taken, "refused": refused}


def _asked(survey: Survey, instance: Instance) -> Opening:
    """The opening in which the answers were asked.

    Raises:
        WrongForm, SurveyChanged, SurveyClosed, DifferentContent.
    """
    if instance.form_id and instance.form_id != survey.slug:
        raise WrongForm(
            _(
                "They were given to “%(given)s”, this address takes “%(taken)s”. Check the address in the app's settings."
            )
            % {"given": instance.form_id[:60], "taken": survey.slug}
        )
    if instance.replaces is not None:
        raise refusals.DifferentContent(
            _("An answer that was sent is not edited here. Withdraw it with its receipt code, then send a new one.")
        )
    stored = Response.objects.filter(pk=instance.id).select_related("round__survey_opening__version").first()
    if stored is not None:
        return stored.round.survey_opening
    opening = survey.current_opening() if _is_known(instance.id) else open_opening(survey)
    if opening is None:
        raise refusals.SurveyClosed
    if instance.version and instance.version != version_of(opening.version.hash):
        raise refusals.SurveyChanged(
            _("Fetch the blank form again, then fill it in once more. What you wrote stays in the app.")
        )
    return opening


def _is_known(response_id: UUID) -> bool:
    """Stored or withdrawn before."""
    graves = Tombstone.objects.filter(pk=grave(response_id))
    return Response.objects.filter(pk=response_id).exists() or graves.exists()


def _taken(survey: Survey, opening: Opening, instance: Instance, files: Mapping[str, bytes], language: str) -> Taken:
    form = opening.version.content
    written = {name: base64.b64encode(content).decode() for name, content in files.items()}
    code = receipt_code(opening.round_id, instance.id)
    answers = answers_of(instance, form, written)
    # The last part may come twice, the second time without the files of the first: the document tells them apart.
    identity = hashlib.sha256(etree.tostring(instance.root, method="c14n")).hexdigest()
    sent = Sent(instance.id, answers, code, language, day_of(instance, form), identity=identity)
    return Taken(accept(survey, sent).created, code)


def receipt_code(round_id: UUID, response_id: UUID) -> str:
    """The receipt code of a response whose app made none: the same for the same response, while the round's key lasts.

    Raises:
        KeyDestroyed: after that nobody, not even we, can tell which code belonged to which response.
    """
    secret = pseudonym(round_id, f"field {response_id}")
    digits = hmac.new(secret.encode(), b"receipt", "sha256").digest()
    body = "".join(ALPHABET[byte % len(ALPHABET)] for byte in digits[:RANDOM_CHARACTERS])
    return grouped(body + check_character(body))


def _with_held(response_id: UUID, files: Mapping[str, bytes]) -> dict[str, bytes]:
    held = HeldFile.objects.filter(submission=response_id).values_list("name", "content")
    return {**{name: bytes(content) for name, content in held}, **files}


@transaction.atomic
def _held(
    survey: Survey,
    response_id: UUID,
    document: bytes,
    files: Mapping[str, bytes],
    language: str,
    missing: tuple[str, ...],
) -> Taken:
    held, _new = HeldSubmission.objects.select_for_update().get_or_create(
        pk=response_id, defaults={"survey": survey, "xml": document, "language": language[:8]}
    )
    if held.survey_id != survey.pk or bytes(held.xml) != document:
        raise refusals.DifferentContent(
            _("Another document was received under this instanceID. The first one was kept.")
        )
    if held.files.count() + len(files) > MOST_FILES:
        raise refusals.NotAResponse(_("Please send fewer files with one answer."))
    for name, content in files.items():
        HeldFile.objects.update_or_create(submission=held, name=name[:255], defaults={"content": content})
    kept = set(held.files.values_list("name", flat=True))
    return Taken(created=True, missing=tuple(name for name in missing if name not in kept) or ("…",))
