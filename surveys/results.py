"""What officers see of the answers: while a round is open the number of responses in tens, after it the options.

Options are counted, not combinations: of a question with several choices each option has its own figure. Small counts
stay hidden, and with them enough others that nobody can work them out from the total.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement.languages import pick
from engagement.models import Round
from engagement.problems import Refused
from privacy.snapshot import Column
from surveys import releases
from surveys.models import Response
from surveys.storing import COUNT_STEP

SMALLEST = 5
COUNTED = frozenset({"one", "many", "scale"})


class StillOpen(Refused):
    status = 409
    code = "round-still-open"
    title = gettext_lazy("Options are shown after the close.")


@dataclass(frozen=True)
class Bar:
    """One option. ``count`` is None where it is hidden; ``percent`` of those who answered the question."""

    texts: Mapping[str, str]
    value: str
    count: int | None
    percent: int

    @property
    def label(self) -> str:
        return pick(self.texts) or self.value

    @property
    def figure(self) -> str:
        if self.count is None:
            return _("fewer than %(smallest)d, or hidden with one that is") % {"smallest": SMALLEST}
        return f"{self.count} ({self.percent} %)"


@dataclass(frozen=True)
class Chart:
    """One question: its picture, its table and its sentence all say the same."""

    name: str
    texts: Mapping[str, str]
    answered: int
    several: bool
    bars: tuple[Bar, ...]

    @property
    def label(self) -> str:
        return pick(self.texts) or self.name

    @property
    def words(self) -> str:
        """The text twin."""
        said = "; ".join(f"{bar.label}: {bar.figure}" for bar in self.bars)
        return _("%(answered)d answered. %(figures)s.") % {"answered": self.answered, "figures": said}


def received(round: Round) -> int:
    """How many responses count, rounded down to tens."""
    count = Response.objects.valid().filter(round=round).count()
    return count - count % COUNT_STEP


def charts(round: Round) -> list[Chart]:
    """Every question with a public list of options, in the order of the form.

    Raises:
        StillOpen: before the close; watching single answers arrive would tell whose they are.
    """
    if round.is_open():
        raise StillOpen(_("Until then you see how many responses there are, in steps of ten."))
    taken = releases.read(round)
    return [_chart(column) for column in taken.columns if column.kind in COUNTED] if taken else []


def _chart(column: Column) -> Chart:
    answered = int(column.answered.sum())
    if column.kind == "many":
        counts = (column.codes == 1).sum(axis=0) if len(column.codes) else np.zeros(len(column.options), dtype=int)
    else:
        counts = np.bincount(column.codes[column.codes >= 0], minlength=len(column.options))
    shown = hidden_small(counts.tolist(), adds_up=column.kind != "many")
    bars = tuple(
        Bar(option.label, option.value, count, round_percent(count or 0, answered))
        for option, count in zip(column.options, shown, strict=True)
    )
    return Chart(column.name, column.label, answered, column.kind == "many", bars)


def round_percent(count: int, total: int) -> int:
    return round(100 * count / total) if total else 0


def hidden_small(counts: list[int], *, adds_up: bool) -> list[int | None]:
    """The counts without those from 1 to 4.

    ``adds_up``: the options add up to the number of answers, so a single hidden one could be worked out: then the next
    smallest goes, too.
    """
    shown: list[int | None] = [None if 0 < count < SMALLEST else count for count in counts]
    if adds_up and shown.count(None) == 1:
        rest = [(count, place) for place, count in enumerate(shown) if count]
        if rest:
            shown[min(rest)[1]] = None
    return shown
