"""Checks of a series: arrays in, flag bits out. Values are never changed; every pass is vectorised.

Times are whole microseconds since 1970 in ascending order; values and times have shape ``(n,)``. Passes carry a
version so that a stored flag can be traced to the rule that set it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Values: TypeAlias = npt.NDArray[np.float64]
Times: TypeAlias = npt.NDArray[np.int64]
Mask: TypeAlias = npt.NDArray[np.bool_]
Bits: TypeAlias = npt.NDArray[np.int64]

VERSION = 2  # grows with every change of a rule: the worker then checks older series anew
HOUR_US = 3_600_000_000
GAP_CADENCES = 3.0  # so many times the usual interval without a reading is a gap
SHORTEST_GAP_H = 1.5
FEWEST_IN_A_RUN = 5
SPIKE_WINDOW = 11  # readings, the middle one is judged
SPIKE_MADS = 8.0
MAD_TO_SIGMA = 1.4826  # of a normal distribution
HUMID_PERCENT = 85.0  # above, light-scattering sensors count droplets as dust
HUMID_WITHIN_US = HOUR_US // 2
FEWEST_NEIGHBOURS = 3


class Flag(IntFlag):
    """What was noticed about a reading. Fourteen bits fit the column."""

    RANGE = 1
    STEP = 2
    STUCK = 4
    GAP = 8
    SPIKE = 16
    HUMID = 32
    UPTIME = 64
    CLOCK = 128
    NOTE = 256
    NEIGHBOUR = 512


# Readings with one of these are left out of averages; the others are marks that a reader may want to know.
OBJECTIONS = int(Flag.RANGE | Flag.STEP | Flag.STUCK | Flag.SPIKE | Flag.UPTIME | Flag.NOTE)
# Set by the passes below, so renewed by them; the rest is set when a reading arrives.
WINDOWED = int(Flag.STEP | Flag.STUCK | Flag.GAP | Flag.SPIKE | Flag.HUMID)

REASONS: dict[Flag, str | Promise] = {
    Flag.RANGE: _("hardly possible here"),
    Flag.STEP: _("jumped more than the air or the street does"),
    Flag.STUCK: _("stuck: the same value for hours"),
    Flag.GAP: _("first reading after a gap"),
    Flag.SPIKE: _("a single spike"),
    Flag.HUMID: _("very humid: dust is read too high"),
    Flag.UPTIME: _("counted for less than half of the hour"),
    Flag.CLOCK: _("the box's clock was wrong; our time is shown"),
    Flag.NOTE: _("the host noted something unusual"),
    Flag.NEIGHBOUR: _("far from what the neighbours measure"),
}


def reasons(flags: int) -> list[str]:
    """The flags in words, the gravest first."""
    return [str(REASONS[flag]) for flag in Flag if flags & flag]


def names(flags: int) -> list[str]:
    """The flags for programs: ``stuck``, ``gap``."""
    return [str(flag.name).lower() for flag in Flag if flags & flag]


@dataclass(frozen=True)
class Limits:
    """What the passes need to know of an observed property; None switches a pass off."""

    low: float
    high: float
    step: float | None = None
    stuck_h: float | None = None
    resting: float | None = None


def window_flags(times_us: Times, values: Values, limits: Limits) -> Bits:
    """Flags of the passes that look at neighbouring readings, shape ``(n,)``."""
    bits = np.zeros(len(values), dtype=np.int64)
    bits[gap_mask(times_us)] |= Flag.GAP
    if limits.stuck_h is not None:
        bits[stuck_mask(times_us, values, hours=limits.stuck_h, resting=limits.resting)] |= Flag.STUCK
    if limits.step is not None:
        spikes = spike_mask(values, least=limits.step / 2)
        bits[spikes] |= Flag.SPIKE
        bits[step_mask(times_us, values, step=limits.step, spikes=spikes)] |= Flag.STEP
    return bits


def range_mask(values: Values, low: float, high: float) -> Mask:
    """Values outside of what is plausible; also what is no number."""
    return ~((values >= low) & (values <= high))


def cadence_us(times_us: Times) -> float:
    """The usual time between two readings, µs; infinite where there are fewer than three."""
    return float(np.median(np.diff(times_us))) if len(times_us) > 2 else float("inf")


def after_gap(times_us: Times) -> Mask:
    """Readings that come later than three usual intervals (at least an hour and a half) after the one before."""
    late = np.zeros(len(times_us), dtype=np.bool_)
    if len(times_us) > 2:
        longest = max(GAP_CADENCES * cadence_us(times_us), SHORTEST_GAP_H * HOUR_US)
        late[1:] = np.diff(times_us) > longest
    return late


def gap_mask(times_us: Times) -> Mask:
    """The first reading after each gap."""
    return after_gap(times_us)


def stuck_mask(times_us: Times, values: Values, *, hours: float, resting: float | None) -> Mask:
    """Every reading of a run of equal values that lasts ``hours`` or longer and has at least five readings.

    A gap ends a run; a run at the resting value (no car at night) is ordinary.
    """
    if len(values) == 0:
        return np.zeros(0, dtype=np.bool_)
    begins = np.ones(len(values), dtype=np.bool_)
    begins[1:] = values[1:] != values[:-1]
    begins |= after_gap(times_us)
    first = np.flatnonzero(begins)
    lengths = np.diff(np.append(first, len(values)))
    last = first + lengths - 1
    long = (times_us[last] - times_us[first] >= hours * HOUR_US) & (lengths >= FEWEST_IN_A_RUN)
    if resting is not None:
        long &= values[first] != resting
    return np.repeat(long, lengths)


def spike_mask(values: Values, *, least: float) -> Mask:
    """Readings far from the median of their eleven neighbours: 8 robust standard deviations and ``least``.

    Source: Hampel filter; Hampel, F. R. (1974), *The influence curve and its role in robust estimation*.
    """
    mask = np.zeros(len(values), dtype=np.bool_)
    half = SPIKE_WINDOW // 2
    if len(values) < SPIKE_WINDOW:
        return mask
    windows = np.lib.stride_tricks.sliding_window_view(values, SPIKE_WINDOW)
    judged = values[half:-half]
    # The median lies between the extremes: where even these are near, the costly part is not needed.
    far = np.flatnonzero(np.maximum(judged - _least_of(values), -_least_of(-values) - judged) > least)
    near = windows[far]
    median = np.median(near, axis=1)
    mad = np.median(np.abs(near - median[:, None]), axis=1)
    away = np.abs(judged[far] - median)
    mask[far + half] = (away > SPIKE_MADS * MAD_TO_SIGMA * mad) & (away > least)
    return mask


def _least_of(values: Values) -> Values:
    """The smallest value of each window, shape ``(n - 10,)``."""
    windows = len(values) - SPIKE_WINDOW + 1
    least = values[:windows].copy()
    for shift in range(1, SPIKE_WINDOW):
        np.minimum(least, values[shift : shift + windows], out=least)
    return least


def step_mask(times_us: Times, values: Values, *, step: float, spikes: Mask | None = None) -> Mask:
    """Readings that differ from the one before by more than ``step``; spikes are left out, gaps excuse a jump."""
    mask = np.zeros(len(values), dtype=np.bool_)
    kept = np.flatnonzero(~spikes) if spikes is not None else np.arange(len(values))
    if len(kept) < 2:
        return mask
    jumped = np.abs(np.diff(values[kept])) > step
    mask[kept[1:]] = jumped & ~after_gap(times_us)[kept[1:]]
    return mask


def humid_mask(times_us: Times, humidity_times_us: Times, humidity: Values) -> Mask:
    """Readings within half an hour of a humidity above 85 % at the same site."""
    if len(humidity_times_us) == 0:
        return np.zeros(len(times_us), dtype=np.bool_)
    after = np.searchsorted(humidity_times_us, times_us).clip(1, max(1, len(humidity_times_us) - 1))
    before = after - 1
    after = after.clip(max=len(humidity_times_us) - 1)
    nearer = np.abs(humidity_times_us[after] - times_us) < np.abs(humidity_times_us[before] - times_us)
    nearest = np.where(nearer, after, before)
    close = np.abs(humidity_times_us[nearest] - times_us) <= HUMID_WITHIN_US
    return np.asarray(close & (humidity[nearest] > HUMID_PERCENT), dtype=np.bool_)


def neighbour_mask(own: Values, neighbours: Values, *, ratio: float, least: float) -> Mask:
    """Hours in which a box measures ``ratio`` times as much as its neighbours, or as many times less.

    A mark and no objection: a fire in one courtyard is true there.

    Args:
        own: the median of each hour, shape ``(hours,)``, NaN where there is none.
        neighbours: the same of the boxes around, shape ``(hours, boxes)``; their median is compared with, where at least
            three of them have one.
        least: differences below this are never marked, in the unit of the values.
    """
    known = np.sum(~np.isnan(neighbours), axis=1) >= FEWEST_NEIGHBOURS
    middle = np.full(len(own), np.nan)
    if known.any():
        middle[known] = np.nanmedian(neighbours[known], axis=1)
    far = (own > ratio * middle) | (own * ratio < middle)
    return np.asarray(far & (np.abs(own - middle) > least), dtype=np.bool_)
