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

from scenarios.library import sound_path
from scenarios.library.arrays import Floats, Ints
from scenarios.library.city import STREET, CityNetwork
from scenarios.library.cnossos_tables import A_WEIGHT_DB
from scenarios.library.registry import Model, Port
from scenarios.library.vehicles import PROFILE, DayProfile
from sources.geodesy import metres

RADIUS_M: Final = 300.0
SEGMENT_M: Final = 10.0
NEAREST_M: Final = 4.0
"""Nobody lives in the middle of the road, and a point source says nothing right beside it."""
STEP_M: Final = 0.25
AT_ONCE: Final = 256
"""Receptors whose distances to all segments are held in memory together."""
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
    """What each receptor hears of each stretch of road: energy by octave band per unit of sound power of a metre."""

    bands: tuple[sparse.csr_array, ...]
    """Eight matrices of shape ``(n_receptors, n_stretches)``, A-weighted."""
    stretches: sparse.csr_array
    """1 where a link lies on a stretch, shape ``(n_stretches, n_links)``: both directions of a street are one."""

    @property
    def n_pairs(self) -> int:
        return int(self.bands[0].nnz)


@dataclass(frozen=True, eq=False)
class Segments:
    """Roads cut into short pieces, each a point source."""

    xy: Floats
    """Middle of each piece, metres, shape ``(n_points, 2)``."""
    length_m: Floats
    stretch: Ints
    """Stretch of road of each piece."""


def of_city(city: CityNetwork) -> SoundPaths:
    """The ways of sound from every street of a city to every receptor."""
    streets = np.flatnonzero(city.kind == STREET)
    ends = np.sort(np.stack([city.tail[streets], city.head[streets]], axis=1), axis=1)
    # Parallel ways between the same two nodes are different streets.
    keys = np.column_stack([city.way_id[streets], ends])
    _, first, stretch = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    ones = np.ones(len(streets))
    matrix = sparse.csr_array((ones, (stretch.ravel(), streets)), shape=(len(first), city.n_links))
    xy, receptors = metres(city.lonlat), metres(city.receptor_lonlat)
    return SoundPaths(sound_bands(receptors, _segments(city, xy, streets[first]), len(first)), matrix)


def _segments(city: CityNetwork, xy: Floats, links: Ints) -> Segments:
    edges = [np.arange(city.coord_offsets[link], city.coord_offsets[link + 1] - 1) for link in links]
    stretch = np.repeat(np.arange(len(links)), [len(rows) for rows in edges])
    start = np.concatenate(edges) if edges else np.zeros(0, dtype=np.int64)
    length = np.hypot(*(xy[start + 1] - xy[start]).T)
    pieces = np.maximum(np.ceil(length / SEGMENT_M).astype(np.int64), 1)
    edge = np.repeat(np.arange(len(start)), pieces)
    number = np.arange(len(edge)) - np.repeat(np.cumsum(pieces) - pieces, pieces)
    share = (number + 0.5) / pieces[edge]
    middle = xy[start[edge]] + share[:, None] * (xy[start[edge] + 1] - xy[start[edge]])
    return Segments(middle, (length / pieces)[edge], stretch[edge])


def sound_bands(receptor_xy: Floats, segments: Segments, n_stretches: int) -> tuple[sparse.csr_array, ...]:
    """What arrives at receptors (metres, shape ``(n_receptors, 2)``), band by band, A-weighted."""
    shape = (len(receptor_xy), n_stretches)
    if not len(receptor_xy) or not len(segments.xy):
        return tuple(sparse.csr_array(shape) for _band in A_WEIGHT_DB)
    cells, steps, lengths = [], [], []
    for first in range(0, len(receptor_xy), AT_ONCE):
        row, column, away = _near(receptor_xy[first : first + AT_ONCE], segments.xy)
        cells.append((row + first) * n_stretches + segments.stretch[column])
        steps.append(np.rint(away / STEP_M).astype(np.int64))
        lengths.append(segments.length_m[column])
    # Segments stand in the order of their stretches, so what belongs together stands together.
    cell, step, length = np.concatenate(cells), np.concatenate(steps), np.concatenate(lengths)
    begin = np.flatnonzero(np.diff(cell, prepend=-1))
    where = (cell[begin] // n_stretches, cell[begin] % n_stretches)
    table = _energy_table()
    summed = [np.add.reduceat(column[step] * length, begin) if len(begin) else np.zeros(0) for column in table.T]
    return tuple(sparse.csr_array((values, where), shape=shape) for values in summed)


def _near(receptor_xy: Floats, points_xy: Floats) -> tuple[Ints, Ints, Floats]:
    """Pairs within the radius in the order of receptors, then of points; and their distances in metres."""
    east = receptor_xy[:, 0, None] - points_xy[:, 0]
    north = receptor_xy[:, 1, None] - points_xy[:, 1]
    squared = east * east + north * north
    row, column = np.nonzero(squared <= RADIUS_M**2)
    return row, column, np.sqrt(squared[row, column])


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
    power = paths.stretches @ 10 ** (sound_power_db / 10)
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
