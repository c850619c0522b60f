"""Twelve invented sensors for the demo: hourly series with rush hours, weekends, weather, a stuck box and an outage.

Pure and seeded: the same seed and end give the same text. What comes out is CSV, so that it goes in through the same
door as a volunteer's own file. The streets are real; no box hangs there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

Series = npt.NDArray[np.float64]

WEEKS = 3
STUCK_HOURS = 40
OUTAGE_HOURS = 100
GAP_FROM, GAP_HOURS = 200, 16  # an outage in the middle that ended by itself
ZONE = ZoneInfo("Europe/Helsinki")

# Share of a working day's traffic in each hour, and of a weekend day's. After the shape of Finnish urban counts: peaks
# at 8 and at 16, a broad hump on Saturdays.
WORKDAY = np.array([5, 3, 2, 2, 4, 14, 42, 82, 90, 62, 55, 58, 62, 64, 70, 86, 96, 84, 62, 46, 36, 28, 19, 10]) / 100
WEEKEND = np.array([14, 11, 8, 6, 5, 6, 9, 14, 24, 38, 52, 62, 68, 70, 68, 64, 60, 56, 50, 42, 36, 30, 25, 19]) / 100


@dataclass(frozen=True)
class SimulatedSite:
    """One invented sensor: where it hangs, how it is shown, and its readings as CSV."""

    name: str
    preset: str
    lon: float
    lat: float
    shown_as: str
    height_m: float
    facing: str
    csv: str


@dataclass(frozen=True)
class _Street:
    name: str
    lon: float
    lat: float
    facing: str
    cars: int
    heavy: int
    bikes: int
    people: int
    fault: str = ""


@dataclass(frozen=True)
class _Balcony:
    name: str
    lon: float
    lat: float
    shown_as: str
    height_m: float
    facing: str
    dust: float
    fault: str = ""


STREETS = (
    _Street("Siltasaarenkatu", 24.94994, 60.17731, "e", 720, 88, 300, 640),
    _Street("Unioninkatu", 24.95040, 60.17395, "w", 660, 80, 260, 420),
    _Street("Hakaniemenranta", 24.95110, 60.17829, "s", 540, 46, 190, 210),
    _Street("Liisankatu", 24.95190, 60.17406, "n", 380, 30, 140, 180, fault="gap"),
    _Street("Pohjoisesplanadi", 24.94720, 60.16779, "s", 610, 52, 210, 880),
    _Street("Kaisaniemenranta", 24.94700, 60.17603, "n", 90, 6, 340, 390, fault="outage"),
)
BALCONIES = (
    _Balcony("Siltasaarenkatu, courtyard", 24.95062, 60.17752, "cell100", 9.0, "w", 7.5),
    _Balcony("Siltavuorenpenger", 24.95142, 60.17561, "cell100", 12.0, "n", 5.5),
    _Balcony("Kaisaniemenkatu", 24.94842, 60.17232, "cell100", 6.0, "e", 8.5),
    _Balcony("Mannerheimintie", 24.94010, 60.16880, "cell500", 15.0, "s", 9.5),
    _Balcony("Fabianinkatu", 24.94893, 60.17170, "exact", 4.0, "e", 7.0),
    _Balcony("Yrjönkatu", 24.94164, 60.16601, "cell100", 7.0, "w", 6.5, fault="stuck"),
)


def sites(seed: int, until: datetime, weeks: int = WEEKS) -> list[SimulatedSite]:
    """All twelve, with hourly readings up to the last full hour before ``until`` (an aware datetime)."""
    end = until.replace(minute=0, second=0, microsecond=0)
    count = weeks * 7 * 24
    hours = [end - timedelta(hours=count - index) for index in range(count)]
    weather = _weather(np.random.default_rng([seed, 0]), hours)
    found = [_counter(np.random.default_rng([seed, 1, number]), street, hours) for number, street in enumerate(STREETS)]
    return found + [
        _air_box(np.random.default_rng([seed, 2, number]), balcony, hours, weather)
        for number, balcony in enumerate(BALCONIES)
    ]


def daily_shape(hours: list[datetime]) -> Series:
    """Share of the busiest hour's traffic, by local hour and day of the week, shape ``(n,)``."""
    local = [hour.astimezone(ZONE) for hour in hours]
    return np.array([(WEEKEND if hour.weekday() >= 5 else WORKDAY)[hour.hour] for hour in local])


