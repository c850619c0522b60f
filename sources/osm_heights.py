"""How high an OSM building is, and how we know."""

from __future__ import annotations

import re
from dataclasses import dataclass
from statistics import median
from typing import Final

METRES_PER_LEVEL: Final = 3.2
METRES_PER_ROOF_LEVEL: Final = 2.4
METRES_PER_FOOT: Final = 0.3048
HIGHEST_M: Final = 900.0
SMALL_M2: Final = 30.0
ENOUGH_TAGGED: Final = 20

# Levels where neither the building nor its city says anything.
USUAL_LEVELS: Final = {
    "apartments": 5,
    "office": 5,
    "commercial": 3,
    "retail": 2,
    "hotel": 6,
    "hospital": 5,
    "university": 4,
    "school": 3,
    "church": 4,
    "cathedral": 6,
    "train_station": 2,
    "house": 2,
    "detached": 2,
    "semidetached_house": 2,
    "terrace": 2,
    "farm": 2,
    "garage": 1,
    "garages": 1,
    "shed": 1,
    "hut": 1,
    "kiosk": 1,
    "roof": 1,
    "service": 1,
    "toilets": 1,
    "greenhouse": 1,
    "industrial": 2,
    "warehouse": 2,
}
LOW: Final = frozenset({"garage", "garages", "shed", "hut", "kiosk", "roof", "service", "toilets", "greenhouse"})
USUAL_M: Final = 8.0


@dataclass(frozen=True)
class Height:
    """Underside and top above ground in metres, and where the top comes from."""

    base_m: float
    top_m: float
    source: str


def metres_in(text: str) -> float | None:
    """``12`` · ``12.5 m`` · ``12,5`` · ``40 ft`` · ``40'``; None for anything else or nonsense."""
    found = re.fullmatch(r"\s*(\d+(?:[.,]\d+)?)\s*(m|ft|')?\s*", text)
    if not found:
        return None
    value = float(found[1].replace(",", ".")) * (METRES_PER_FOOT if found[2] in {"ft", "'"} else 1.0)
    return value if 0 < value <= HIGHEST_M else None


def tagged(tags: dict[str, str]) -> Height | None:
    """Height from ``height``, else from levels; None when the tags give neither."""
    top, source = metres_in(tags.get("height", "")), "height"
    if top is None:
        levels = metres_in(tags.get("building:levels", ""))
        if levels is None:
            return None
        roof = metres_in(tags.get("roof:levels", "")) or 0.0
        top, source = levels * METRES_PER_LEVEL + roof * METRES_PER_ROOF_LEVEL, "levels"
    return Height(_base(tags, top), top, source)


def _base(tags: dict[str, str], top: float) -> float:
    low = metres_in(tags.get("min_height", ""))
    if low is None:
        low = (metres_in(tags.get("building:min_level", "")) or 0.0) * METRES_PER_LEVEL
    if low == 0.0 and tags.get("building", tags.get("building:part")) in {"roof", "carport"}:
        low = top - 0.4  # a canopy: one can walk below it
    return low if 0 <= low < top else 0.0


class Assumptions:
    """What to assume for a building without a height: its class's or its city's median, else what is usual."""

    def __init__(self, known: list[tuple[str, float]]) -> None:
        """``known``: class and height of every building of this file that has one."""
        by_class: dict[str, list[float]] = {}
        for name, top in known:
            by_class.setdefault(name, []).append(top)
        self._medians = {name: median(tops) for name, tops in by_class.items() if len(tops) >= ENOUGH_TAGGED}
        mixed = [top for name, top in known if name not in LOW]
        self._overall = median(mixed) if len(mixed) >= ENOUGH_TAGGED else None

    def height(self, tags: dict[str, str], area_m2: float) -> Height:
        name = tags.get("building", tags.get("building:part", "yes"))
        if area_m2 < SMALL_M2 or name in LOW:
            top, why = METRES_PER_LEVEL, "small" if name not in LOW else f"usual for {name}"
        elif name in self._medians:
            top, why = self._medians[name], f"median of {name} here"
        elif name in USUAL_LEVELS:
            top, why = USUAL_LEVELS[name] * METRES_PER_LEVEL, f"usual for {name}"
        elif self._overall is not None:
            top, why = self._overall, "median of the buildings here"
        else:
            top, why = USUAL_M, "usual for a building"
        return Height(_base(tags, top), round(top, 1), f"assumed: {why}")
