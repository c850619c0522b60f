"""Results per feature of the map beside the flows: noise at buildings, air beside streets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from scenarios.library import difference, noise_map, street_air
from scenarios.library.arrays import Floats
from scenarios.library.city import CityNetwork


@dataclass(frozen=True)
class LayerKind:
    """What a layer shows, and which changes are worth a colour."""

    unit: str
    """UCUM."""
    least: float
    """Changes below are "no clear change"."""
    strong: float


KINDS: Final[Mapping[str, LayerKind]] = {
    "noise": LayerKind("dB", noise_map.AUDIBLE_DB, noise_map.CLEAR_DB),
    "air": LayerKind("ug/m3", street_air.MATERIAL_UG_M3, street_air.STRONG_UG_M3),
}


@dataclass(frozen=True, eq=False)
class Layer:
    """One value per feature before and after a measure, in every draw; the first row has the best inputs."""

    kind: str
    feature_id: list[str]
    before: Floats
    """Shape ``(n_draws, n_features)``."""
    after: Floats

    @property
    def p_sign(self) -> Floats:
        change = self.after - self.before
        return difference.sign_probability(change[0], change)

    def classes(self) -> np.ndarray[tuple[int], np.dtype[np.int8]]:
        """Difference classes −2 much less … 0 no clear change … 2 much more, shape ``(n_features,)``."""
        kind = KINDS[self.kind]
        change = self.after[0] - self.before[0]
        clear = (np.abs(change) >= kind.least) & (self.p_sign >= difference.SURE)
        grade = np.where(clear, np.where(np.abs(change) >= kind.strong, 2, 1), 0)
        return np.asarray(np.sign(change) * grade, dtype=np.int8)


def loudest_facade(city: CityNetwork, level_db: Floats) -> Floats:
    """Level at the loudest façade of each building, dB, shape ``(n_buildings,)``; −inf for one without receptors."""
    loudest = np.full(len(city.building_id), -np.inf)
    np.maximum.at(loudest, city.receptor_building, level_db)
    return loudest
