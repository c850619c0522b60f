"""A photo. Everything but the picture is removed from it twice: on the phone, and here."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Protocol

from django.utils.translation import gettext as _

from surveys.ir import Form, Question
from surveys.photos import LARGEST_BYTES, reencoded
from surveys.question_types.registry import QuestionType, Unclean, Value, question_type

DATA_URL = "data:image/"


class Upload(Protocol):
    """A file of a sent page."""

    size: int

    def read(self) -> bytes: ...


@question_type
class Image(QuestionType):
    """Clean: ``{"type": "image/jpeg", "data": base64}``; :mod:`surveys.responding` moves the data into an attachment."""

    kind = "image"
    xlsform = "image"
    template = "surveys/questions/image.html"
    moderated = "survey.photo"
    samples = [("", None, "")]

    def clean(self, given: object, question: Question, form: Form) -> Value | None:
        if given in ("", None):
            return None
        picture = reencoded(_bytes(given))
        return {"type": "image/jpeg", "data": base64.b64encode(picture).decode()}

    def lexical(self, value: Value) -> str:
        return "photo.jpg"

    def words(self, value: Value, question: Question, form: Form) -> str:
        return _("a photo")


def _bytes(given: object) -> bytes:
    """The file of an uploaded form field, a data URL, or ``{"data": base64}``."""
    if isinstance(given, Mapping) and isinstance(given.get("data"), str):
        written: str = given["data"]
    elif isinstance(given, str) and given.startswith(DATA_URL):
        written = given.partition(",")[2]
    elif hasattr(given, "read"):
        upload: Upload = given  # type: ignore[assignment]
        if upload.size > LARGEST_BYTES:
            raise Unclean(_("This photo is larger than 10 MB. Please choose a smaller one."))
        return upload.read()
    else:
        raise Unclean(_("Please choose a photo."))
    if len(written) > LARGEST_BYTES * 4 / 3 + 4:
        raise Unclean(_("This photo is larger than 10 MB. Please choose a smaller one."))
    try:
        return base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError):
        raise Unclean(_("This photo arrived damaged. Please choose it again.")) from None
