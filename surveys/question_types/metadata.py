"""What data collectors record about the device or the hour. Here days only, and nothing at all about the device.

XLSForm's ``start``, ``end`` and ``today`` become the day of the answer, since an exact time would tell whose answer it
is; ``deviceid``, ``username`` and their like stay empty.
"""

from __future__ import annotations

from surveys.ir import Form, Question
from surveys.question_types.registry import QuestionType, Value, question_type

DAYS = frozenset({"start", "end", "today"})


@question_type
class Metadata(QuestionType):
    """``parameters["preload"]`` is XLSForm's name of it."""

    kind = "metadata"
    xlsform = "today"
    asks = False
    samples = [("2026-11-22", None, "")]

    def clean(self, given: object, question: Question, form: Form) -> Value | None:
        return None
