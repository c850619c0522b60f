"""A series as a picture: SVG made on the server, coloured by the style sheet, legible on a phone.

Lines live in an inner picture that stretches with the page; words, dots and gaps in the outer one, by percentages, so
that letters keep their size. The table beside it says the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from sensors import times
from sensors.hourly import Hours
from sensors.phenomena import ObservedProperty
from sensors.quality import HOUR_US

LEFT, RIGHT = 13.0, 99.0  # per cent of the picture's width
TOP, BOTTOM, HEIGHT = 26.0, 216.0, 246  # pixels
INNER_WIDTH = 1000
SHORTEST_GAP_H = 2
LAST_FROM_LEFT = 80.0  # per cent; words further right end at their tick


@dataclass(frozen=True)
class Scale:
    """From hours and values to places in the picture."""

    begins_us: int
    ends_us: int
    low: float
    high: float
    step: float

    def share(self, us: float) -> float:
        return (us - self.begins_us) / max(self.ends_us - self.begins_us, 1)

    def x(self, us: float) -> float:
        """Per cent of the outer picture."""
        return LEFT + self.share(us) * (RIGHT - LEFT)

    def y(self, value: float) -> float:
        """Pixels of either picture, from the top of the outer one."""
        return BOTTOM - (value - self.low) / (self.high - self.low) * (BOTTOM - TOP)


def draw(hours: Hours, measured: ObservedProperty, identity: str) -> SafeString:
    """The picture of a series; empty where there is none. ``identity`` makes the ids in it unique on the page."""
    known = hours.value[~np.isnan(hours.value)]
    if len(known) == 0:
        return mark_safe("")
    scale = _scale(hours, known)
    return format_html(
        '<svg class="chart" width="100%" height="{}" role="img" aria-labelledby="{}-words">'
        '<desc id="{}-words">{}</desc>{}{}{}{}{}</svg>',
        HEIGHT,
        identity,
        identity,
        in_words(hours, measured),
        _gap_boxes(hours, scale),
        _lines_across(scale, measured),
        _days(scale),
        _line(hours, scale),
        _objected(hours, scale),
    )


def in_words(hours: Hours, measured: ObservedProperty) -> str:
    """What one sees in the picture, as sentences."""
    good = hours.value[~np.isnan(hours.value) & ~hours.objected]
    words = [f"{measured.label}, {_day(int(hours.begins_us[0]))} – {_day(int(hours.begins_us[-1]))}."]
    if len(good):
        low, high, middle = (measured.write(float(value)) for value in (good.min(), good.max(), np.median(good)))
        words.append(
            _("Between %(low)s and %(high)s, half of the hours above %(middle)s.")
            % {"low": low, "high": high, "middle": middle}
        )
    objected, silent = int(hours.objected.sum()), int((hours.count == 0).sum())
    if objected:
        words.append(ngettext("%(n)d hour is in doubt.", "%(n)d hours are in doubt.", objected) % {"n": objected})
    if silent:
        words.append(ngettext("%(n)d hour is missing.", "%(n)d hours are missing.", silent) % {"n": silent})
    return " ".join(words)


def gaps(hours: Hours) -> list[tuple[int, int]]:
    """First and last moment (µs) of each stretch of at least two hours without a reading."""
    empty = np.concatenate([[False], hours.count == 0, [False]])
    edges = np.flatnonzero(np.diff(empty.astype(np.int8)))
    return [
        (int(hours.begins_us[first]), int(hours.begins_us[last - 1]) + HOUR_US)
        for first, last in zip(edges[::2], edges[1::2], strict=True)
        if last - first >= SHORTEST_GAP_H
    ]


def _scale(hours: Hours, known: np.typing.NDArray[np.float64]) -> Scale:
    low, high = float(known.min()), float(known.max())
    low = 0.0 if 0 <= low < 0.6 * high else low
    step = _round_step((high - low or abs(high) or 1.0) / 4)
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    return Scale(
        int(hours.begins_us[0]), int(hours.begins_us[-1]) + HOUR_US, low, high if high > low else low + step, step
    )


def _round_step(rough: float) -> float:
    """1, 2 or 5 times a power of ten, not smaller than ``rough``."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough * 0.999)


