"""The form as we keep it: one immutable tree, whatever it was written in, known by its hash.

XLSForm comes in and goes out (:mod:`surveys.xlsform`), pages and phones are made from it. Expressions stay text here,
as their author wrote them; :mod:`surveys.compiling` parses them. Two forms with the same hash ask the same questions.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, TypeAlias

Texts: TypeAlias = Mapping[str, str]
"""Language code → text."""

UNDETERMINED = "und"
"""The language code (BCP 47) of texts whose author named no language."""

FORMAT = 1


@dataclass(frozen=True)
class Language:
    """A language of the form: its code, and its name as the author wrote it."""

    code: str
    name: str = ""


@dataclass(frozen=True)
class Choice:
    """One option. ``media`` maps image, audio or video to file or pictogram names; ``data`` are further columns."""

    name: str
    label: Texts = field(default_factory=dict)
    easy: Texts = field(default_factory=dict)
    media: Mapping[str, Texts] = field(default_factory=dict)
    data: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """One question, note or calculation. ``path`` is its name with the names of the groups around it.

    Logic is text in the OpenRosa dialect, empty where there is none: ``relevant``, ``constraint``, ``required``,
    ``calculation``, ``read_only``, ``choice_filter``, and ``default`` if ``dynamic_default``.
    ``pii``: none, indirect, direct or special (GDPR Art. 9). ``publish`` and ``scenario`` say what totals may be used for.
    ``attributes`` are columns such as ``body::x`` that other programs understand, kept for them.
    """

    kind: str
    path: str
    label: Texts = field(default_factory=dict)
    hint: Texts = field(default_factory=dict)
    guidance: Texts = field(default_factory=dict)
    easy: Texts = field(default_factory=dict)
    media: Mapping[str, Texts] = field(default_factory=dict)
    list_name: str = ""
    choice_filter: str = ""
    relevant: str = ""
    constraint: str = ""
    constraint_message: Texts = field(default_factory=dict)
    required: str = ""
    required_message: Texts = field(default_factory=dict)
    calculation: str = ""
    default: str = ""
    dynamic_default: bool = False
    read_only: str = ""
    appearance: str = ""
    parameters: Mapping[str, str] = field(default_factory=dict)
    pii: str = "none"
    publish: str = ""
    scenario: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


@dataclass(frozen=True)
class Group:
    """Questions that belong together; with ``repeats``, asked once or more, ``count`` times if that is given."""

    path: str
    children: tuple[Question | Group, ...] = ()
    label: Texts = field(default_factory=dict)
    relevant: str = ""
    appearance: str = ""
    repeats: bool = False
    count: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return self.path.rpartition("/")[2]


Item: TypeAlias = Question | Group


@dataclass(frozen=True, eq=False)
class Form:
    """A whole questionnaire. The first language is the default. Forms are equal when their hashes are."""

    form_id: str
    title: Texts
    children: tuple[Item, ...]
    choices: Mapping[str, tuple[Choice, ...]] = field(default_factory=dict)
    languages: tuple[Language, ...] = (Language(UNDETERMINED),)
    version: str = ""
    style: str = ""
    instance_name: str = ""
    allow_choice_duplicates: bool = False

    @cached_property
    def items(self) -> Mapping[str, Item]:
        """Every question and group by path, in the order of the form."""
        return {item.path: item for item in _walk(self.children)}

    @cached_property
    def questions(self) -> Mapping[str, Question]:
        return {path: item for path, item in self.items.items() if isinstance(item, Question)}

    def choices_of(self, question: Question) -> tuple[Choice, ...]:
        return self.choices.get(question.list_name, ())

    def choice(self, question: Question, name: str) -> Choice | None:
        return next((choice for choice in self.choices_of(question) if choice.name == name), None)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical JSON, 64 hexadecimal characters."""
        canonical = json.dumps(as_json(self), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(canonical.encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Form) and self.hash == other.hash

    def __hash__(self) -> int:
        return hash(self.hash)


def _walk(items: tuple[Item, ...]) -> Iterator[Item]:
    for item in items:
        yield item
        if isinstance(item, Group):
            yield from _walk(item.children)


def as_json(form: Form) -> dict[str, Any]:
    """Plain JSON: only what is set, so that a new field leaves the hash of an old form as it is."""
    return {"format": FORMAT, **_set_fields(form)}


def _set_fields(part: Any) -> dict[str, Any]:
    found = {entry.name: getattr(part, entry.name) for entry in fields(part)}
    return {name: _plain(value) for name, value in found.items() if value and (name, value) != ("pii", "none")}


def _plain(value: Any) -> Any:
    if isinstance(value, (str, bool)):
        return value
    if isinstance(value, tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, Mapping):
        return {key: _plain(entry) for key, entry in value.items()}
    return _set_fields(value)


def from_json(stored: Mapping[str, Any]) -> Form:
    """The form again.

    Raises:
        ValueError: written by a later version of this program.
    """
    if stored.get("format") != FORMAT:
        raise ValueError(f"Forms of format {stored.get('format')!r} are not known here")
    plain = {key: value for key, value in stored.items() if key != "format"}
    plain["children"] = tuple(_item(item) for item in plain.get("children", ()))
    plain["choices"] = {
        name: tuple(Choice(**choice) for choice in choices) for name, choices in plain.get("choices", {}).items()
    }
    plain["languages"] = tuple(Language(**language) for language in plain["languages"])
    plain.setdefault("title", {})
    return Form(**plain)


def _item(stored: Mapping[str, Any]) -> Item:
    if "kind" in stored:
        return Question(**stored)
    return Group(**{**stored, "children": tuple(_item(item) for item in stored.get("children", ()))})
