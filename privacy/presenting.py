"""A release document as pages show it: shares in words with their range, and where to draw the bar."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from engagement.geo import metres_per_degree
from engagement.languages import pick
from engagement.places import describe
from privacy import certificate
from privacy.designs import SCORED

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
class ShownBox:
    """One rectangle of the map, on a drawing 100 wide; ``ink`` from 0 to 1 says how many per square kilometre."""

    x: float
    y: float
    wide: float
    high: float
    ink: float


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
    kind: str = ""
    boxes: tuple[ShownBox, ...] = ()
    height: float = 0.0
    order: str = ""
    """Which options cannot be told apart in their order; empty where all can."""

    @property
    def title(self) -> str:
        return pick(self.label) or self.name


def tables(document: Json) -> list[ShownTable]:
    """All tables of a release in the order of the document, in the active language."""
    return [table for question in document.get("questions", []) for table in _tables(question, document)]


def titles(document: Json) -> list[str]:
    """What a release is about: its questions, each once."""
    return list(dict.fromkeys(pick(question["label"]) or question["name"] for question in document["questions"]))


def duplicates(document: Json) -> str:
    """What the certificate says about duplicates, in the active language; empty where nobody could look."""
    said = document["certificate"]["answers"].get("duplicate_risk", "")
    level = next((level for level, text in certificate.DUPLICATE_RISK.items() if text == said), "")
    return {
        "none": _("No responses were suspiciously alike. Nobody knows persons here."),
        "some": _("A few responses were suspiciously alike. Nobody knows persons here."),
        "many": _("Many responses were suspiciously alike: read these figures with care. Nobody knows persons here."),
    }.get(level, "")


def _tables(question: Json, document: Json) -> Iterator[ShownTable]:
    if question["kind"] == "place":
        yield _places(question, document)
        return
    labels = {option["value"]: option["label"] for option in question["options"]}
    scale = question.get("scale")
    groups = question["strata"] or [{"value": None, "label": {}}]
    for group in groups:
        cells = [cell for cell in document["cells"] if _belongs(cell, question, group["value"])]
        yield ShownTable(
            name=question["name"],
            by=question["by"] or "",
            label=question["label"],
            group=pick(group["label"]) or group["value"] or "",
            rows=tuple(_row(cell, labels[cell["option"]], question["kind"], scale) for cell in cells),
            n=cells[0]["n"] if cells else 0,
            mean=_mean(question) if question["kind"] == "scale" else "",
            kind=question["kind"],
            order="" if question["kind"] == "scale" else _order(cells, labels, lowest_first=question["kind"] == "rank"),
        )


def _places(question: Json, document: Json) -> ShownTable:
    """Areas with the densest first, each by an address near its middle, and a drawing of them."""
    cells = {cell["option"]: cell for cell in document["cells"] if _belongs(cell, question, None)}
    density = {
        option["value"]: max(0, cells[option["value"]]["count"]) / option["km2"] for option in question["options"]
    }
    ranked = sorted(question["options"], key=lambda option: -density[option["value"]])
    west, south, east, north = question["frame"]
    east_m, north_m = metres_per_degree((south + north) / 2)
    per_degree, down = 100 / (east - west), north_m / east_m
    densest = max(density.values(), default=0) or 1.0
    boxes = tuple(
        ShownBox(
            round((left - west) * per_degree, 2),
            round((north - top) * per_degree * down, 2),
            round((right - left) * per_degree, 2),
            round((top - bottom) * per_degree * down, 2),
            round(math.sqrt(density[option["value"]] / densest), 2),
        )
        for option in ranked
        for left, bottom, right, top in option["boxes"]
    )
    return ShownTable(
        name=question["name"],
        by="",
        label=question["label"],
        group="",
        rows=tuple(_row(cells[option["value"]], _near(option), "place", None) for option in ranked),
        n=next(iter(cells.values()))["n"] if cells else 0,
        mean="",
        kind="place",
        boxes=boxes,
        height=round((north - south) * per_degree * down, 2),
    )


def _near(option: Json) -> dict[str, str]:
    """An area in words, in the active language: its size and an address near the middle of its first square."""
    left, bottom, right, top = option["boxes"][0]
    size = number_format(option["km2"], 2 if option["km2"] < 1 else 1)
    said = _("%(size)s km² %(place)s") % {"size": size, "place": describe((left + right) / 2, (bottom + top) / 2)}
    return {get_language() or "en": said}


def _belongs(cell: Json, question: Json, group: str | None) -> bool:
    return bool(cell["question"] == question["name"] and cell["by"] == question["by"] and cell["stratum"] == group)


def _row(cell: Json, texts: Mapping[str, str], kind: str, scale: Json | None) -> ShownRow:
    known = cell["estimate"] is not None
    figures = [cell[part] for part in ("low", "estimate", "high")]
    low, middle, high = (_percent(_within(figure, scale)) if known else None for figure in figures)
    said, told = _words(figures, kind) if known else (_("too few answers to say"), "")
    return ShownRow(
        label=pick(texts) or (_("Mean") if kind == "number" else cell["option"]),
        texts=texts,
        share=said,
        range=told,
        low=low,
        middle=middle,
        high=high,
        count=cell["count"],
        count_error95=cell["count_error95"],
    )


def _words(figures: list[float], kind: str) -> tuple[str, str]:
    """The middle, and the range, in words."""
    if kind in SCORED:
        low, middle, high = (number_format(figure, 1) for figure in figures)
        said = _("place %(place)s on average") % {"place": middle} if kind == "rank" else middle
        return said, _("%(low)s to %(high)s") % {"low": low, "high": high}
    low, middle, high = (_number(_percent(figure)) for figure in figures)
    return _("%(share)s %%") % {"share": middle}, _("%(low)s to %(high)s %%") % {"low": low, "high": high}


def _within(figure: float, scale: Json | None) -> float:
    """A figure as a part of its scale, 0 to 1."""
    return figure if scale is None else (figure - scale["low"]) / max(scale["high"] - scale["low"], 1e-9)


def _order(cells: Sequence[Json], labels: Mapping[str, Mapping[str, str]], *, lowest_first: bool) -> str:
    """Neighbours in the order of the figures whose ranges overlap: nobody may read a ranking out of noise."""
    known = [cell for cell in cells if cell["estimate"] is not None]
    ranked = sorted(known, key=lambda cell: cell["estimate"] if lowest_first else -cell["estimate"])
    groups: list[list[int]] = []
    for place in range(len(ranked) - 1):
        first, second = ranked[place], ranked[place + 1]
        if first["low"] <= second["high"] and second["low"] <= first["high"]:
            if groups and groups[-1][-1] == place:
                groups[-1].append(place + 1)
            else:
                groups.append([place, place + 1])
    return " ".join(_uncertain(group, [_name(ranked[place], labels) for place in group]) for group in groups)


def _uncertain(group: list[int], names: list[str]) -> str:
    facts = {"first": group[0] + 1, "last": group[-1] + 1, "names": ", ".join(names)}
    return _("The rank order of options %(first)d–%(last)d is uncertain: %(names)s.") % facts


def _name(cell: Json, labels: Mapping[str, Mapping[str, str]]) -> str:
    return pick(labels[cell["option"]]) or str(cell["option"])


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
