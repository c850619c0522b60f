"""From what arrived to clean answers: every question known, every answer of its kind, nothing too large."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from surveys import refusals
from surveys.ir import Form, Group, Question
from surveys.question_types.registry import Unclean, type_of

MOST_CHARACTERS = 400_000  # of all answers together, photos apart
MOST_PHOTOS = 12


def clean_answers(form: Form, given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Clean answers, and sentences about those that are none.

    Raises:
        NotAResponse: too large, or answers to questions that do not exist.
    """
    cleaner = _Cleaner(form)
    clean = cleaner.scope(given, "", "")
    return clean, cleaner.errors


class _Cleaner:
    def __init__(self, form: Form) -> None:
        self.form = form
        self.errors: dict[str, list[str]] = {}
        self.characters = self.photos = 0

    def scope(self, given: Mapping[str, Any], path: str, key: str) -> dict[str, Any]:
        """Answers of the whole response, or of one turn of the repeated group at ``path``."""
        clean: dict[str, Any] = {}
        for local, value in given.items():
            item = self.form.items.get(f"{path}/{local}" if path else str(local))
            here = f"{key}/{local}" if key else str(local)
            if isinstance(item, Question):
                answer = self.answer(item, value, here)
                clean |= {} if answer is None else {local: answer}
            elif isinstance(item, Group) and item.repeats and isinstance(value, list):
                clean[local] = [self.turn(item, turn, f"{here}/{place}") for place, turn in enumerate(value, start=1)]
            else:
                raise refusals.NotAResponse(_("There is no question called “%(name)s”.") % {"name": here[:100]})
        return clean

    def turn(self, group: Group, given: object, key: str) -> dict[str, Any]:
        if not isinstance(given, Mapping):
            raise refusals.NotAResponse(_("Each turn of “%(name)s” is a map of answers.") % {"name": group.name})
        return self.scope(given, group.path, key)

    def answer(self, question: Question, given: object, key: str) -> Any:
        if given is None:
            return None
        self.weigh(question, given)
        try:
            return type_of(question).clean(given, question, self.form)
        except Unclean as unclean:
            self.errors[key] = [str(unclean)]
            return None

    def weigh(self, question: Question, given: object) -> None:
        """Count what arrives before any work is done on it."""
        if question.kind == "image":
            self.photos += 1
        else:
            self.characters += len(str(given))
        if self.characters > MOST_CHARACTERS or self.photos > MOST_PHOTOS:
            raise refusals.NotAResponse(_("These answers are too large. Please send fewer photos or shorter texts."))
