"""Units by their UCUM codes."""

from __future__ import annotations

import math

import pytest

from engagement import units
from engagement.units import BadUnit, Dimension


@pytest.mark.parametrize(
    ("code", "factor", "dimension", "symbol"),
    [
        ("ug/m3", 1e-9, Dimension(length=-3, mass=1), "µg/m³"),
        ("Cel", 1.0, Dimension(temperature=1), "°C"),
        ("%", 0.01, Dimension(), "%"),
        ("hPa", 100.0, Dimension(length=-1, mass=1, time=-2), "hPa"),
        ("km/h", 1 / 3.6, Dimension(length=1, time=-1), "km/h"),
        ("{vehicles}/h", 1 / 3600, Dimension(time=-1), "vehicles/h"),
        ("dB[SPL]", 1.0, Dimension(), "dB"),
        ("m2.K/W", 1.0, Dimension(mass=-1, time=3, temperature=1), "m²·K/W"),
        ("deg", math.pi / 180, Dimension(angle=1), "°"),
        ("1", 1.0, Dimension(), ""),
    ],
)
def test_a_code_has_its_size_its_dimension_and_its_symbol(
    code: str, factor: float, dimension: Dimension, symbol: str
) -> None:
    unit = units.parse(code)
    assert unit.factor == pytest.approx(factor)
    assert (unit.dimension, unit.symbol) == (dimension, symbol)


@pytest.mark.parametrize("code", ["", "ug/", "m//s", "ug m3", "µg/m³", "furlong", "{cars", "km/h/x"])
def test_what_is_not_ucum_is_refused(code: str) -> None:
    with pytest.raises(BadUnit):
        units.parse(code)


@pytest.mark.parametrize(
    ("value", "source", "target", "expected"),
    [
        (20.0, "Cel", "K", 293.15),
        (101325.0, "Pa", "hPa", 1013.25),
        (50.0, "km/h", "m/s", 13.888888888888888),
        (0.012, "mg/m3", "ug/m3", 12.0),
        (55.5, "dB[SPL]", "dB[SPL]", 55.5),
    ],
)
def test_a_value_is_written_in_another_unit(value: float, source: str, target: str, expected: float) -> None:
    assert units.convert(value, source, target) == pytest.approx(expected)


@pytest.mark.parametrize(("source", "target"), [("ug/m3", "%"), ("dB[SPL]", "1"), ("m", "s")])
def test_different_things_are_not_converted(source: str, target: str) -> None:
    with pytest.raises(BadUnit, match="different things"):
        units.convert(1.0, source, target)
