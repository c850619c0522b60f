"""How loud it is at façades: every metre of road within 300 m adds its sound (CNOSSOS-EU over flat ground).

The way of sound from roads to receptors does not depend on traffic, so it is worked out once per network and every
draw only multiplies it by the roads' sound power.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from scenarios.library import sound_path
from scenarios.library.arrays import Floats, Ints
from scenarios.library.cnossos_tables import A_WEIGHT_DB
from scenarios.library.registry import Model, Port
from scenarios.library.vehicles import PROFILE, DayProfile

RADIUS_M: Final = 300.0
SEGMENT_M: Final = 10.0
NEAREST_M: Final = 4.0
"""Nobody lives in the middle of the road, and a point source says nothing right beside it."""
STEP_M: Final = 0.25
SOURCE_M: Final = 0.05
RECEPTOR_M: Final = 4.0
GROUND: Final = 0.2
"""Mostly hard: a town; the road itself is hard."""
SILENT_DBA: Final = 20.0
"""What is left where no road is near: nothing lower is shown."""
AUDIBLE_DB: Final = 1.0
CLEAR_DB: Final = 3.0


@dataclass(frozen=True, eq=False)
class SoundPaths:
    """What each receptor hears of each link: energy by octave band per unit of sound power of a metre."""

    bands: tuple[sparse.csr_array, ...]
    """Eight matrices of shape ``(n_receptors, n_links)``, A-weighted."""

    @property
    def n_pairs(self) -> int:
        return int(self.bands[0].nnz)


def sound_paths(receptor_xy: Floats, points_xy: Floats, point_link: Ints, point_m: Floats, n_links: int) -> SoundPaths:
    """Prepare the way of sound from roads to receptors.

    Args:
        receptor_xy: metres, shape ``(n_receptors, 2)``.
        points_xy: middles of short segments of road, metres, shape ``(n_points, 2)``.
        point_link: link of each segment; ``point_m`` its length in metres.
    """
    pairs = cKDTree(receptor_xy).sparse_distance_matrix(cKDTree(points_xy), RADIUS_M, output_type="coo_matrix")
    distance = np.maximum(pairs.data, NEAREST_M)
    key = pairs.row.astype(np.int64) * n_links + point_link[pairs.col]
    order = np.argsort(key, kind="stable")
    cells, first = np.unique(key[order], return_index=True)
    step = np.round(distance[order] / STEP_M).astype(np.int64)
    metre = point_m[pairs.col[order]]
    table = _energy_table()
    shape = (len(receptor_xy), n_links)
    where = (cells // n_links, cells % n_links)
    summed = [
        np.add.reduceat(table[step, band] * metre, first) if len(first) else np.zeros(0)
        for band in range(table.shape[1])
    ]
    return SoundPaths(tuple(sparse.csr_array((values, where), shape=shape) for values in summed))


def _energy_table() -> Floats:
    """A-weighted energy that arrives from a point source by distance in steps, shape ``(n_steps, 8)``."""
    distance = np.maximum(np.arange(round(RADIUS_M / STEP_M) + 1) * STEP_M, NEAREST_M)
    change = sound_path.level_change_db(distance, SOURCE_M, RECEPTOR_M, GROUND)
    energy: Floats = 10 ** ((change + A_WEIGHT_DB) / 10)
    return energy


def levels_dba(paths: SoundPaths, sound_power_db: Floats) -> Floats:
    """A-weighted level at each receptor while traffic is as in the modelled hour, dB, shape ``(n_receptors,)``.

    Args:
        sound_power_db: of a metre of each link, dB, shape ``(n_links, 8)``.
    """
    power = 10 ** (sound_power_db / 10)
    energy = sum(
        (matrix @ power[:, band] for band, matrix in enumerate(paths.bands)), np.zeros(paths.bands[0].shape[0])
    )
    level: Floats = 10 * np.log10(np.maximum(energy, 10 ** (SILENT_DBA / 10)))
    return level


def lden_db(day: Floats, evening: Floats, night: Floats) -> Floats:
    """Day-evening-night level: the evening counts 5 dB more, the night 10. Source: Directive 2002/49/EC, annex I."""
    energy = 12 * 10 ** (day / 10) + 4 * 10 ** ((evening + 5) / 10) + 8 * 10 ** ((night + 10) / 10)
    level: Floats = 10 * np.log10(energy / 24)
    return level


def day_levels(hour_dba: Floats, profile: DayProfile = PROFILE) -> tuple[Floats, Floats]:
    """Lden and Lnight of a year of such days, dB, from the level of the modelled hour; both shape ``(n,)``."""
    day, evening, night = (hour_dba + 10 * np.log10(factor) for factor in profile.per_hour())
    return lden_db(day, evening, night), night


def _at_receptors(sound_power_db: Floats, sound_paths: SoundPaths) -> Mapping[str, Any]:
    lden, lnight = day_levels(levels_dba(sound_paths, sound_power_db))
    return {"lden_db": lden, "lnight_db": lnight}


MODELS = (
    Model(
        name="noise at façades",
        version="1",
        inputs={
            "sound_power_db": Port("links and octave bands", "dB"),
            "sound_paths": Port("ways of sound"),
        },
        outputs={"lden_db": Port("receptors", "dB"), "lnight_db": Port("receptors", "dB")},
        validity="Roads within 300 m over flat, mostly hard ground, receptors 4 m up. No screens, houses or reflections: "
        "too loud in courtyards. Road traffic alone.",
        source="CNOSSOS-EU: Directive (EU) 2015/996, annex 2.5; ISO 9613-1; Lden: Directive 2002/49/EC, annex I",
        compute=_at_receptors,
    ),
)