def _gap_boxes(hours: Hours, scale: Scale) -> SafeString:
    boxes = (
        (f"{scale.x(first):.2f}", f"{scale.x(last) - scale.x(first):.2f}", TOP, BOTTOM - TOP)
        for first, last in gaps(hours)
    )
    return format_html_join("", '<rect class="c-gap" x="{}%" width="{}%" y="{}" height="{}"/>', boxes)


def _lines_across(scale: Scale, measured: ObservedProperty) -> SafeString:
    count = round((scale.high - scale.low) / scale.step)
    decimals = max(0, -math.floor(math.log10(scale.step)))
    rows = []
    for index in range(count + 1):
        value = scale.low + index * scale.step
        y = f"{scale.y(value):.1f}"
        written = number_format(value, decimal_pos=decimals, use_l10n=True, force_grouping=True)
        rows.append((LEFT, RIGHT, y, y, LEFT - 1.2, y, written))
    lines = format_html_join(
        "",
        '<line class="c-grid" x1="{}%" x2="{}%" y1="{}" y2="{}"/>'
        '<text class="c-word c-end" x="{}%" y="{}" dy="4">{}</text>',
        rows,
    )
    return lines + format_html('<text class="c-word c-soft" x="0" y="12">{}</text>', measured.symbol)


def _days(scale: Scale) -> SafeString:
    """A tick at each midnight, a date at each seventh."""
    ticks, words = [], []
    for index, midnight in enumerate(_midnights(scale)):
        x = f"{scale.x(times.of(midnight)):.2f}"
        ticks.append((x, x, BOTTOM, BOTTOM + (8 if index % 7 == 0 else 4)))
        if index % 7 == 0:
            words.append(
                (
                    "c-end" if scale.x(times.of(midnight)) > LAST_FROM_LEFT else "",
                    x,
                    BOTTOM + 22,
                    _day(times.of(midnight)),
                )
            )
    return format_html_join("", '<line class="c-tick" x1="{}%" x2="{}%" y1="{}" y2="{}"/>', ticks) + format_html_join(
        "", '<text class="c-word {}" x="{}%" y="{}">{}</text>', words
    )


def _midnights(scale: Scale) -> Iterator[datetime]:
    at = timezone.localtime(times.moment(scale.begins_us)).replace(hour=0, minute=0, second=0, microsecond=0)
    while times.of(at) < scale.ends_us:
        if times.of(at) >= scale.begins_us:
            yield at
        at += timedelta(days=1)


def _line(hours: Hours, scale: Scale) -> SafeString:
    """The course of the undoubted hours; broken where one is missing or in doubt."""
    moves, pen_down = [], False
    for begins_us, value, objected in zip(
        hours.begins_us.tolist(), hours.value.tolist(), hours.objected.tolist(), strict=True
    ):
        if math.isnan(value) or objected:
            pen_down = False
            continue
        x = scale.share(begins_us + HOUR_US // 2) * INNER_WIDTH
        moves.append(f"{'L' if pen_down else 'M'}{x:.1f} {scale.y(value) - TOP:.1f}")
        pen_down = True
    return format_html(
        '<svg x="{}%" y="{}" width="{}%" height="{}" viewBox="0 0 {} {}" preserveAspectRatio="none">'
        '<path class="c-line" d="{}"/></svg>',
        LEFT,
        TOP,
        RIGHT - LEFT,
        BOTTOM - TOP,
        INNER_WIDTH,
        f"{BOTTOM - TOP:g}",
        "".join(moves),
    )


def _objected(hours: Hours, scale: Scale) -> SafeString:
    dots = (
        (f"{scale.x(int(hours.begins_us[index]) + HOUR_US // 2):.2f}", f"{scale.y(float(hours.value[index])):.1f}")
        for index in np.flatnonzero(hours.objected).tolist()
    )
    return format_html_join("", '<circle class="c-doubt" cx="{}%" cy="{}" r="2.5"/>', dots)


def _day(us: int) -> str:
    # Translators: a date format in Django's letters for narrow places, such as "j.n." in Finnish.
    return date_format(timezone.localtime(times.moment(us)), pgettext("date format", "j M"))
