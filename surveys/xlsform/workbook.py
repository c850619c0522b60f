"""The spreadsheet behind a form: opened with care, our own columns taken out, and every row found again by its path."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from openpyxl import load_workbook
from pyxform.xls2json_backends import DefinitionData, get_xlsform

from surveys.xlsform.refusals import Fault, FormRefused

LARGEST_BYTES = 5 * 1024 * 1024
MOST_UNPACKED_BYTES = 60 * 1024 * 1024
MOST_ROWS = 20_000

# Columns of ours that other programs need not understand: (column, language or "") → text.
OWN_QUESTION_COLUMNS = frozenset({"easy", "pii", "publish", "scenario"})
OWN_CHOICE_COLUMNS = frozenset({"easy"})
OWN_SETTINGS_COLUMNS = frozenset({"title"})

ALIASES = {
    "relevant": ("relevant", "relevance", "bind::relevant", "bind:relevant"),
    "constraint": ("constraint", "bind::constraint", "bind:constraint"),
    "required": ("required", "bind::required", "bind:required"),
    "calculation": ("calculation", "calculate", "bind::calculate", "bind:calculate"),
    "read_only": ("read_only", "readonly", "bind::readonly", "bind:readonly"),
    "count": ("repeat_count", "count", "jr:count"),
    "name": ("name", "value", "tag"),
    "type": ("type", "command"),
}

QUOTED = re.compile(r"'[^']+'|\$\{[^}]+\}")

OwnTexts = Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class Row:
    """One row of the survey sheet: its number as the spreadsheet counts, its cells, and our own columns."""

    number: int
    cells: Mapping[str, str] = field(default_factory=dict)
    own: OwnTexts = field(default_factory=dict)

    def header(self, column: str) -> str:
        """The column's name as the author wrote it, for messages."""
        written = {header.lower(): header for header in self.cells}
        return next((written[alias] for alias in ALIASES.get(column, (column,)) if alias in written), column)


@dataclass
class Workbook:
    """The sheets as pyxform reads them, and what we took out of them first."""

    sheets: DefinitionData
    rows: Mapping[str, Row]
    choices: Mapping[tuple[str, str], OwnTexts]
    settings: OwnTexts

    def mentioned(self, message: str) -> tuple[int, str]:
        """Row and column of the first cell that a message without a place quotes; 0 and nothing if there is none."""
        quoted = [found.strip("'") for found in QUOTED.findall(message)]
        for row in self.rows.values():
            for column, text in row.cells.items():
                if any(part == text or ("${" in part and part in text) for part in quoted):
                    return row.number, column
        return 0, ""

    def included(self) -> list[Row]:
        """Rows that ask for another form's questions, which would have to lie beside this one."""
        return [
            row for row in self.rows.values() if row.cells.get(row.header("type"), "").lower().startswith("include")
        ]

    def row(self, path: str) -> Row:
        """The row of an item; of its namesake where pyxform made several items of one row."""
        name = path.rpartition("/")[2]
        namesakes = (row for known, row in self.rows.items() if known.rpartition("/")[2] == name)
        return self.rows.get(path) or next(namesakes, Row(0))

    def as_dict(self) -> dict[str, Any]:
        return {slot: getattr(self.sheets, slot) for slot in DefinitionData.__slots__}


def opened(data: bytes) -> Workbook:
    """The workbook of an uploaded file.

    Raises:
        FormRefused: too large, or no spreadsheet that can be read.
    """
    _check_size(data)
    try:
        sheets = get_xlsform(data)
    except Exception as error:
        # The readers of three formats raise whatever they meet in a damaged file.
        reason = f"This file cannot be read as a spreadsheet (.xlsx or .xls): {brief(error)}"
        raise FormRefused(_odd_headers(data) or [Fault(reason)]) from error
    if len(sheets.survey or ()) + len(sheets.choices or ()) > MOST_ROWS:
        raise FormRefused([Fault(f"A form may have {MOST_ROWS} rows at most.")])
    rows = {path: Row(number, cells, own) for path, number, cells, own in _located(sheets)}
    choices = {key: own for key, own in _own_of_choices(sheets) if own}
    settings = _taken(next(iter(sheets.settings or ()), {}), OWN_SETTINGS_COLUMNS)
    for headers, own in (
        (sheets.survey_header, OWN_QUESTION_COLUMNS),
        (sheets.choices_header, OWN_CHOICE_COLUMNS),
        (sheets.settings_header, OWN_SETTINGS_COLUMNS),
    ):
        _taken(next(iter(headers or ()), {}), own)
    return Workbook(sheets, rows, choices, settings)


