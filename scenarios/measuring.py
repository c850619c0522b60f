"""Measures: what a planner may ask for, checked with a sentence each, and what they do to a network link by link."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import numpy as np
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from scipy.spatial import cKDTree

from engagement.problems import Refused
from scenarios.library.arrays import Bools, Ints
from scenarios.library.city import STREET, CityNetwork
from scenarios.library.measures import Measures
from scenarios.models import Measure, Scenario
from sources.geodesy import metres

VERSION: Final = "1"
"""Of what measures do to a network: part of every run's recipe."""
FOR: Final = ("all", "cars")
MOST_WAYS: Final = 500
SNAP_M: Final = 50.0
COMPASS: Final = {"north": (0.0, 1.0), "east": (1.0, 0.0), "south": (0.0, -1.0), "west": (-1.0, 0.0)}
AFTERNOON: Final = 16
"""Hour of day that is modelled when measures are in force all day."""
HOUR_LEVELS: Final = (
    0.10, 0.07, 0.05, 0.05, 0.08, 0.20, 0.50, 0.85, 0.95, 0.75, 0.70, 0.74,
    0.78, 0.80, 0.85, 0.95, 1.00, 0.98, 0.80, 0.62, 0.48, 0.38, 0.28, 0.18,
)  # fmt: skip
"""Traffic of each hour of a weekday as a share of the hour from 16 to 17 (assumed: profile of a city street)."""

Kind = Measure.Kind


class BadMeasure(Refused):
    status = 422
    code = "bad-measure"
    title = gettext_lazy("This measure cannot be computed.")


@dataclass(frozen=True, eq=False)
class Planned:
    """All measures of a scenario on its network."""

    city: CityNetwork
    """With the links that measures add; they are closed before them."""
    measures: Measures
    hour: int
    """Hour of day that is modelled: one in which every measure is in force."""

    @property
    def level(self) -> float:
        """Traffic of that hour as a share of the afternoon's."""
        return HOUR_LEVELS[self.hour] / HOUR_LEVELS[AFTERNOON]

    @property
    def all_day(self) -> bool:
        return self.hour == AFTERNOON


def checked(city: CityNetwork, raw: Mapping[str, Any]) -> dict[str, Any]:
    """A measure as it is stored: only what its kind knows, ways ascending.

    Raises:
        BadMeasure: with what is wrong and what may be written.
    """
    check = _CHECKS.get(str(raw.get("kind")))
    if check is None:
        raise BadMeasure(
            _("The kind “%(kind)s” is not known. Known: %(known)s.")
            % {"kind": raw.get("kind", ""), "known": ", ".join(_CHECKS)}
        )
    return {"kind": str(raw["kind"])} | check(city, raw)


def planned(city: CityNetwork, bodies: Sequence[Mapping[str, Any]]) -> Planned:
    """What checked measures do together, in their order."""
    for body in bodies:
        if body["kind"] == Kind.ADD_LINK:
            city = _with_link(city, body)
    measures = replace(Measures.none(city.n_links), added=(city.kind == STREET) & (city.way_id < 0))
    for body in bodies:
        measures = _EFFECTS[body["kind"]](city, body, measures)
    return Planned(city, measures, _common_hour(bodies))


def plan_of(scenario: Scenario) -> Planned:
    """The measures of a stored scenario on its network."""
    return planned(scenario.network.city(), [measure.body for measure in scenario.measures.all()])


def active(body: Mapping[str, Any], day: date, hour: int) -> bool:
    """Whether a measure is in force in this hour of this day; one without dates always is."""
    if body.get("begins", "") > day.isoformat() or body.get("ends", "9999") < day.isoformat():
        return False
    return hour in hours_of(body)


def hours_of(body: Mapping[str, Any]) -> list[int]:
    """Hours of the day in which a measure is in force: from 22 to 6 are 22, 23, 0 … 5."""
    first, last = body.get("hours", (0, 24))
    return [hour % 24 for hour in range(first, last if last > first else last + 24)]


def _common_hour(bodies: Iterable[Mapping[str, Any]]) -> int:
    """The busiest hour in which all measures are in force."""
    common = set(range(24)).intersection(*(hours_of(body) for body in bodies))
    if not common:
        raise BadMeasure(_("There is no hour of the day in which all measures are in force: ask for them one by one."))
    return AFTERNOON if AFTERNOON in common else max(common, key=lambda hour: (HOUR_LEVELS[hour], -hour))


# --- checks -------------------------------------------------------------------------------------------------------


def _check_closing(city: CityNetwork, raw: Mapping[str, Any]) -> dict[str, Any]:
    if raw.get("for", "all") not in FOR:
        raise BadMeasure(_("Streets are closed for “all” or for “cars”, not for “%(whom)s”.") % {"whom": raw["for"]})
    return {"ways": _ways(city, raw), "for": raw.get("for", "all")}