def _counter(rng: np.random.Generator, street: _Street, hours: list[datetime]) -> SimulatedSite:
    shape, count = daily_shape(hours), len(hours)
    weekend = np.array([hour.astimezone(ZONE).weekday() >= 5 for hour in hours])
    uptime = np.clip(rng.normal(0.9, 0.05, count), 0.55, 0.99)
    uptime[rng.choice(count, 4, replace=False)] = rng.uniform(0.1, 0.45, 4)  # the curtain was in the way
    columns = {
        "cars": rng.poisson(street.cars * shape),
        "heavy": rng.poisson(street.heavy * shape * np.where(weekend, 0.35, 1.0)),
        "bikes": rng.poisson(street.bikes * shape**1.3 * 0.6),
        "pedestrians": rng.poisson(street.people * shape),
        "speed_v85": np.round(36 - 7 * shape + rng.normal(0, 1.5, count), 1),
        "uptime": np.round(uptime, 2),
    }
    text = _csv(hours, columns, _kept(count, street.fault))
    return SimulatedSite(street.name, "traffic-counter", street.lon, street.lat, "segment", 8.0, street.facing, text)


def _weather(rng: np.random.Generator, hours: list[datetime]) -> dict[str, Series]:
    """Temperature, humidity, pressure and the dust that blows in from elsewhere, the same for all boxes."""
    count = len(hours)
    hour_of_day = np.array([hour.astimezone(ZONE).hour for hour in hours])
    temperature = 3.5 + 2.2 * np.cos((hour_of_day - 14) / 24 * 2 * np.pi) + _slow(rng, count, 0.25)
    humidity = np.clip(84 - 3.2 * (temperature - 3.5) + _slow(rng, count, 0.9), 42, 99)
    return {
        "temperature": temperature,
        "humidity": humidity,
        "pressure": 1008 + _slow(rng, count, 0.5),
        "background": np.clip(4 + np.abs(_slow(rng, count, 0.35)), 1, 40),
    }


def _slow(rng: np.random.Generator, count: int, step: float) -> Series:
    """A wandering value that forgets in about two days."""
    steps, wander, value = rng.normal(0, step, count), np.empty(count), 0.0
    for index, change in enumerate(steps):
        value = 0.98 * value + change
        wander[index] = value
    return wander


def _air_box(
    rng: np.random.Generator, balcony: _Balcony, hours: list[datetime], weather: dict[str, Series]
) -> SimulatedSite:
    count = len(hours)
    local = balcony.dust * daily_shape(hours) * rng.lognormal(0, 0.3, count)
    fine = weather["background"] + 0.5 * local + rng.normal(0, 0.4, count)
    columns: dict[str, npt.NDArray[np.generic]] = {
        "pm10": np.round(np.clip(fine * 1.5 + local + rng.normal(0, 0.8, count), 0.3, None), 2),
        "pm2_5": np.round(np.clip(fine, 0.2, None), 2),
        "temperature": np.round(weather["temperature"] + rng.normal(0, 0.25, count), 2),
        "humidity": np.round(np.clip(weather["humidity"] + rng.normal(0, 1.2, count), 30, 99.9), 1),
        "pressure": np.round(weather["pressure"] + rng.normal(0, 0.2, count), 2),
    }
    if balcony.fault == "stuck":
        for name, frozen in (("pm10", 32.0), ("pm2_5", 24.0), ("humidity", 99.9)):
            columns[name][-STUCK_HOURS:] = frozen
    text = _csv(hours, columns, _kept(count, balcony.fault))
    return SimulatedSite(
        balcony.name, "air-box", balcony.lon, balcony.lat, balcony.shown_as, balcony.height_m, balcony.facing, text
    )


def _kept(count: int, fault: str) -> Callable[[int], bool]:
    """Which hours a box with this fault sent."""
    if fault == "outage":
        return lambda hour: hour < count - OUTAGE_HOURS
    if fault == "gap":
        return lambda hour: not GAP_FROM <= hour < GAP_FROM + GAP_HOURS
    return lambda hour: True


def _csv(hours: list[datetime], columns: Mapping[str, npt.NDArray[np.generic]], kept: Callable[[int], bool]) -> str:
    lines = [",".join(("time", *columns))]
    written = [values.tolist() for values in columns.values()]
    for index, hour in enumerate(hours):
        if kept(index):
            lines.append(",".join((hour.strftime("%Y-%m-%dT%H:%M:%S%z"), *(str(column[index]) for column in written))))
    return "\n".join(lines) + "\n"
