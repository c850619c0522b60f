"""Any number of options of a list."""

from __future__ import annotations

from django.utils.translation import gettext as _

from surveys.ir import Form, Question
from surveys.question_types.registry import Posted, QuestionType, Unclean, Value, question_type
from surveys.question_types.select_one import label_of


@question_type
class SelectMultiple(QuestionType):
    kind = "select_multiple"
    xlsform = "select_multiple"
    template = "surveys/questions/select_multiple.html"
    counted = "many"
    samples = [(["b", "a"], ["a", "b"], "a b"), ("b", ["b"], "b"), ("a b a", ["a", "b"], "a b"), ([], None, "")]

    def posted(self, fields: Posted, name: str) -> object:
        return fields.getlist(name)

    def clean(self, given: object, question: Question, form: Form) -> Value | None:
        """The chosen names, each once, in the order of the list: two people who choose alike answer alike."""
        names = chosen(given)
        if any(form.choice(question, name) is None for name in names):
            raise Unclean(_("Please choose from the options of the list."))
        ordered = [choice.name for choice in form.choices_of(question) if choice.name in names]
        return list(dict.fromkeys(ordered)) or None

    def lexical(self, value: Value) -> str:
        return " ".join(value)

    def words(self, value: Value, question: Question, form: Form) -> str:
        return ", ".join(label_of(name, question, form) for name in value)


def chosen(given: object) -> list[str]:
    """Names of options given as a list, or as a text with spaces between (XForm)."""
    if isinstance(given, str):
        return given.split()
    if isinstance(given, (list, tuple)) and all(isinstance(name, str) for name in given):
        return [name.strip() for name in given if name.strip()]
    raise Unclean(_("Please choose from the options of the list."))