def _check_one_way(city: CityNetwork, raw: Mapping[str, Any]) -> dict[str, Any]:
    towards = raw.get("towards")
    if towards not in COMPASS:
        raise BadMeasure(_("“towards” is north, east, south or west: the direction that stays open."))
    return {"ways": _ways(city, raw), "towards": towards}


def _check_speed(city: CityNetwork, raw: Mapping[str, Any]) -> dict[str, Any]:
    return {"ways": _ways(city, raw), "kmh": _number(raw, "kmh", 5, 130)}


def _check_capacity(city: CityNetwork, raw: Mapping[str, Any]) -> dict[str, Any]:
    return {"ways": _ways(city, raw), "factor": _number(raw, "factor", 0.1, 4)}


def _check_demand(_city: CityNetwork, raw: Mapping[str, Any]) -> dict[str, Any]:
    return {"factor": _number(raw, "factor", 0.1, 3)}


def _check_works(city: CityNetwork, raw: Mapping[str, Any]) -> dict[str, Any]:
    begins, ends = (_day(raw, name) for name in ("begins", "ends"))
    if begins > ends:
        raise BadMeasure(_("The works end before they begin."))
    hours = raw.get("hours", (0, 24))
    whole = isinstance(hours, list | tuple) and len(hours) == 2 and all(isinstance(h, int) for h in hours)
    if not whole or not (0 <= hours[0] <= 23 and 0 <= hours[1] <= 24) or hours[0] == hours[1]:
        raise BadMeasure(_("“hours” are two whole hours of the day, for example [22, 6] for nights only."))
    return _check_closing(city, raw) | {"begins": begins, "ends": ends, "hours": list(hours)}


def _check_link(city: CityNetwork, raw: Mapping[str, Any]) -> dict[str, Any]:
    ends = [_node_at(city, raw, name) for name in ("from", "to")]
    if ends[0][0] == ends[1][0]:
        raise BadMeasure(_("A new street needs two ends at different junctions."))
    return {
        "from": ends[0][1],
        "to": ends[1][1],
        "kmh": _number(raw, "kmh", 5, 130),
        "capacity_vph": _number(raw, "capacity_vph", 50, 20_000),
        "both_ways": bool(raw.get("both_ways", True)),
    }


def _node_at(city: CityNetwork, raw: Mapping[str, Any], name: str) -> tuple[int, list[float]]:
    point = raw.get(name)
    if not (isinstance(point, list | tuple) and len(point) == 2 and all(isinstance(v, int | float) for v in point)):
        raise BadMeasure(_("“%(name)s” is [longitude, latitude] of a junction.") % {"name": name})
    nodes = np.unique(np.concatenate([city.tail[city.kind == STREET], city.head[city.kind == STREET]]))
    at = np.array([[float(point[0]), float(point[1])]])
    away, place = cKDTree(metres(city.node_lonlat[nodes])).query(metres(at)[0])
    if not np.isfinite(away) or away > SNAP_M:
        raise BadMeasure(
            _("No junction of the network lies within %(most)d m of “%(name)s”.") % {"most": SNAP_M, "name": name}
        )
    return int(nodes[place]), [float(point[0]), float(point[1])]


def _ways(city: CityNetwork, raw: Mapping[str, Any]) -> list[int]:
    ways = _way_numbers(raw.get("ways"))
    if not 1 <= len(ways) <= MOST_WAYS:
        raise BadMeasure(_("Name at least one street, and at most %(most)s ways.") % {"most": MOST_WAYS})
    _check_modelled(city, ways)
    return ways


def _way_numbers(raw: object) -> list[int]:
    if not isinstance(raw, list | tuple):
        raise BadMeasure(_("“ways” is a list of OSM ways, for example [23952344]."))
    found = [re.fullmatch(r"(?:way/)?(\d{1,18})", str(item)) for item in raw]
    if bad := [str(item) for item, match in zip(raw, found, strict=True) if match is None]:
        raise BadMeasure(_("“%(item)s” is no OSM way. Write its number, for example 23952344.") % {"item": bad[0]})
    return sorted({int(match[1]) for match in found if match})


def _check_modelled(city: CityNetwork, ways: Iterable[int]) -> None:
    modelled = set(city.way_id[city.kind == STREET].tolist())
    unmodelled = set(city.unmodelled_way.tolist())
    for way in ways:
        if way in unmodelled:
            raise BadMeasure(
                _("No cars are modelled on way/%(way)s, so closing it cannot be computed: it is a path, or cut off.")
                % {"way": way}
            )
        if way not in modelled:
            raise BadMeasure(_("The network has no way/%(way)s. Look it up on the map of this project.") % {"way": way})


