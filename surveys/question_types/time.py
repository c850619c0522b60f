"""A time of day, without a zone: the wall clock of the place that is asked about."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from surveys.ir import Form, Question
from surveys.question_types.registry import QuestionType, Unclean, Value, question_type

WRITTEN = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)(?::[0-5]\d.*)?", re.ASCII)


@question_type
class Time(QuestionType):
    kind = "time"
    xlsform = "time"
    template = "surveys/questions/time.html"
    samples = [("7.30", "07:30", "07:30"), ("16:05:00.000+02:00", "16:05", "16:05"), ("", None, "")]

    def clean(self, given: object, question: Question, form: Form) -> Value | None:
        written = str(given).strip()
        if written == "":
            return None
        found = WRITTEN.fullmatch(written)
        if found is None:
            raise Unclean(_("Please write a time as 16:30."))
        return f"{int(found[1]):02}:{found[2]}"
