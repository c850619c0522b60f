"""The form as the phone gets it inside the first page: logic as trees, options, messages, and a template per screen."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language

from engagement.languages import pick
from surveys.asking import blank
from surveys.compiling import Compiled, calls, compiled
from surveys.ir import Form, Group, Item, Question
from surveys.locating import named_places, picture_url
from surveys.markup import bare
from surveys.models import Survey
from surveys.phone_words import words
from surveys.question_types.range import steps
from surveys.question_types.registry import type_of
from surveys.screens import is_shown

COLUMNS = {"relevant": "relevant", "constraint": "constraint", "required": "required", "calculation": "calculation",
           "read_only": "readOnly", "choice_filter": "choiceFilter", "default": "default", "count": "count"}  # fmt: skip


def embedded(request: HttpRequest, survey: Survey, *, easy: bool = False) -> dict[str, Any]:
    """The phone's form and screens for a template, in easy words if wished; nothing while the survey is closed."""
    opening = survey.current_opening()
    if opening is None or not opening.round.is_open():
        return {}
    form = opening.version.content
    language = (get_language() or "en").split("-")[0]
    around = {"named_places": named_places(survey.project), "picture_url": picture_url(survey)}
    pages = [
        {
            "key": question.path,
            "html": render_to_string(
                "surveys/_question.html", {"asked": blank(form, question, easy=easy), **around}, request
            ),
        }
        for question in form.questions.values()
        if is_shown(question)
    ]
    return {"phone": phone_form(survey, form, language), "pages": pages, "words": words()}


def phone_form(survey: Survey, form: Form, language: str) -> dict[str, Any]:
    """JSON for ``survey.js``. Texts are in one language: the page's."""
    logic = compiled(form)
    return {
        "slug": survey.slug,
        "version": form.hash,
        "formVersion": form.version,
        "language": language,
        "url": reverse("survey_responses", args=[survey.slug]),
        "items": [_item(item, logic) for item in form.items.values()],
        "choices": {
            name: [
                {"name": choice.name, "label": bare(pick(choice.label)) or choice.name, "data": dict(choice.data)}
                for choice in listed
            ]
            for name, listed in form.choices.items()
        },
        "digests": any({"digest", "randomize"} & calls(tree) for tree in logic.trees.values()),
    }


def _item(item: Item, logic: Compiled) -> dict[str, Any]:
    trees = {name: logic.tree(item, column) for column, name in COLUMNS.items()}
    found: dict[str, Any] = {"path": item.path, **{name: tree for name, tree in trees.items() if tree is not None}}
    if isinstance(item, Group):
        repeated = {"repeats": True, "label": bare(pick(item.label)) or item.name} if item.repeats else {}
        return found | {"group": True} | repeated
    if item.pii != "none":
        # Nobody must tell anything about themselves.
        found.pop("required", None)
        found["personal"] = type_of(item).asks
    found |= {
        "kind": item.kind,
        "label": bare(pick(item.label)) or item.name,
        "asks": type_of(item).asks,
        "shown": is_shown(item),
    }
    if item.list_name:
        found["list"] = item.list_name
    if item.default and not item.dynamic_default:
        found["initial"] = item.default
    return found | _messages(item) | _parameters(item)


def _messages(question: Question) -> dict[str, str]:
    told = {"told": pick(question.constraint_message), "toldRequired": pick(question.required_message)}
    return {name: bare(text) for name, text in told.items() if text}


def _parameters(question: Question) -> dict[str, Any]:
    if question.kind == "range":
        points = [float(point) for point in steps(question)]
        return {"points": points}
    if question.kind == "metadata":
        return {"preload": question.parameters.get("preload", "")}
    return {}
