"""A value worked out from other answers. The server works it out again; nobody types it."""

from __future__ import annotations

from surveys.expressions.values import number_text
from surveys.ir import Form, Question
from surveys.question_types.registry import QuestionType, Value, question_type


@question_type
class Calculate(QuestionType):
    kind = "calculate"
    xlsform = "calculate"
    asks = False
    samples = [("4", "4", "4"), (4.5, "4.5", "4.5"), ("", None, "")]

    def clean(self, given: object, question: Question, form: Form) -> Value | None:
        text = number_text(given) if isinstance(given, (int, float)) and not isinstance(given, bool) else str(given)
        return text or None
