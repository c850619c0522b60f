"""Small forms for tests, written as people write them: XLSForm sheets as tables of text."""

from __future__ import annotations

import io

from openpyxl import Workbook

from surveys.ir import Form
from surveys.xlsform.reading import Imported, read


def xlsx(**sheets: str) -> bytes:
    """An .xlsx file of sheets written as ``a | b`` lines; the first line holds the headers."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    for name, table in sheets.items():
        page = workbook.create_sheet(name)
        for line in table.strip().splitlines():
            page.append([cell.strip() or None for cell in line.split("|")])
        for cell in (cell for row in page.iter_rows() for cell in row if cell.value is not None):
            cell.data_type = "s"  # a text that begins with “=” is no formula
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def imported(survey: str, choices: str = "", settings: str = "") -> Imported:
    sheets = {"survey": survey, "choices": choices, "settings": settings}
    return read(xlsx(**{name: table for name, table in sheets.items() if table}))


def form(survey: str, choices: str = "", settings: str = "") -> Form:
    return imported(survey, choices, settings).form
