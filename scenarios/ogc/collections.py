"""What planners can pull: street networks, results of published what-ifs, decisions. Who sees what is asked once, here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import numpy as np
import shapely
from django.core.cache import cache
from django.http import Http404
from django.utils.translation import gettext as _

from engagement.languages import pick
from engagement.models import Project
from scenarios import measuring, running
from scenarios.library.city import STREET, CityNetwork
from scenarios.models import Decision, Network, Run, Scenario
from scenarios.ogc.tables import FeatureRows
from scenarios.results import StoredLayer

KEPT_S: Final = 3600


@dataclass(frozen=True)
class Collection:
    """One set of features; they are only read when somebody asks for them."""

    id: str
    title: str
    description: str
    attribution: str
    read: Callable[[], FeatureRows]
    version: str = ""
    """Digest of what it is read from; "" where that may change under one name."""

    def extent(self) -> list[float] | None:
        """West, south, east, north; remembered as long as the content is the same."""
        if not self.version:
            return self.read().extent()
        return cache.get_or_set(f"scenarios.ogc.extent.{self.id}.{self.version}", lambda: self.read().extent(), KEPT_S)


def visible_to(user: object) -> list[Collection]:
    """Every collection that the person may read."""
    return list(_all(user))


def collection_for(user: object, collection_id: str) -> Collection:
    """One collection; absent where the person may not see it."""
    found = next((one for one in _all(user) if one.id == collection_id), None)
    if found is None:
        raise Http404
    return found


def _all(user: object) -> Iterator[Collection]:
    for project in Project.objects.visible_to(user).order_by("slug"):
        network = Network.objects.filter(project=project).defer("content").first()
        if network is not None:
            yield _network(project, network)
        if Decision.objects.visible_to(user).filter(project=project, published_at__isnull=False).exists():
            yield _decisions(project)
    for scenario in Scenario.objects.visible_to(user).select_related("network", "project").order_by("pk"):
        run = scenario.latest_run
        if run is not None:
            yield from _results(scenario, run)


def _network(project: Project, network: Network) -> Collection:
    return Collection(
        id=f"{project.slug}-streets",
        title=_("Streets: %(project)s") % {"project": pick(project.title)},
        description=_("Modelled street links, one per direction, with speed and capacity and where these come from."),
        attribution=network.attribution,
        read=lambda: _street_rows(network.city()),
        version=network.digest,
    )


def _street_rows(city: CityNetwork) -> FeatureRows:
    rows = np.flatnonzero(city.kind == STREET).tolist()
    columns = {
        "way": city.way_id, "name": city.name, "from_node": city.tail, "to_node": city.head, "length_m": city.length_m,
        "speed_kmh": city.speed_kmh, "speed_source": city.speed_source, "capacity_vph": city.capacity_vph,
        "capacity_source": city.capacity_source,
    }  # fmt: skip
    return FeatureRows(
        [f"link-{row}" for row in rows],
        np.array([shapely.LineString(city.course(row)) for row in rows], dtype=object),
        {name: column[rows].tolist() for name, column in columns.items()},
    )


def _results(scenario: Scenario, run: Run) -> Iterator[Collection]:
    title, attribution = pick(scenario.title), scenario.network.attribution
    yield Collection(
        id=f"what-if-{scenario.pk}-traffic",
        title=running.titled("traffic", {"en": title})["en"],
        description=_("Cars per hour on every street, both directions, before and after, with range and class."),
        attribution=attribution,
        read=lambda: _traffic_rows(measuring.plan_of(scenario).city, run),
        version=run.pk,
    )
    for layer in running.results(run).layers:
        yield Collection(
            id=f"what-if-{scenario.pk}-{layer}",
            title=running.titled(layer, {"en": title})["en"],
            description=_("Values before and after with class −2 much less … 2 much more, 0 no clear change."),
            attribution=attribution,
            read=partial(_layer_of, scenario, run, layer),
            version=run.pk,
        )


def _layer_of(scenario: Scenario, run: Run, layer: str) -> FeatureRows:
    return _layer_rows(measuring.plan_of(scenario).city, run, layer)


def _traffic_rows(city: CityNetwork, run: Run) -> FeatureRows:
    found = running.results(run)
    places = _ways(city)
    columns: dict[str, Any] = {
        "before_vph": found.way_before, "after_vph": found.way_after, "change_p05_vph": found.way_change_p05,
        "change_p95_vph": found.way_change_p95, "p_sign": found.way_p_sign, "class": found.way_class,
    }  # fmt: skip
    ids = found.way_id.tolist()
    return FeatureRows(
        [f"way-{way}" for way in ids],
        np.array([places[way][0] for way in ids], dtype=object),
        {"feature": [f"way/{way}" for way in ids], "name": [places[way][1] for way in ids]} | _plain(columns),
    )


def _layer_rows(city: CityNetwork, run: Run, name: str) -> FeatureRows:
    layer: StoredLayer = running.results(run).layers[name]
    features = layer.feature_id.tolist()
    if name == "noise":
        middles = _building_middles(city)
        places = [middles.get(feature) for feature in features]
    else:
        ways = _ways(city)
        places = [ways[int(feature.removeprefix("way/"))][0] for feature in features]
    unit = {"noise": "db", "air": "ug_m3"}[name]
    columns = {f"before_{unit}": layer.before, f"after_{unit}": layer.after, "p_sign": layer.p_sign, "class": layer.cls}
    ids = [feature.replace("/", "-") for feature in features]
    return FeatureRows(ids, np.array(places, dtype=object), {"feature": features} | _plain(columns))


def _ways(city: CityNetwork) -> dict[int, tuple[shapely.MultiLineString, str]]:
    """Course and name of every modelled way; a stretch that is driven both ways is drawn once."""
    lines: dict[int, dict[tuple[int, int], Any]] = {}
    names: dict[int, str] = {}
    for link in np.flatnonzero(city.kind == STREET).tolist():
        way, ends = int(city.way_id[link]), sorted((int(city.tail[link]), int(city.head[link])))
        lines.setdefault(way, {}).setdefault((ends[0], ends[1]), city.course(link))
        names[way] = str(city.name[link])
    return {way: (shapely.MultiLineString([*stretches.values()]), names[way]) for way, stretches in lines.items()}


def _building_middles(city: CityNetwork) -> dict[str, shapely.Point]:
    """The middle of the façade points of each building."""
    count = np.bincount(city.receptor_building, minlength=len(city.building_id))
    sums = [np.bincount(city.receptor_building, city.receptor_lonlat[:, axis], minlength=len(count)) for axis in (0, 1)]
    return {
        str(feature): shapely.Point(sums[0][row] / count[row], sums[1][row] / count[row])
        for row, feature in enumerate(city.building_id.tolist())
        if count[row]
    }


def _plain(columns: dict[str, Any]) -> dict[str, list[Any]]:
    """Arrays as JSON values; what is no number is None."""
    return {
        name: [None if isinstance(v, float) and not np.isfinite(v) else v for v in np.asarray(column).tolist()]
        for name, column in columns.items()
    }


def _decisions(project: Project) -> Collection:
    return Collection(
        id=f"{project.slug}-decisions",
        title=_("Decisions: %(project)s") % {"project": pick(project.title)},
        description=_("What was decided, when and why, with the calculations and releases it rests on."),
        attribution="",
        read=lambda: _decision_rows(project),
    )


def _decision_rows(project: Project) -> FeatureRows:
    found = list(Decision.objects.filter(project=project, published_at__isnull=False).prefetch_related("runs"))
    places = [None if one.geometry is None else shapely.from_wkb(bytes(one.geometry.wkb)) for one in found]
    return FeatureRows(
        [str(one.pk) for one in found],
        np.array([*places, None], dtype=object)[:-1],
        {
            "title": [pick(one.title) for one in found],
            "outcome": [one.outcome for one in found],
            "reason": [one.reason for one in found],
            "text": [pick(one.plain_text) for one in found],
            "decided_on": [one.decided_on.isoformat() for one in found],
            "runs": [" ".join(run.pk for run in one.runs.all()) for one in found],
            "releases": [" ".join(one.releases) for one in found],
        },
        [one.decided_on for one in found],
    )
