"""Networks and scenarios: storing a baseline, changing its ring, asking a what-if. Everything is refused with a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement import audit
from engagement.models import Project, User
from engagement.problems import Refused
from privacy.canonical import sha256
from scenarios import importing, measuring
from scenarios.importing import Imported
from scenarios.library.arrays import Floats
from scenarios.library.city import STREET, CityNetwork
from scenarios.measuring import BadMeasure
from scenarios.models import Measure, Network, Scenario
from sources import osm
from sources.report import Unreadable


class UnreadableCity(Refused):
    status = 422
    code = "unreadable-city"
    title = gettext_lazy("This file cannot be used as a street network.")


class NoNetwork(Refused):
    status = 409
    code = "no-network"
    title = gettext_lazy("This project has no street network yet.")


class BadRing(Refused):
    status = 422
    code = "bad-ring"
    title = gettext_lazy("These values of the ring cannot be used.")


def import_network(project: Project, file: Path) -> Network:
    """Read a city file and store its network as the baseline of a project; reading the same file again changes nothing.

    Raises:
        UnreadableCity: with a sentence from the reader.
    """
    try:
        imported = importing.build(osm.read(file))
    except Unreadable as error:
        raise UnreadableCity(str(error)) from error
    return store_network(project, imported, attribution=osm.ATTRIBUTION)


def store_network(project: Project, imported: Imported, *, attribution: str = "", note: str = "") -> Network:
    """Keep a network under its digest."""
    city = imported.network
    network, _created = Network.objects.get_or_create(
        project=project,
        digest=city.digest,
        defaults={"content": city.to_bytes(), "report": imported.report, "attribution": attribution, "note": note},
    )
    return network


def network_of(project: Project) -> Network:
    """The newest network of a project. Raises NoNetwork."""
    network = Network.objects.filter(project=project).first()
    if network is None:
        raise NoNetwork(_("Import a city file first; an administrator can do that."))
    return network


@transaction.atomic
def change_ring(planner: User, network: Network, rows: Sequence[tuple[float, float, float]]) -> Network:
    """A new network with other ring links; scenarios of the old one keep their baseline.

    Args:
        rows: length in metres, speed in km/h and capacity in vehicles/h of each ring link, in order.

    Raises:
        BadRing: a value is not a positive number, or there are too few.
    """
    values: Floats = np.array(rows, dtype=np.float64).reshape(-1, 3)
    source = _("set by a planner")
    try:
        changed = network.city().with_ring(values[:, 0], values[:, 1], values[:, 2], str(source))
    except ValueError as error:
        raise BadRing(_("Every ring link needs a length, a speed and a capacity above 0.")) from error
    stored = store_network(
        network.project,
        Imported(changed, network.report),
        attribution=network.attribution,
        note=_("Ring of outside links changed."),
    )
    audit.record(planner, "network.ring-changed", f"network:{stored.pk}", {"from": network.digest, "to": stored.digest})
    return stored


def ways_in(city: CityNetwork, text: str) -> list[int]:
    """OSM ways that a planner names, one street or way per line: ``Pohjoisesplanadi`` or ``way/23952344``.

    Raises:
        BadMeasure: naming the first line that means no street of the network.
    """
    ways: set[int] = set()
    for line in filter(None, map(str.strip, text.splitlines())):
        if number := re.fullmatch(r"(?:way/)?(\d{1,18})", line):
            ways.add(int(number[1]))
            continue
        named = city.way_id[(city.kind == STREET) & (np.char.lower(city.name) == line.lower())]
        if not len(named):
            raise BadMeasure(
                _("No street called “%(name)s” is in the network. Write it as on the map, or its number as way/123.")
                % {"name": line}
            )
        ways.update(named.tolist())
    return sorted(ways)


@transaction.atomic
def create_scenario(
    project: Project, *, title: Mapping[str, str], measures: Sequence[Mapping[str, Any]], planner: User | None
) -> Scenario:
    """Ask a what-if of a project's newest network. The same measures again give the same scenario.

    Raises:
        NoNetwork, BadMeasure.
    """
    network = network_of(project)
    city = network.city()
    if not measures:
        raise BadMeasure(_("A scenario needs at least one measure; without one it is the baseline."))
    if not any(str(text).strip() for text in title.values()):
        raise BadMeasure(_("Give the question a title in at least one language."))
    checked = [measuring.checked(city, raw) for raw in measures]
    measuring.planned(city, checked)
    digest = sha256({"baseline": network.digest, "measures": checked})
    scenario, created = Scenario.objects.get_or_create(
        project=project, digest=digest, defaults={"network": network, "title": dict(title), "made_by": planner}
    )
    if created:
        Measure.objects.bulk_create(
            Measure(scenario=scenario, position=position, kind=body["kind"], body=body)
            for position, body in enumerate(checked, 1)
        )
        audit.record(planner, "scenario.created", f"scenario:{scenario.pk}", {"digest": digest})
    return scenario


@transaction.atomic
def publish_scenario(planner: User, scenario: Scenario, *, published: bool) -> None:
    """Let residents see the results, or hide them again.

    Raises:
        BadMeasure: there are no results yet.
    """
    if published and scenario.latest_run is None:
        raise BadMeasure(_("Compute the scenario first: there is nothing to show yet."))
    scenario.published = published
    scenario.save(update_fields=["published"])
    audit.record(planner, "scenario.published" if published else "scenario.hidden", f"scenario:{scenario.pk}")
