"""A statement to agree to."""

from __future__ import annotations

from django.utils.translation import gettext as _

from surveys.ir import Form, Question
from surveys.question_types.registry import QuestionType, Unclean, Value, question_type


@question_type
class Acknowledge(QuestionType):
    kind = "acknowledge"
    xlsform = "acknowledge"
    template = "surveys/questions/acknowledge.html"
    samples = [("OK", "OK", "OK"), (True, "OK", "OK"), ("", None, ""), (False, None, "")]

    def clean(self, given: object, question: Question, form: Form) -> Value | None:
        if given in ("", False, None):
            return None
        if given is True or str(given).strip().upper() == "OK":
            return "OK"
        raise Unclean(_("Please tick the box or leave it empty."))

    def words(self, value: Value, question: Question, form: Form) -> str:
        return _("yes")
