"""What could be better about a form before it opens: said per question, never in the way of saving.

Reading level: LIX = words per sentence + 100 × long words (more than 6 letters) per word (C.-H. Björnsson, *Läsbarhet*,
1968). Below 40 is plain in Swedish; English and Finnish newspapers lie near 45 and 60, so each language has its own bound.
LIX says nothing about Arabic, which joins words: no level is given there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from surveys import screens
from surveys.building.shaping import WITH_CHOICES
from surveys.compiling import compiled, references
from surveys.ir import UNDETERMINED, Form, Group, Question
from surveys.markup import bare
from surveys.question_types.registry import type_of

HARD = {"en": 40.0, "sv": 40.0, "fi": 55.0}
FEWEST_WORDS = 12  # a level of fewer words says nothing
LONGEST_LABEL = 140
MOST_MINUTES = 8
LONG_WORD = 6
WORD = re.compile(r"[^\W\d_]+", re.UNICODE)
PERSONAL = frozenset({"direct", "special"})


@dataclass(frozen=True)
class Remark:
    """One thing to look at. ``path`` is empty where it concerns the whole form."""

    path: str
    text: str
    grave: bool = False


def lint(form: Form) -> list[Remark]:
    """Everything to look at, grave things first, in the order of the form."""
    found = [*_problems(form), *_whole(form), *_questions(form), *_personal(form)]
    return sorted(found, key=lambda remark: not remark.grave)


def lix(text: str) -> float | None:
    """The reading level of a text; ``None`` for one too short to tell."""
    words = WORD.findall(text)
    if len(words) < FEWEST_WORDS:
        return None
    sentences = max(len(re.findall(r"[.!?:]+(?:\s|$)", text)), 1)
    return len(words) / sentences + 100 * sum(len(word) > LONG_WORD for word in words) / len(words)


def levels(form: Form) -> dict[str, float]:
    """Reading level of all questions together, per language that LIX fits."""
    found = {}
    for language in form.languages:
        texts = [bare(text) for text in _texts(form, language.code)]
        level = lix(". ".join(text.rstrip(".?! ") for text in texts if text))
        if language.code in HARD and level is not None:
            found[language.code] = level
    return found


def _texts(form: Form, language: str) -> Iterator[str]:
    for question in form.questions.values():
        yield question.label.get(language, "")
        yield question.hint.get(language, "")


def _problems(form: Form) -> Iterator[Remark]:
    """Expressions that cannot be read, names that do not exist, questions that cannot be answered."""
    for problem in compiled(form).problems:
        yield Remark(problem.path, f"{problem.column}: {problem.reason}", grave=True)
    order = list(form.items)
    for (path, column), tree in compiled(form).trees.items():
        late = [name for name in references(tree) if _place(form, name) > order.index(path)]
        if column == "relevant" and late:
            text = _("Its condition needs “%(name)s”, which is asked later: nobody would ever see this question.")
            yield Remark(path, text % {"name": late[0]}, grave=True)
    for question in form.questions.values():
        if question.kind in WITH_CHOICES and not form.choices_of(question):
            yield Remark(question.path, _("It has no options: nobody can answer it."), grave=True)


def _place(form: Form, name: str) -> int:
    return next((at for at, item in enumerate(form.items.values()) if item.name == name), -1)


def _whole(form: Form) -> Iterator[Remark]:
    if not screens.question_count(form):
        yield Remark("", _("This form asks nothing yet."), grave=True)
    if (minutes := screens.minutes(form)) > MOST_MINUTES:
        text = _("It takes about %(minutes)d minutes. After %(most)d many people stop; what could you leave out?")
        yield Remark("", text % {"minutes": minutes, "most": MOST_MINUTES})
    for code, level in levels(form).items():
        if level > HARD[code]:
            text = _("Hard to read in %(language)s: LIX %(level)d, plain is below %(bound)d. Shorter sentences help.")
            yield Remark("", text % {"language": code, "level": round(level), "bound": HARD[code]})


def _questions(form: Form) -> Iterator[Remark]:
    codes = [language.code for language in form.languages if language.code != UNDETERMINED]
    for item in form.items.values():
        shown = isinstance(item, Group) or bool(type_of(item).template)
        missing = [code for code in codes if shown and not item.label.get(code)]
        if missing and (isinstance(item, Question) or item.repeats):
            yield Remark(item.path, _("No text in: %(languages)s.") % {"languages": ", ".join(missing)})
        if not isinstance(item, Question):
            continue
        for choice in form.choices_of(item):
            if lacking := [code for code in codes if not choice.label.get(code)]:
                text = _("Option “%(name)s” has no text in: %(languages)s.")
                yield Remark(item.path, text % {"name": choice.name, "languages": ", ".join(lacking)})
        if longest := [code for code in codes if len(item.label.get(code, "")) > LONGEST_LABEL]:
            text = _("The question is long in: %(languages)s. Put the explanation into the hint.")
            yield Remark(item.path, text % {"languages": ", ".join(longest)})


def _personal(form: Form) -> Iterator[Remark]:
    """Personal data asked before people know what it is about, and data that the law protects most."""
    asked = [question for question in form.questions.values() if screens.is_shown(question) and type_of(question).asks]
    half = len(asked) / 2
    for at, question in enumerate(asked):
        if question.pii in PERSONAL and at < half and len(asked) > 1:
            yield Remark(
                question.path, _("Asks about the person early. Ask it last: people answer more, and know why.")
            )
        if question.pii == "special":
            text = _("Data of special protection (GDPR Art. 9): ask only with a legal ground that the charter names.")
            yield Remark(question.path, text)
