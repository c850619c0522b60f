"""A release document as pages show it: shares in words with their range, and where to draw the bar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from engagement.languages import pick

Json = Mapping[str, Any]


@dataclass(frozen=True)
class ShownRow:
    """One option. ``low``, ``middle`` and ``high`` are per cent within 0 to 100, for the bar; None without a share."""

    label: str
    texts: Mapping[str, str]
    share: str
    range: str
    low: float | None
    middle: float | None
    high: float | None
    count: int
    count_error95: int

    @property
    def width(self) -> float:
        return round((self.high or 0.0) - (self.low or 0.0), 1)


@dataclass(frozen=True)
class ShownTable:
    """One table, or one group of a table in groups (then ``group`` names it)."""

    name: str
    by: str
    label: Mapping[str, str]
    group: str
    rows: tuple[ShownRow, ...]
    n: int
    mean: str

    @property
    def title(self) -> str:
        return pick(self.label) or self.name


def tables(document: Json) -> list[ShownTable]:
    """All tables of a release in the order of the document, in the active language."""
    return [table for question in document.get("questions", []) for table in _tables(question, document)]


def _tables(question: Json, document: Json) -> Iterator[ShownTable]:
    labels = {option["value"]: option["label"] for option in question["options"]}
    groups = question["strata"] or [{"value": None, "label": {}}]
    for group in groups:
        cells = [cell for cell in document["cells"] if _belongs(cell, question, group["value"])]
        yield ShownTable(
            name=question["name"],
            by=question["by"] or "",
            label=question["label"],
            group=pick(group["label"]) or group["value"] or "",
            rows=tuple(_row(cell, labels[cell["option"]]) for cell in cells),
            n=cells[0]["n"] if cells else 0,
            mean=_mean(question),
        )


def _belongs(cell: Json, question: Json, group: str | None) -> bool:
    return bool(cell["question"] == question["name"] and cell["by"] == question["by"] and cell["stratum"] == group)


def _row(cell: Json, texts: Mapping[str, str]) -> ShownRow:
    known = cell["estimate"] is not None
    low, middle, high = (_percent(cell[part]) if known else None for part in ("low", "estimate", "high"))
    return ShownRow(
        label=pick(texts) or cell["option"],
        texts=texts,
        share=_("%(share)s %%") % {"share": _number(middle)} if middle is not None else _("too few answers to say"),
        range=_("%(low)s to %(high)s %%") % {"low": _number(low), "high": _number(high)} if known else "",
        low=low,
        middle=middle,
        high=high,
        count=cell["count"],
        count_error95=cell["count_error95"],
    )


def _mean(question: Json) -> str:
    if question["mean"] is None:
        return ""
    mean, error = question["mean"], question["mean_error95"]
    return f"{number_format(mean, 1)} ± {number_format(max(error, 0.05), 1)}"


def _percent(share: float) -> float:
    """Within 0 to 100: the document keeps the unclipped figure, a page does not show −1 %."""
    return round(100 * min(1.0, max(0.0, share)), 1)


def _number(percent: float | None) -> str:
    return number_format(percent or 0.0, 0)
