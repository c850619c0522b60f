"""Corrections of low-cost dust sensors from hours beside a reference monitor: arrays in, arrays out.

    corrected = intercept + slope · raw + per_humidity · relative humidity

fitted robustly, so that a fire beside one of the two does not bend the line. Judged only on hours that the fit never saw:
the first third trains, the rest is held out; in time, because neighbouring hours are nearly the same hour.
Source of the form: US EPA, *Development and application of a United States-wide correction for PurpleAir sensors* (2021).
Its published coefficients belong to one device model; ours are fitted per model and never carried over to another.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np

from sensors.quality import Values

TRAINED_SHARE = 1 / 3
FEWEST_HOURS = 120
HUBER = 1.345  # robust standard deviations: 95 % efficient where errors are normal (Huber 1964)
MAD_TO_SIGMA = 1.4826
MOST_ROUNDS = 100


class CannotFit(ValueError):
    """The text says what is missing."""


@dataclass(frozen=True)
class Line:
    """The coefficients of a correction; ``per_humidity`` in the unit of the value per per cent."""

    intercept: float
    slope: float
    per_humidity: float

    def correct(self, raw: Values, humidity: Values) -> Values:
        """Corrected values, shape ``(n,)``; NaN where the humidity is. Never below zero: dust is not."""
        return np.maximum(self.intercept + self.slope * raw + self.per_humidity * humidity, 0.0)


@dataclass(frozen=True)
class Errors:
    """Of values against the reference: root mean square error and mean error, in their unit; R²; hours."""

    rmse: float
    bias: float
    r2: float
    hours: int


@dataclass(frozen=True)
class Fit:
    """A line with what it did on held-out hours, beside what the raw values did there.

    ``variation`` is the standard deviation of the corrected error over the mean of the reference (CV).
    """

    line: Line
    trained_hours: int
    raw: Errors
    corrected: Errors
    variation: float

    @property
    def helps(self) -> bool:
        return self.corrected.rmse < self.raw.rmse

    def report(self) -> dict[str, object]:
        return asdict(self)


def fit(raw: Values, humidity: Values, reference: Values) -> Fit:
    """Fit on the first third, judge on the rest.

    Args:
        raw, humidity, reference: hourly means in the order of time, shape ``(n,)``, no NaN.
    Raises:
        CannotFit: fewer than 120 hours, or a raw series that does not vary.
    """
    if len(raw) < FEWEST_HOURS:
        raise CannotFit(f"only {len(raw)} hours have both a reading and a reference; {FEWEST_HOURS} are needed")
    cut = int(len(raw) * TRAINED_SHARE)
    if np.ptp(raw[:cut]) == 0:
        raise CannotFit("the readings do not vary in the first third of the time")
    line = _robust_line(raw[:cut], humidity[:cut], reference[:cut])
    held, truth = slice(cut, None), reference[cut:]
    corrected = line.correct(raw[held], humidity[held])
    variation = float(np.std(corrected - truth) / np.mean(truth))
    return Fit(line, cut, errors(raw[held], truth), errors(corrected, truth), variation)


def errors(values: Values, reference: Values) -> Errors:
    away = values - reference
    both_vary = np.ptp(values) > 0 and np.ptp(reference) > 0
    r2 = float(np.corrcoef(values, reference)[0, 1] ** 2) if both_vary else 0.0
    return Errors(float(np.sqrt(np.mean(away**2))), float(np.mean(away)), r2, len(values))


def _robust_line(raw: Values, humidity: Values, reference: Values) -> Line:
    """Iteratively reweighted least squares with Huber's weights."""
    columns = np.column_stack([np.ones_like(raw), raw, humidity])
    weight, found = np.ones(len(raw)), np.zeros(3)
    for _round in range(MOST_ROUNDS):
        root = np.sqrt(weight)
        before, found = found, np.linalg.lstsq(columns * root[:, None], reference * root, rcond=None)[0]
        if np.allclose(found, before, rtol=1e-10, atol=1e-12):
            break
        away = np.abs(reference - columns @ found)
        scale = MAD_TO_SIGMA * float(np.median(away)) or 1.0
        weight = np.minimum(1.0, HUBER * scale / np.maximum(away, 1e-12))
    return Line(*(float(number) for number in found))
