"""A value that the form's author put there, never shown."""

from __future__ import annotations

from surveys.question_types.calculate import Calculate
from surveys.question_types.registry import question_type


@question_type
class Hidden(Calculate):
    kind = "hidden"
    xlsform = "hidden"
