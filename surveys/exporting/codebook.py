"""What the columns of an export mean: question, kind, options, conditions, and how personal it is."""

from __future__ import annotations

from surveys.exporting.tables import Cell, Table, harmless
from surveys.ir import Form, Texts

HEADERS: list[Cell] = ["table", "column", "kind", "label", "options", "relevant", "constraint", "required", "calculation", "pii",
           "publish", "scenario"]  # fmt: skip


def rows(form: Form, tables: list[Table]) -> list[list[Cell]]:
    """One row per column of every table; texts in every language of the form."""
    found: list[list[Cell]] = []
    for table in tables:
        for column in table.columns:
            question = column.question
            options = "; ".join(f"{choice.name} = {_texts(choice.label)}" for choice in form.choices_of(question))
            facts = [
                table.name, column.header, question.kind, _texts(question.label),
                column.option or options, question.relevant, question.constraint, question.required,
                question.calculation, question.pii, question.publish, question.scenario,
            ]  # fmt: skip
            found.append([harmless(fact) for fact in facts])
    return found


def _texts(texts: Texts) -> str:
    return " | ".join(f"{code}: {text}" for code, text in texts.items())
