"""A day."""

from __future__ import annotations

import re
from datetime import date

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from surveys.ir import Form, Question
from surveys.question_types.registry import QuestionType, Unclean, Value, question_type

WRITTEN = re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})|(?P<dd>\d{1,2})[./](?P<mm>\d{1,2})[./](?P<yy>\d{4})")


@question_type
class Date(QuestionType):
    kind = "date"
    xlsform = "date"
    template = "surveys/questions/date.html"
    samples = [("2026-11-22", "2026-11-22", "2026-11-22"), ("22.11.2026", "2026-11-22", "2026-11-22"), ("", None, "")]

    def clean(self, given: object, question: Question, form: Form) -> Value | None:
        written = str(given).strip()
        if written == "":
            return None
        found = WRITTEN.fullmatch(written)
        try:
            if found is None:
                raise ValueError
            year, month, day = (
                int(found[short] or found[long]) for short, long in (("y", "yy"), ("m", "mm"), ("d", "dd"))
            )
            return date(year, month, day).isoformat()
        except ValueError:
            raise Unclean(_("Please write a day as 2026-11-22 or 22.11.2026.")) from None

    def words(self, value: Value, question: Question, form: Form) -> str:
        return date_format(date.fromisoformat(value))
