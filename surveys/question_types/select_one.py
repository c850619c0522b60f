"""One option of a list."""

from __future__ import annotations

from django.utils.translation import gettext as _

from engagement.languages import pick
from surveys.ir import Form, Question
from surveys.question_types.registry import QuestionType, Unclean, Value, question_type


@question_type
class SelectOne(QuestionType):
    kind = "select_one"
    xlsform = "select_one"
    template = "surveys/questions/select_one.html"
    counted = "one"
    samples = [("a", "a", "a"), (" b ", "b", "b"), ("", None, "")]

    def clean(self, given: object, question: Question, form: Form) -> Value | None:
        name = str(given).strip()
        if name == "":
            return None
        if form.choice(question, name) is None:
            raise Unclean(_("Please choose one of the options."))
        return name

    def words(self, value: Value, question: Question, form: Form) -> str:
        return label_of(value, question, form)


def label_of(name: str, question: Question, form: Form) -> str:
    """The text of an option in the reader's language, its name where it has no text."""
    choice = form.choice(question, name)
    return (pick(choice.label) if choice else "") or name
