"""Fields of the builder's pages: languages side by side, options, conditions. After a refusal they show what was typed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from engagement.languages import direction, pick
from surveys.building.conditions import Part
from surveys.ir import Choice

register = template.Library()


def _typed(context: Context, name: str, stored: str) -> str:
    typed = context.get("typed")
    return str(typed.get(name, stored)) if typed is not None else stored


@register.simple_tag(takes_context=True)
def text_fields(context: Context, name: str, title: str) -> SafeString:
    """A text in each language of the form, side by side."""
    stored = getattr(context["item"], name)
    fields = [
        (code, name, code, title, code, name, code, name, code, code, direction(code), _typed(context, f"{name}-{code}", stored.get(code, "")))
        for code in (language.code for language in context["languages"])
    ]  # fmt: skip
    body = format_html_join(
        "",
        '<div class="field"><label for="{1}-{2}"><span class="visually-hidden">{3}: </span>{4}</label>'
        '<textarea id="{5}-{6}" name="{7}-{8}" rows="2" lang="{9}" dir="{10}">{11}</textarea></div>',
        fields,
    )
    return format_html(
        '<fieldset class="field"><legend>{}</legend><div class="grid sides">{}</div></fieldset>', title, body
    )


@register.simple_tag(takes_context=True)
def plain_field(context: Context, name: str, stored: str | None, title: str) -> SafeString:
    """One line of text; the sentence about what is wrong stands with it."""
    told = context["faults"].get(name, "")
    error = format_html('<ul class="errors" id="{}-error"><li>{}</li></ul>', name, told) if told else ""
    marks = format_html(' aria-invalid="true" aria-describedby="{}-error"', name) if told else ""
    return format_html(
        '<div class="field"><label for="field-{0}">{1}</label>{2}<input id="field-{0}" name="{0}" value="{3}" dir="auto" spellcheck="false"{4}></div>',
        name, title, error, _typed(context, name, stored or ""), marks,
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def choice_fields(context: Context, at: int, choice: Choice | None) -> SafeString:
    """One option: its place, its text in each language, its picture, whether it goes."""
    label = choice.label if choice else {}
    texts = format_html_join(
        "",
        '<input name="choice-{}-{}" aria-label="{}" placeholder="{}" lang="{}" dir="{}" value="{}">',
        [
            (
                at,
                code,
                _("Option %(n)d, %(code)s") % {"n": at + 1, "code": code},
                code,
                code,
                direction(code),
                _typed(context, f"choice-{at}-{code}", label.get(code, "")),
            )
            for code in (language.code for language in context["languages"])
        ],
    )
    picture = pick(choice.media.get("image", {})) if choice else ""
    options = _options([("", _("no picture")), *((name, name) for name in context["pictograms"])], picture)
    return format_html(
        '<div class="option-row"><input type="hidden" name="choice-{0}-was" value="{1}"><input class="tiny" name="choice-{0}-place" value="{2}" inputmode="numeric" aria-label="{3}">'
        '{4}<select name="choice-{0}-picture" aria-label="{5}">{6}</select><label class="check"><input type="checkbox" name="choice-{0}-remove" value="yes"> <span>{7}</span></label></div>',
        at, choice.name if choice else "", at + 1, _("Place of option %(n)d") % {"n": at + 1}, texts,
        _("Picture of option %(n)d") % {"n": at + 1}, options, _("Remove"),
    )  # fmt: skip


@register.simple_tag(takes_context=True)
def condition_fields(context: Context, number: int, part: Part | None) -> SafeString:
    """One comparison: which answer, how, with what."""
    names = [("", "–"), *((question.name, pick(question.label) or question.name) for question in context["earlier"])]
    words = {"is": _("is"), "is_not": _("is not"), "chosen": _("contains the option"), "more": _("is more than"),
             "less": _("is less than"), "answered": _("was answered")}  # fmt: skip
    operators = [(name, words[name]) for name in context["operators"]]
    return format_html(
        '<p class="row condition"><select name="condition-name" aria-label="{}">{}</select><select name="condition-operator" aria-label="{}">{}</select>'
        '<input name="condition-value" value="{}" aria-label="{}" dir="auto"></p>',
        _("Condition %(n)d: answer to") % {"n": number}, _options(names, part.name if part else ""),
        _("Condition %(n)d: how") % {"n": number}, _options(operators, part.operator if part else "is"),
        part.value if part else "", _("Condition %(n)d: value") % {"n": number},
    )  # fmt: skip


def _options(pairs: Sequence[tuple[Any, Any]], chosen: str) -> SafeString:
    rows = [(value, mark_safe(" selected") if value == chosen else "", text) for value, text in pairs]
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)