def _odd_headers(data: bytes) -> list[Fault]:
    """Headers that are numbers or dates, on which pyxform stumbles without a word."""
    if data[:2] != b"PK":
        return []
    try:
        workbook = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        first_rows = [(sheet.title, next(sheet.iter_rows(max_row=1, values_only=True), ())) for sheet in workbook]
    except Exception:
        return []  # so damaged that the first error says more
    return [
        Fault(f"the header “{header}” is no text; write the name of a column", name, 1, str(header))
        for name, headers in first_rows
        if name.lower() in DefinitionData.__slots__
        for header in headers
        if header is not None and not isinstance(header, str)
    ]


def brief(error: BaseException) -> str:
    """The first sentence of an error, on one line, without an address of a manual."""
    text = re.sub(r"\s*Learn more: \S+|:? \{'.*\}", "", " ".join(str(error).split()))
    return text[:300] or type(error).__name__


def _check_size(data: bytes) -> None:
    if len(data) > LARGEST_BYTES:
        raise FormRefused([Fault("This file is larger than 5 MB. Remove pictures and unused sheets.")])
    if not data:
        raise FormRefused([Fault("This file is empty.")])
    if data[:2] == b"PK":
        try:
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                unpacked = sum(member.file_size for member in archive.infolist())
        except (zipfile.BadZipFile, OSError, ValueError) as error:
            raise FormRefused([Fault("This file is damaged. Save it again as .xlsx.")]) from error
        if unpacked > MOST_UNPACKED_BYTES:
            raise FormRefused([Fault("This file unfolds to more than 60 MB. Remove unused rows, columns and sheets.")])


def _located(sheets: DefinitionData) -> Iterator[tuple[str, int, Mapping[str, str], OwnTexts]]:
    """Every named row by path, with our own columns taken out of it."""
    groups: list[str] = []
    for number, cells in enumerate(sheets.survey or (), start=2):
        own = _taken(cells, OWN_QUESTION_COLUMNS)
        written = {header.lower(): str(text).strip() for header, text in cells.items()}
        kind = _cell(written, "type").lower().replace("_", " ")
        name = _cell(written, "name")
        if kind.startswith("end") and kind.split()[-1:] != ["end"]:
            groups = groups[:-1]
            continue
        if name:
            yield "/".join([*groups, name]), number, dict(cells), own
        if kind.startswith("begin"):
            groups.append(name)


def _cell(written: Mapping[str, str], column: str) -> str:
    return next((written[alias] for alias in ALIASES[column] if alias in written), "")


def _own_of_choices(sheets: DefinitionData) -> Iterator[tuple[tuple[str, str], OwnTexts]]:
    for cells in sheets.choices or ():
        written = {header.lower(): str(text).strip() for header, text in cells.items()}
        list_name = next((written[key] for key in ("list_name", "list name") if key in written), "")
        yield (list_name, _cell(written, "name")), _taken(cells, OWN_CHOICE_COLUMNS)


def _taken(cells: Any, columns: frozenset[str]) -> OwnTexts:
    """Remove our own columns from a row (pyxform stumbles over their languages) and return their texts."""
    found = {}
    for header in list(cells):
        column, _separator, language = str(header).partition("::")
        if column.strip().lower() in columns:
            text = cells.pop(header)
            found[column.strip().lower(), language.strip()] = str(text or "").strip()
    return found
