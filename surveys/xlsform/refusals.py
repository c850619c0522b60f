"""What to tell the author of a form that cannot be taken in: sheet, row, column and reason of every fault."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from engagement.problems import Refused


@dataclass(frozen=True)
class Fault:
    """One reason. ``row`` counts as the spreadsheet does, from 1; 0 and empty texts where the fault has no place."""

    reason: str
    sheet: str = ""
    row: int = 0
    column: str = ""

    def __str__(self) -> str:
        where = [
            f"sheet “{self.sheet}”" if self.sheet else "",
            f"row {self.row}" if self.row else "",
            f"column “{self.column}”" if self.column else "",
        ]
        place = ", ".join(part for part in where if part)
        return f"{place[:1].upper()}{place[1:]}: {self.reason}" if place else self.reason


class FormRefused(Refused):
    """The whole form is refused; nothing of it is stored."""

    status = 422
    code = "form-refused"
    title = _("This form cannot be used as it is.")

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        rows = [{"sheet": f.sheet, "row": f.row, "column": f.column, "reason": f.reason} for f in self.faults]
        super().__init__("\n".join(str(fault) for fault in self.faults), faults=rows)
