"""A form being made: questions and groups added, changed, moved and taken away. Forms in, forms out; nothing is stored."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from surveys.compiling import QUESTION_LOGIC, REFERENCE
from surveys.expressions.lexer import NAME
from surveys.ir import Choice, Form, Group, Item, Language, Question
from surveys.question_types.registry import all_types

GROUP, REPEAT = "group", "repeat"
WITH_CHOICES = frozenset({"select_one", "select_multiple", "rank"})
NAMED = re.compile(NAME)
TEXTS = ("label", "hint", "easy", "constraint_message", "required_message", "guidance")


class NoSuchItem(LookupError):
    """The form has no question or group of this path: somebody took it away."""


class BadName(ValueError):
    """A name that expressions could not call; the sentence says what to do."""


def blank(form_id: str, title: Mapping[str, str], languages: tuple[str, ...] = ("en",)) -> Form:
    """A form that asks nothing yet."""
    return set_languages(Form(slugify(form_id) or "survey", dict(title), ()), list(languages))


def kinds() -> list[str]:
    """What an officer can add."""
    return [found.kind for found in all_types().values() if found.template] + [GROUP, REPEAT]


def add(form: Form, kind: str, *, into: str = "") -> tuple[Form, str]:
    """The form with one more question (or group) at the end of ``into``, and its path. Raises NoSuchItem."""
    name = _free_name(form, kind)
    path = f"{into}/{name}" if into else name
    item: Item
    if kind in {GROUP, REPEAT}:
        item = Group(path, repeats=kind == REPEAT)
    elif kind in all_types():
        list_name = name if kind in WITH_CHOICES else ""
        parameters = {"start": "1", "end": "5", "step": "1"} if kind == "range" else {}
        item = Question(kind, path, list_name=list_name, parameters=parameters)
        if list_name:
            form = replace(form, choices={**form.choices, list_name: ()})
    else:
        raise NoSuchItem(kind)
    if not into:
        return replace(form, children=(*form.children, item)), path
    holder = found(form, into)
    if not isinstance(holder, Group):
        raise NoSuchItem(into)
    return _exchanged(form, into, lambda _old: (replace(holder, children=(*holder.children, item)),)), path


def found(form: Form, path: str) -> Item:
    """Raises NoSuchItem."""
    if path not in form.items:
        raise NoSuchItem(path)
    return form.items[path]


def change(form: Form, path: str, **values: Any) -> Form:
    """The form with other values in one question or group. Raises NoSuchItem."""
    item = found(form, path)
    return _exchanged(form, path, lambda _old: (replace(item, **values),))


def remove(form: Form, path: str) -> Form:
    """The form without one question or group, and without a list of choices that nobody uses then."""
    found(form, path)
    left = _exchanged(form, path, lambda _old: ())
    used = {question.list_name for question in left.questions.values()}
    return replace(left, choices={name: listed for name, listed in left.choices.items() if name in used})


def move(form: Form, path: str, step: int) -> Form:
    """The form with an item one place up (-1) or down (+1) among its neighbours; at the end it stays where it is."""
    around = path.rpartition("/")[0]
    found(form, path)
    holder = form.items.get(around)
    siblings = list(holder.children if isinstance(holder, Group) else form.children)
    at = next(place for place, item in enumerate(siblings) if item.path == path)
    to = at + step
    if not 0 <= to < len(siblings):
        return form
    siblings[at], siblings[to] = siblings[to], siblings[at]
    if not isinstance(holder, Group):
        return replace(form, children=tuple(siblings))
    return _exchanged(form, around, lambda _old: (replace(holder, children=tuple(siblings)),))


def rename(form: Form, path: str, name: str) -> tuple[Form, str]:
    """The form with an item called otherwise, also where expressions and texts call it; and its new path.

    Raises:
        BadName: taken, or not made of letters, digits and underscores.
    """
    item = found(form, path)
    if name == item.name:
        return form, path
    if not NAMED.fullmatch(name):
        raise BadName(_("Names begin with a letter and hold letters, digits, “_”, “-” and “.” only."))
    if any(other.name == name for other in form.items.values()):
        raise BadName(_("Another question is called “%(name)s”. Choose another name.") % {"name": name})
    old, new_path = item.name, "/".join([*path.split("/")[:-1], name])
    moved = _exchanged(form, path, lambda one: (_under(one, path, new_path),))
    called = REFERENCE.pattern.replace(NAME, re.escape(old))

    def renamed(text: str) -> str:
        return re.sub(called, f"${{{name}}}", text)

    return replace(moved, children=tuple(_rewritten(child, renamed) for child in moved.children)), new_path


def set_choices(form: Form, list_name: str, choices: tuple[Choice, ...]) -> Form:
    return replace(form, choices={**form.choices, list_name: choices})


def set_languages(form: Form, codes: list[str]) -> Form:
    """The form in these languages, the first of them its default. Texts of others are kept, hidden.

    The others stand in the order of the alphabet, as in a form that comes back from a spreadsheet.
    """
    known = {language.code: language for language in form.languages}
    ordered = dict.fromkeys([*codes[:1], *sorted(codes[1:])])
    return replace(form, languages=tuple(known.get(code, Language(code)) for code in ordered))


def _free_name(form: Form, kind: str) -> str:
    taken = {item.name for item in form.items.values()} | set(form.choices)
    return next(name for name in (f"{kind}_{number}" for number in range(1, 10_000)) if name not in taken)


def _exchanged(form: Form, path: str, exchange: Callable[[Item], tuple[Item, ...]]) -> Form:
    """The form with what stands at ``path`` exchanged for other items."""

    def inside(items: tuple[Item, ...]) -> tuple[Item, ...]:
        result: list[Item] = []
        for item in items:
            if item.path == path:
                result += exchange(item)
            elif isinstance(item, Group) and path.startswith(f"{item.path}/"):
                result.append(replace(item, children=inside(item.children)))
            else:
                result.append(item)
        return tuple(result)

    return replace(form, children=inside(form.children))


def _under(item: Item, old: str, new: str) -> Item:
    """The item with its path, and those of everything in it, beginning otherwise."""
    path = new + item.path[len(old) :]
    if isinstance(item, Group):
        return replace(item, path=path, children=tuple(_under(child, old, new) for child in item.children))
    return replace(item, path=path)


def _rewritten(item: Item, renamed: Callable[[str], str]) -> Item:
    """The item with every expression and text passed through ``renamed``."""
    if isinstance(item, Group):
        children = tuple(_rewritten(child, renamed) for child in item.children)
        return replace(item, children=children, relevant=renamed(item.relevant), count=renamed(item.count))
    logic: dict[str, Any] = {column: renamed(getattr(item, column)) for column in (*QUESTION_LOGIC, "default")}
    texts: dict[str, Any] = {
        name: {code: renamed(text) for code, text in getattr(item, name).items()} for name in TEXTS
    }
    return replace(item, **logic, **texts)
