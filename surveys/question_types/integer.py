"""A whole number."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

from surveys.ir import Form, Question
from surveys.question_types.registry import QuestionType, Unclean, Value, question_type

MOST = 2**31 - 1  # what every client of the XForm data model can hold


@question_type
class Integer(QuestionType):
    kind = "integer"
    xlsform = "integer"
    template = "surveys/questions/integer.html"
    counted = "number"
    samples = [("12", 12, "12"), (-3, -3, "-3"), ("1 200", 1200, "1200"), (4.0, 4, "4"), ("", None, "")]

    def clean(self, given: object, question: Question, form: Form) -> Value | None:
        written = re.sub(r"\s", "", str(given)).replace("−", "-")
        if written == "" and isinstance(given, str):
            return None
        whole = re.fullmatch(r"(-?\d{1,12})(?:\.0+)?", written, re.ASCII)
        if whole is None or isinstance(given, bool):
            raise Unclean(_("Please write a whole number, in digits."))
        if abs(int(whole[1])) > MOST:
            raise Unclean(_("This number is too large."))
        return int(whole[1])
