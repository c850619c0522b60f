"""A number that may have decimals, written with a point or a comma."""

from __future__ import annotations

import re

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from surveys.expressions.values import number_text
from surveys.ir import Form, Question
from surveys.question_types.registry import QuestionType, Unclean, Value, question_type

MOST = 1e15


@question_type
class Decimal(QuestionType):
    kind = "decimal"
    xlsform = "decimal"
    template = "surveys/questions/decimal.html"
    counted = "number"
    samples = [("2,5", 2.5, "2.5"), ("-0.25", -0.25, "-0.25"), (7, 7.0, "7"), ("", None, "")]

    def clean(self, given: object, question: Question, form: Form) -> Value | None:
        written = re.sub(r"\s", "", str(given)).replace("−", "-").replace(",", ".")
        if written == "" and isinstance(given, str):
            return None
        if isinstance(given, bool) or not re.fullmatch(r"-?(\d+\.?\d*|\.\d+)(e-?\d{1,2})?", written, re.ASCII):
            raise Unclean(_("Please write a number, in digits."))
        if abs(float(written)) > MOST:
            raise Unclean(_("This number is too large."))
        return float(written)

    def lexical(self, value: Value) -> str:
        return number_text(value)

    def words(self, value: Value, question: Question, form: Form) -> str:
        return number_format(self.lexical(value))
