"""Options of a list put in an order. Without JavaScript each option gets a number."""

from __future__ import annotations

from django.utils.translation import gettext as _

from surveys.ir import Form, Question
from surveys.question_types.registry import Posted, QuestionType, Unclean, Value, question_type
from surveys.question_types.select_multiple import chosen
from surveys.question_types.select_one import label_of


@question_type
class Rank(QuestionType):
    kind = "rank"
    xlsform = "rank"
    template = "surveys/questions/rank.html"
    counted = "rank"
    samples = [(["b", "a"], ["b", "a"], "b a"), ("b a", ["b", "a"], "b a"), ([], None, "")]

    def posted(self, fields: Posted, name: str) -> object:
        """The page sends ``option:place`` for every option, with the place left out where none was chosen."""
        pairs = [entry.rpartition(":") for entry in fields.getlist(name)]
        placed = sorted((int(place), option) for option, _colon, place in pairs if place.isdecimal())
        if len({place for place, _option in placed}) < len(placed):
            raise Unclean(_("Please give each place only once."))
        return [option for _place, option in placed]

    def clean(self, given: object, question: Question, form: Form) -> Value | None:
        names = chosen(given)
        if not names:
            return None
        if sorted(names) != sorted({choice.name for choice in form.choices_of(question)}):
            raise Unclean(_("Please give every option a place."))
        return names

    def lexical(self, value: Value) -> str:
        return " ".join(value)

    def words(self, value: Value, question: Question, form: Form) -> str:
        return ", ".join(f"{place}. {label_of(name, question, form)}" for place, name in enumerate(value, start=1))