def _number(raw: Mapping[str, Any], name: str, least: float, most: float) -> float:
    value = raw.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise BadMeasure(
            _("“%(name)s” is a number from %(least)g to %(most)g.") % {"name": name, "least": least, "most": most}
        )
    return float(value)


def _day(raw: Mapping[str, Any], name: str) -> str:
    try:
        return date.fromisoformat(str(raw.get(name, ""))).isoformat()
    except ValueError:
        raise BadMeasure(_("“%(name)s” is a day such as 2027-05-03.") % {"name": name}) from None


_CHECKS: Final[dict[str, Callable[[CityNetwork, Mapping[str, Any]], dict[str, Any]]]] = {
    Kind.CLOSE_LINKS.value: _check_closing,
    Kind.ONE_WAY.value: _check_one_way,
    Kind.SET_SPEED.value: _check_speed,
    Kind.SET_CAPACITY.value: _check_capacity,
    Kind.ADD_LINK.value: _check_link,
    Kind.SCALE_DEMAND.value: _check_demand,
    Kind.ROAD_WORKS.value: _check_works,
}


# --- effects ------------------------------------------------------------------------------------------------------


def _links(city: CityNetwork, body: Mapping[str, Any]) -> Bools:
    return city.links_of(np.array(body["ways"], dtype=np.int64))


def _close(city: CityNetwork, body: Mapping[str, Any], so_far: Measures) -> Measures:
    return replace(so_far, closed=so_far.closed | _links(city, body))


def _one_way(city: CityNetwork, body: Mapping[str, Any], so_far: Measures) -> Measures:
    xy = metres(city.node_lonlat)
    against = (xy[city.head] - xy[city.tail]) @ np.array(COMPASS[body["towards"]]) < 0
    return replace(so_far, closed=so_far.closed | (_links(city, body) & against))


def _speed(city: CityNetwork, body: Mapping[str, Any], so_far: Measures) -> Measures:
    return replace(so_far, speed=np.where(_links(city, body), body["kmh"] / city.speed_kmh, so_far.speed))


def _capacity(city: CityNetwork, body: Mapping[str, Any], so_far: Measures) -> Measures:
    return replace(so_far, capacity=so_far.capacity * np.where(_links(city, body), body["factor"], 1.0))


def _demand(_city: CityNetwork, body: Mapping[str, Any], so_far: Measures) -> Measures:
    return replace(so_far, demand=so_far.demand * body["factor"])


def _nothing_more(_city: CityNetwork, _body: Mapping[str, Any], so_far: Measures) -> Measures:
    return so_far


_EFFECTS: Final[dict[str, Callable[[CityNetwork, Mapping[str, Any], Measures], Measures]]] = {
    Kind.CLOSE_LINKS.value: _close,
    Kind.ONE_WAY.value: _one_way,
    Kind.SET_SPEED.value: _speed,
    Kind.SET_CAPACITY.value: _capacity,
    Kind.ADD_LINK.value: _nothing_more,
    Kind.SCALE_DEMAND.value: _demand,
    Kind.ROAD_WORKS.value: _close,
}


def _with_link(city: CityNetwork, body: Mapping[str, Any]) -> CityNetwork:
    """The city with a straight new street; its way gets the next free negative number."""
    first, last = (_node_at(city, body, name)[0] for name in ("from", "to"))
    pairs = [(first, last), (last, first)] if body["both_ways"] else [(first, last)]
    xy = metres(city.node_lonlat)
    way = min(int(city.way_id.min()), 0) - 1
    new: Ints = np.array(pairs, dtype=np.int64)
    count = len(pairs)

    def more(column: Any, value: Any) -> Any:
        return np.concatenate([column, np.full(count, value)])

    return replace(
        city,
        tail=np.concatenate([city.tail, new[:, 0]]),
        head=np.concatenate([city.head, new[:, 1]]),
        kind=np.concatenate([city.kind, np.full(count, STREET, dtype=city.kind.dtype)]),
        way_id=more(city.way_id, way),
        name=more(city.name, ""),
        length_m=more(city.length_m, max(float(np.hypot(*(xy[last] - xy[first]))), 1.0)),
        speed_kmh=more(city.speed_kmh, body["kmh"]),
        speed_source=more(city.speed_source, "set by a planner"),
        capacity_vph=more(city.capacity_vph, body["capacity_vph"]),
        capacity_source=more(city.capacity_source, "set by a planner"),
        coord_offsets=np.concatenate([city.coord_offsets, city.coord_offsets[-1] + 2 * np.arange(1, count + 1)]),
        lonlat=np.concatenate([city.lonlat, city.node_lonlat[new.ravel()]]),
    )
