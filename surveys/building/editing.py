"""One question as its author's page sends it: texts of all languages, options, conditions → the form with it changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.text import slugify
from django.utils.translation import gettext as _

from surveys.building import shaping
from surveys.building.conditions import OPERATORS, Condition, Part, expression
from surveys.expressions.dialect import EvaluationError, ExpressionError, parse
from surveys.ir import Choice, Form, Group, Question

TEXTS = ("label", "hint", "easy", "constraint_message")
EXPRESSIONS = ("relevant", "constraint", "calculation", "choice_filter")
PII = ("none", "indirect", "direct", "special")
MOST_PARTS = 4


class Faulty(ValueError):
    """Something typed cannot be used. ``faults``: field → sentence."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__(" ".join(faults.values()))
        self.faults = dict(faults)


def edited(form: Form, path: str, posted: QueryDict) -> tuple[Form, str]:
    """The form with one question as posted, and the path that it has then.

    Raises:
        Faulty: an expression that cannot be read, with the place in it, or a name that cannot be used.
        NoSuchItem: somebody took the question away.
    """
    item = shaping.found(form, path)
    values, faults = _values(form, item, posted)
    name = str(posted.get("name", item.name)).strip()
    if faults:
        raise Faulty(faults)
    form = shaping.change(form, path, **values)
    if isinstance(item, Question) and item.list_name and "choice-count" in posted:
        form = shaping.set_choices(form, item.list_name, _choices(form, item, posted))
    try:
        return shaping.rename(form, path, name)
    except shaping.BadName as bad:
        raise Faulty({"name": str(bad)}) from None


def _values(form: Form, item: Question | Group, posted: QueryDict) -> tuple[dict[str, Any], dict[str, str]]:
    faults: dict[str, str] = {}
    values: dict[str, Any] = {"label": _text(form, item.label, "label", posted), "relevant": _relevant(posted)}
    if isinstance(item, Question):
        values |= {name: _text(form, getattr(item, name), name, posted) for name in TEXTS[1:]}
        values |= {name: posted.get(name, "").strip() for name in EXPRESSIONS[1:] if name in posted}
        values["required"] = "true()" if posted.get("required") else ""
        values["pii"] = posted["pii"] if posted.get("pii") in PII else item.pii
        values["appearance"] = posted.get("appearance", item.appearance).strip()
        values["parameters"] = dict(item.parameters) | {
            name: written for name in ("start", "end", "step") if (written := str(posted.get(name, "")).strip())
        }
    elif item.repeats:
        values["count"] = posted.get("count", item.count).strip()
    for name in (*EXPRESSIONS, "count"):
        if text := values.get(name):
            faults |= _fault(name, text)
    return values, faults


def _text(form: Form, old: Mapping[str, str], name: str, posted: QueryDict) -> dict[str, str]:
    """Texts of the form's languages as posted; those of other languages stay."""
    texts = dict(old)
    for language in form.languages:
        written = str(posted.get(f"{name}-{language.code}", old.get(language.code, ""))).replace("\r\n", "\n").strip()
        texts[language.code] = written
    return {code: text for code, text in texts.items() if text}


def _relevant(posted: QueryDict) -> str:
    """The expert's expression if it is used, else what the simple rows say."""
    if posted.get("expert"):
        return str(posted.get("relevant", "")).strip()
    rows = zip(*(posted.getlist(f"condition-{part}") for part in ("name", "operator", "value")), strict=False)
    parts = tuple(Part(name, operator, value) for name, operator, value in rows if name and operator in OPERATORS)
    joined = "or" if posted.get("condition-joined") == "or" else "and"
    return expression(Condition(parts[:MOST_PARTS], joined))


def _fault(name: str, text: str) -> dict[str, str]:
    try:
        parse(text)
    except ExpressionError as error:
        if error.position is None:
            return {name: error.reason}
        told = _("%(reason)s, at character %(place)d: %(before)s ⟨here⟩ %(after)s")
        before, after = text[: error.position][-20:], text[error.position :][:20]
        where = {"reason": error.reason, "place": error.position + 1, "before": before, "after": after}
        return {name: told % where}
    except EvaluationError as error:
        return {name: str(error)}
    return {}


def _choices(form: Form, question: Question, posted: QueryDict) -> tuple[Choice, ...]:
    """Options in the order of their numbers; a row without any text is none."""
    known = {choice.name: choice for choice in form.choices_of(question)}
    rows: list[tuple[float, Choice]] = []
    for at in range(min(int(posted.get("choice-count", "0") or 0), 200)):
        old = known.get(posted.get(f"choice-{at}-was", ""), Choice(""))
        label = {
            language.code: text
            for language in form.languages
            if (text := posted.get(f"choice-{at}-{language.code}", "").strip())
        }
        if not label or posted.get(f"choice-{at}-remove"):
            continue
        name = old.name or _free(slugify(next(iter(label.values())))[:24], {choice.name for _n, choice in rows})
        picture = posted.get(f"choice-{at}-picture", "")
        media = {**old.media, "image": dict.fromkeys(label, picture)} if picture else dict(old.media)
        rows.append((_number(posted.get(f"choice-{at}-place", ""), at), Choice(name, label, old.easy, media, old.data)))
    return tuple(choice for _place, choice in sorted(rows, key=lambda row: row[0]))


def _free(wanted: str, taken: set[str]) -> str:
    base = wanted.replace("-", "_") or "option"
    return next(name for name in (base, *(f"{base}_{n}" for n in range(2, 999))) if name not in taken)


def _number(written: str, otherwise: int) -> float:
    try:
        return float(written)
    except ValueError:
        return otherwise + 1
