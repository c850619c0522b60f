"""Reference vectors: output of the CNOSSOS-EU reference library (edition 2015), as published with NoiseModelling."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scenarios.library.cnossos_tables import A_WEIGHT_DB, BANDS_HZ, EDITION_2015, EDITION_2021, ROUNDABOUT
from scenarios.library.road_noise import Conditions, sound_power_db

ALL_1000, ALL_70 = [1000.0] * 5, [70.0] * 5
TOWN = [40.0, 43.0, 45.0, 35.0, 32.0]
FEW = [58.0, 50.0, 40.0, 100.0, 100.0]
STUDDED: dict[str, Any] = {"studded_share": 0.5, "studded_months": 4.0}


@pytest.mark.parametrize(
    ("band_hz", "flow", "speed", "conditions", "expected"),
    [
        (8000, ALL_1000, ALL_70, Conditions(15, "NL01", 10, **STUDDED), 77.6711),
        (1000, [582, 500, 400, 1000, 1100], TOWN, Conditions(5, "NL02", -5, **STUDDED), 79.6814),
        (8000, FEW, TOWN, Conditions(-5, "NL03", -7, **STUDDED), 58.8222),
        (63, FEW, TOWN, Conditions(-5, "NL03", -7, 50, **STUDDED), 82.785),
        (4000, ALL_1000, ALL_70, Conditions(15, "NL01", 10, 30, ROUNDABOUT, **STUDDED), 85.4991),
    ],
)
def test_emission_agrees_with_the_reference_library_to_a_hundredth_of_a_decibel(
    band_hz: int, flow: list[float], speed: list[float], conditions: Conditions, expected: float
) -> None:
    found = sound_power_db(np.array([flow]), np.array([speed]), conditions, EDITION_2015)
    assert found[0, BANDS_HZ.tolist().index(band_hz)] == pytest.approx(expected, abs=0.01)


def test_a_whole_spectrum_with_studded_tyres_downhill_agrees() -> None:
    conditions = Conditions(-5, "NL01", -15, 200, studded_share=1.0, studded_months=0.5)
    found = sound_power_db(np.array([[1000.0, 0, 0, 0, 0]]), np.full((1, 5), 20.0), conditions, EDITION_2015)
    assert found[0].tolist() == pytest.approx(
        [88.421, 77.1136, 75.5712, 75.6919, 73.6689, 71.3471, 68.1195, 63.4796], abs=0.01
    )


def test_the_level_of_a_street_with_lorries_agrees() -> None:
    found = sound_power_db(
        np.array([[3747.0, 0, 479, 0, 0]]), np.full((1, 5), 50.0), Conditions(surface="FR_R2"), EDITION_2015
    )
    assert 10 * np.log10(np.sum(10 ** ((found[0] + A_WEIGHT_DB) / 10))) == pytest.approx(89.6, abs=0.1)


def test_twice_the_traffic_is_three_decibels_more() -> None:
    one, two = (sound_power_db(np.full((1, 5), n), np.full((1, 5), 50.0)) for n in (100.0, 200.0))
    assert (two - one).tolist()[0] == pytest.approx([3.0103] * 8, abs=1e-4)


def test_an_empty_road_is_silent_and_a_crawling_one_counts_as_twenty() -> None:
    assert sound_power_db(np.zeros((1, 5)), np.full((1, 5), 50.0)).tolist() == [[-99.0] * 8]
    crawling, twenty = (sound_power_db(np.full((1, 5), 10.0), np.full((1, 5), v)) for v in (3.0, 20.0))
    assert crawling.tolist() == twenty.tolist()


def test_a_surface_that_an_edition_lacks_is_named() -> None:
    with pytest.raises(ValueError, match="the edition 2021 has no surface 'NL01'; it has reference, FR_R2"):
        sound_power_db(np.ones((1, 5)), np.full((1, 5), 50.0), Conditions(surface="NL01"), EDITION_2021)
