"""Form → XLSForm. What :func:`write` makes, :func:`surveys.xlsform.reading.read` reads back as an equal form."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from surveys.ir import Choice, Form, Group, Item, Question, Texts
from surveys.question_types.registry import type_of
from surveys.xlsform.languages import header

Cells = dict[str, str]

QUESTION_ORDER = ("type", "name", "label", "hint", "guidance_hint", "easy", "required", "required_message", "relevant",
                  "constraint", "constraint_message", "calculation", "default", "readonly", "choice_filter", "appearance",
                  "parameters", "repeat_count", "pii", "publish", "scenario")  # fmt: skip
CHOICE_ORDER = ("list_name", "name", "label", "easy")


def write(form: Form) -> bytes:
    """An .xlsx file with the sheets survey, choices and settings."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    writer = _Writer(form)
    _fill(workbook.create_sheet("survey"), list(writer.survey(form.children)), QUESTION_ORDER)
    if form.choices:
        _fill(workbook.create_sheet("choices"), list(writer.choices()), CHOICE_ORDER)
    _fill(workbook.create_sheet("settings"), [writer.settings()], ("form_title", "form_id", "version"))
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


class _Writer:
    def __init__(self, form: Form) -> None:
        self.form = form
        self.headers = {language.code: header(language) for language in form.languages}

    def texts(self, column: str, texts: Texts) -> Cells:
        """``label::Finnish (fi)``, or plain ``label`` for texts without a language."""
        named = {self.headers.get(code, code): text for code, text in texts.items()}
        return {f"{column}::{language}" if language else column: text for language, text in named.items()}

    def media(self, media: Mapping[str, Texts]) -> Cells:
        return {key: text for name, files in media.items() for key, text in self.texts(f"media::{name}", files).items()}

    def survey(self, items: Iterable[Item]) -> Iterator[Cells]:
        for item in items:
            if isinstance(item, Question):
                yield _filled(self.question(item))
                continue
            word = "repeat" if item.repeats else "group"
            yield _filled(self.group(item, word))
            yield from self.survey(item.children)
            yield {"type": f"end_{word}"}

    def group(self, group: Group, word: str) -> Cells:
        return {
            "type": f"begin_{word}",
            "name": group.name,
            **self.texts("label", group.label),
            "relevant": group.relevant,
            "appearance": group.appearance,
            "repeat_count": group.count,
            **group.attributes,
        }

    def question(self, question: Question) -> Cells:
        return {
            "type": _type(question),
            "name": question.name,
            **self.texts("label", question.label),
            **self.texts("hint", question.hint),
            **self.texts("guidance_hint", question.guidance),
            **self.texts("easy", question.easy),
            **self.media(question.media),
            "required": _yes(question.required),
            **self.texts("required_message", question.required_message),
            "relevant": question.relevant,
            "constraint": question.constraint,
            **self.texts("constraint_message", question.constraint_message),
            "calculation": question.calculation,
            "default": question.default,
            "readonly": _yes(question.read_only),
            "choice_filter": question.choice_filter,
            "appearance": question.appearance,
            "parameters": " ".join(
                f"{name}={value}" for name, value in question.parameters.items() if name != "preload"
            ),
            "pii": "" if question.pii == "none" else question.pii,
            "publish": question.publish,
            "scenario": question.scenario,
            **question.attributes,
        }

    def choices(self) -> Iterator[Cells]:
        for list_name, choices in self.form.choices.items():
            yield from (_filled({"list_name": list_name, **self.choice(choice)}) for choice in choices)

    def choice(self, choice: Choice) -> Cells:
        texts = {**self.texts("label", choice.label), **self.texts("easy", choice.easy), **self.media(choice.media)}
        return {"name": choice.name, **texts, **choice.data}

    def settings(self) -> Cells:
        form = self.form
        default = self.headers[form.languages[0].code]
        title = dict(form.title)
        main = title.pop(form.languages[0].code, "")
        return _filled(
            {
                "form_title": main,
                "form_id": form.form_id,
                "version": form.version,
                "default_language": default,
                "style": form.style,
                "instance_name": form.instance_name,
                "allow_choice_duplicates": "yes" if form.allow_choice_duplicates else "",
                **self.texts("title", title),
            }
        )


def _type(question: Question) -> str:
    if question.kind == "metadata":
        return question.parameters["preload"]
    word = type_of(question).xlsform
    return f"{word} {question.list_name}" if question.list_name else word


def _yes(expression: str) -> str:
    return "yes" if expression == "true()" else expression


def _filled(cells: Cells) -> Cells:
    return {column: text for column, text in cells.items() if text}


def _fill(sheet: Worksheet, rows: Sequence[Cells], order: Sequence[str]) -> None:
    columns = sorted({column for row in rows for column in row}, key=lambda column: _rank(column, order))
    for place, column in enumerate(columns, start=1):
        sheet.cell(1, place, column)
        for number, row in enumerate(rows, start=2):
            if text := row.get(column, ""):
                cell = sheet.cell(number, place)
                cell.value = text
                # A text that begins with “=” is a constraint or a label here, never a formula.
                cell.data_type = "s"
    sheet.freeze_panes = "A2"


def _rank(column: str, order: Sequence[str]) -> tuple[int, str]:
    base = column.partition("::")[0]
    return (order.index(base) if base in order else len(order), column)
