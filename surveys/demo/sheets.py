"""The demo's questionnaires: sheets that people can read in a text editor, made into the file that officers upload."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from openpyxl import Workbook

FOLDER = Path(__file__).parent
SHEETS = ("survey", "choices", "settings")


def names() -> list[str]:
    """The demo's forms by name."""
    return sorted(path.name for path in FOLDER.iterdir() if (path / "survey.csv").is_file())


def xlsx(name: str) -> bytes:
    """The form ``name`` as an .xlsx file.

    Raises:
        FileNotFoundError: there is no such form.
    """
    workbook = Workbook()
    workbook.remove(workbook.active)
    for sheet in SHEETS:
        with (FOLDER / name / f"{sheet}.csv").open(encoding="utf-8", newline="") as stream:
            page = workbook.create_sheet(sheet)
            for row in csv.reader(stream):
                page.append(row)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()
