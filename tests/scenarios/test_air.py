from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate

from scenarios.library import emission_factors, line_source, street_air
from scenarios.library.cnossos_tables import CATEGORIES
from scenarios.library.emission_factors import EmissionFactors

FACTORS = EmissionFactors("test", 2020, np.array([0.5, 4.0, 5.0, 0.1, 0.2]), np.array([1.0, 8.0, 10.0, 0.1, 0.2]), 0.2)


def test_a_thousand_cars_a_day_emit_what_can_be_worked_out_by_hand() -> None:
    per_day = np.array([[1000.0, 0, 0, 0, 0]])
    # 1000 · 0.5 g/km · 1000 / 86400
    assert emission_factors.nox_ug_per_m_s(per_day, 0.0, FACTORS)[0] == pytest.approx(5.787037)
    # a tenth of them stand: 1000 · (0.9 · 0.5 + 0.1 · 1.0)
    assert emission_factors.nox_ug_per_m_s(per_day, 0.1, FACTORS)[0] == pytest.approx(6.365741)


def test_a_city_loads_its_own_factors() -> None:
    rows = "\n".join(f"{name},0.4,0.6,0.3,our city,2024" for name in CATEGORIES)
    found = emission_factors.from_csv(f"category,nox_flowing_g_km,nox_stagnant_g_km,no2_share,source,year\n{rows}\n")
    assert (found.source, found.year, found.no2_share) == ("our city", 2024, 0.3)
    assert found.nox_flowing.tolist() == [0.4] * 5


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("category\nlight\n", "the table has no row for medium, heavy, moped, motorcycle"),
        (
            "category,nox_flowing_g_km,nox_stagnant_g_km,no2_share,year\n"
            + "".join(f"{c},x,1,0.1,2020\n" for c in CATEGORIES),
            "nox_flowing_g_km of light is no number",
        ),
    ],
)
def test_a_broken_table_of_factors_says_what_is_missing(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told):
        emission_factors.from_csv(text)


@pytest.mark.parametrize(("street_type", "at_30_m"), [(1, 0.0675), (4, 0.0630)])
def test_near_and_far_law_meet_at_thirty_metres(street_type: int, at_30_m: float) -> None:
    near, far = street_air.dilution(np.array([30.0, 30.0 + 1e-9]), street_type)
    assert near == pytest.approx(at_30_m, abs=5e-5)
    assert far == pytest.approx(near, abs=5e-5)


@pytest.mark.parametrize("street_type", [1, 2, 3, 4])
def test_air_gets_cleaner_with_distance(street_type: int) -> None:
    there = street_air.dilution(np.arange(3.5, 30.0, 0.5), street_type)
    assert (there > 0).all()
    assert (np.diff(there) < 0).all()


def test_the_street_method_gives_what_can_be_worked_out_by_hand() -> None:
    # theta = 4.88e-4·100 − 3.08e-2·10 + 0.59 = 0.3308; 0.62 · 100 · 0.3308 · 5/4 = 25.637
    nox = street_air.nox_ug_m3(np.array([100.0]), np.array([10.0]), street_type=2, wind_m_s=4.0)
    assert nox[0] == pytest.approx(25.637)
    # 0.2 · 25.637 + 0.6 · 50 · 20.5096 / 120.5096
    assert street_air.no2_ug_m3(nox, no2_share=0.2, ozone_ug_m3=50.0)[0] == pytest.approx(10.2332, abs=1e-4)


def test_outside_its_range_the_street_method_refuses() -> None:
    with pytest.raises(ValueError, match=r"SRM-1 holds from 3\.5 to 30 m for street type 2"):
        street_air.dilution(np.array([31.0]), 2)


@pytest.mark.parametrize("away", [10.0, 30.0, 100.0, 300.0])
def test_the_line_source_agrees_with_a_road_of_point_plumes_to_a_millionth(away: float) -> None:
    across, up = (float(s[0]) for s in line_source.dispersion_m(np.array([away])))

    def plume(y: float) -> float:
        vertical = np.exp(-((1.5 - 0.5) ** 2) / (2 * up**2)) + np.exp(-((1.5 + 0.5) ** 2) / (2 * up**2))
        return float(50.0 / (2 * np.pi * across * up * 3.0) * np.exp(-(y**2) / (2 * across**2)) * vertical)

    inner = [p for p in (-5 * across, 0.0, 5 * across) if -40 < p < 90]
    expected = integrate.quad(plume, -40.0, 90.0, epsabs=0, epsrel=1e-11, points=inner, limit=500)[0]
    found = line_source.concentration_ug_m3(
        np.array([away]), np.array([-40.0]), np.array([90.0]), emission_ug_m_s=50.0, wind_m_s=3.0
    )
    assert found[0] == pytest.approx(expected, rel=1e-6)


def test_upwind_of_the_road_the_air_is_clean() -> None:
    found = line_source.concentration_ug_m3(
        np.array([-10.0]), np.array([-50.0]), np.array([50.0]), emission_ug_m_s=50.0, wind_m_s=3.0
    )
    assert found.tolist() == [0.0]
    with pytest.raises(ValueError, match="the wind must blow"):
        line_source.concentration_ug_m3(
            np.array([10.0]), np.array([-50.0]), np.array([50.0]), emission_ug_m_s=50.0, wind_m_s=0.0
        )
