"""A day with a time of day, by the wall clock of the place that is asked about."""

from __future__ import annotations

import re
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from surveys.ir import Form, Question
from surveys.question_types.date import Date
from surveys.question_types.registry import QuestionType, Unclean, Value, question_type
from surveys.question_types.time import Time


@question_type
class DateTime(QuestionType):
    kind = "date_time"
    xlsform = "dateTime"
    template = "surveys/questions/date_time.html"
    samples = [
        ("2026-11-22T16:30", "2026-11-22T16:30", "2026-11-22T16:30"),
        ("2026-11-22 16.30", "2026-11-22T16:30", "2026-11-22T16:30"),
        ("", None, ""),
    ]

    def clean(self, given: object, question: Question, form: Form) -> Value | None:
        written = str(given).strip()
        if written == "":
            return None
        day, _separator, time = re.sub(r"[T\s]+", " ", written).partition(" ")
        try:
            clean_day, clean_time = Date().clean(day, question, form), Time().clean(time, question, form)
        except Unclean:
            clean_day = clean_time = None
        if clean_day is None or clean_time is None:
            raise Unclean(_("Please write a day and a time as 2026-11-22 16:30."))
        return f"{clean_day}T{clean_time}"

    def words(self, value: Value, question: Question, form: Form) -> str:
        return date_format(datetime.fromisoformat(value), "DATETIME_FORMAT")
