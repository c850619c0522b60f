"""What a kind of question is, and the registry of all kinds. One file per kind in this package; importing it is enough."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol, TypeAlias

from surveys.ir import Form, Question

Value: TypeAlias = Any
"""A clean answer: what JSON can hold. ``None`` is never one: an unanswered question has no entry."""


class Unclean(ValueError):
    """What was given is no answer to this question; the sentence tells the resident what to do."""


class Posted(Protocol):
    """The fields of a sent page (a ``QueryDict``)."""

    def get(self, key: str, default: Any = None, /) -> Any: ...
    def getlist(self, key: str, default: Any = None, /) -> list[Any]: ...


class QuestionType:
    """One kind of question.

    ``kind`` is its name in the form, ``xlsform`` how XLSForm writes it (the name of the list follows where it has one).
    ``asks``: a person answers it. ``counted``: how the choices enter a release (see ``privacy.snapshot.Column``).
    ``moderated``: the registered kind under which an answer waits for a moderator. ``samples``: what somebody may give,
    the clean answer, and the answer as expressions see it.
    """

    kind: ClassVar[str]
    xlsform: ClassVar[str]
    template: ClassVar[str] = ""
    asks: ClassVar[bool] = True
    counted: ClassVar[Literal["", "one", "many", "scale", "number", "rank"]] = ""
    moderated: ClassVar[str] = ""
    samples: ClassVar[Sequence[tuple[object, Value, str]]] = ()

    def posted(self, fields: Posted, name: str) -> object:
        """What a page without JavaScript sent for this question. May raise ``Unclean``."""
        return fields.get(name, "")

    def clean(self, given: object, question: Question, form: Form) -> Value | None:
        """The answer that is stored, or ``None`` for no answer.

        Raises:
            Unclean: with a sentence for the resident.
        """
        raise NotImplementedError(self.kind)

    def lexical(self, value: Value) -> str:
        """The answer as the XForm data model writes it: what expressions read."""
        return str(value)

    def words(self, value: Value, question: Question, form: Form) -> str:
        """The answer in the reader's words, for the review page and the receipt."""
        return self.lexical(value)


_types: dict[str, QuestionType] = {}


def question_type(found: type[QuestionType]) -> type[QuestionType]:
    """Register a kind. Two files that claim one kind are a mistake."""
    if found.kind in _types:
        raise LookupError(f"{found.kind} is declared twice")
    _types[found.kind] = found()
    return found


@lru_cache(maxsize=1)
def all_types() -> Mapping[str, QuestionType]:
    """Every kind by name, from every file of this package."""
    for module in pkgutil.iter_modules([str(Path(__file__).parent)]):
        importlib.import_module(f"surveys.question_types.{module.name}")
    return dict(sorted(_types.items()))


def type_of(question: Question) -> QuestionType:
    return all_types()[question.kind]
