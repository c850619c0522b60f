"""Something to read, not to answer."""

from __future__ import annotations

from surveys.ir import Form, Question
from surveys.question_types.registry import QuestionType, Value, question_type


@question_type
class Note(QuestionType):
    kind = "note"
    xlsform = "note"
    template = "surveys/questions/note.html"
    asks = False
    samples = [("anything", None, "")]

    def clean(self, given: object, question: Question, form: Form) -> Value | None:
        return None
