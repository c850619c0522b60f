"""A series in hours: one value per hour, however often the box sends; holes stay holes. Arrays in, arrays out."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sensors.phenomena import Summing
from sensors.quality import HOUR_US, OBJECTIONS, Bits, Times, Values
from sensors.summarising import joined


@dataclass(frozen=True)
class Hours:
    """Every hour between the first and the last reading, shape ``(n,)`` each.

    ``value`` is NaN where nothing was sent. Where every reading of an hour was objected to, their value is given all
    the same and ``objected`` is true: it is shown as such, never joined with the others.
    """

    begins_us: Times
    value: Values
    count: Bits
    flags: Bits
    objected: np.typing.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.begins_us)


def hourly(moments: Times, values: Values, flags: Bits, summing: Summing) -> Hours:
    """Join the readings of each hour. Noise is joined by its energy, directions on the circle, counts by their mean rate.

    Args:
        moments: microseconds since 1970, ascending.
    """
    if len(moments) == 0:
        none = np.zeros(0, dtype=np.int64)
        return Hours(none, np.zeros(0), none, none, np.zeros(0, dtype=np.bool_))
    hour = moments // HOUR_US
    first, size = int(hour[0]), int(hour[-1] - hour[0]) + 1
    place = (hour - first).astype(np.intp)
    good = (flags & OBJECTIONS) == 0
    count = np.bincount(place, minlength=size)
    good_count = np.bincount(place[good], minlength=size)
    use = good | (good_count[place] == 0)
    bits = np.zeros(size, dtype=np.int64)
    np.bitwise_or.at(bits, place, flags)
    value = joined(place[use], values[use], size, summing)
    return Hours((first + np.arange(size)) * HOUR_US, value, count, bits, (count > 0) & (good_count == 0))
