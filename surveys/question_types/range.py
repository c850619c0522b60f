"""A point on a scale from ``start`` to ``end`` in steps, such as 1 to 5."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from surveys.expressions.values import number_text
from surveys.ir import Form, Question
from surveys.question_types.registry import QuestionType, Unclean, Value, question_type

MOST_STEPS = 1_000


def steps(question: Question) -> Sequence[Decimal]:
    """Every point of the scale, from start to end.

    Raises:
        ValueError: start, end and step do not make a scale.
    """
    try:
        start, end, step = (
            Decimal(question.parameters.get(name, fallback))
            for name, fallback in (("start", "1"), ("end", "10"), ("step", "1"))
        )
    except InvalidOperation:
        raise ValueError("start, end and step must be numbers") from None
    step = abs(step) if end >= start else -abs(step)
    if step == 0 or abs((end - start) / step) > MOST_STEPS:
        raise ValueError(f"from {start} to {end} in steps of {step} makes no scale")
    return [start + step * place for place in range(int((end - start) / step) + 1)]


@question_type
class Range(QuestionType):
    kind = "range"
    xlsform = "range"
    template = "surveys/questions/range.html"
    counted = "scale"
    samples = [("3", 3.0, "3"), (1, 1.0, "1"), ("2.0", 2.0, "2"), ("", None, "")]

    def clean(self, given: object, question: Question, form: Form) -> Value | None:
        written = str(given).strip().replace(",", ".")
        if written == "":
            return None
        points = steps(question)
        try:
            if Decimal(written) in points:
                return float(written)
        except InvalidOperation:
            pass
        low, high = sorted((points[0], points[-1]))
        raise Unclean(
            _("Please choose a number from %(low)s to %(high)s.")
            % {"low": number_format(low), "high": number_format(high)}
        )

    def lexical(self, value: Value) -> str:
        return number_text(value)
