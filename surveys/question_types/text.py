"""Free text. It waits for a moderator before anybody else reads it."""

from __future__ import annotations

import unicodedata

from django.utils.translation import gettext as _

from surveys.ir import Form, Question
from surveys.question_types.registry import QuestionType, Unclean, Value, question_type

LONGEST = 5_000


@question_type
class Text(QuestionType):
    kind = "text"
    xlsform = "text"
    template = "surveys/questions/text.html"
    moderated = "survey.text"
    samples = [
        ("  The crossing is dark. ", "The crossing is dark.", "The crossing is dark."),
        ("one\r\ntwo\x00", "one\ntwo", "one\ntwo"),
        (" ", None, ""),
    ]

    def clean(self, given: object, question: Question, form: Form) -> Value | None:
        if not isinstance(given, str):
            raise Unclean(_("Please write a text here."))
        text = plain(given)
        if len(text) > LONGEST:
            raise Unclean(_("Please shorten this text to %(most)d characters.") % {"most": LONGEST})
        return text or None


def plain(given: str) -> str:
    """Composed letters, one kind of line end, and no control characters."""
    text = unicodedata.normalize("NFC", given.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(letter for letter in text if letter in "\n\t" or unicodedata.category(letter) != "Cc").strip()
