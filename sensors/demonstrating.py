"""The sensors of the demo, brought in as volunteers bring in theirs: registered, named, approved, filled by file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from django.db import transaction

from engagement import moderation
from engagement.models import Project, QueueItem, User
from sensors import backfilling, keyring, naming, registering, simulation
from sensors.models import Campaign, Observation
from sensors.registering import NoStreetHere, Registered, Registration
from sensors.simulation import SimulatedSite
from sensors.storing import Report

SPACE = UUID("5d0a6f0e-3c1f-4d7e-9a55-6f3f0a7e2b11")
WAITING = 2  # names that wait for a moderator, so that the queue is not empty


@dataclass(frozen=True)
class Loaded:
    """What :func:`load` did."""

    campaign: Campaign
    sites: int
    report: Report


def load(project: Project, volunteer: User, officer: User | None, *, now: datetime, seed: int = 2026) -> Loaded:
    """Twelve simulated sensors with three weeks of hourly readings. Running it again adds nothing.

    Args:
        officer: approves all names but the last two; None leaves all of them waiting.
    """
    campaign = _campaign(project, now)
    total, count = Report(), 0
    for number, simulated in enumerate(simulation.sites(seed, now)):
        given = _registration(project, number, simulated)
        registered = _register(volunteer, campaign, given)
        count += 1
        if officer is not None and number < len(simulation.STREETS) + len(simulation.BALCONIES) - WAITING:
            _approve(registered, officer)
        if not Observation.objects.filter(datastream__site=registered.site).exists():
            door = keyring.door_of(registered.device)
            total.add(backfilling.take(door, simulated.csv.splitlines(), backfilling.direct()))
    return Loaded(campaign, count, total)


def _campaign(project: Project, now: datetime) -> Campaign:
    campaign, _created = Campaign.objects.get_or_create(
        project=project,
        slug="street-and-air",
        defaults={
            "title": {
                "en": "Street and air around the bridge",
                "fi": "Katu ja ilma sillan ympärillä",
                "sv": "Gatan och luften kring bron",
                "ar": "الشارع والهواء حول الجسر",
            },
            "opens_on": (now - timedelta(weeks=simulation.WEEKS)).date(),
            "simulated": True,
        },
    )
    return campaign


def _registration(project: Project, number: int, simulated: SimulatedSite) -> Registration:
    return Registration(
        id=uuid5(SPACE, f"{project.slug}/{number}"),
        preset=simulated.preset,
        lon=simulated.lon,
        lat=simulated.lat,
        shown_as=simulated.shown_as,
        name=simulated.name,
        height_m=simulated.height_m,
        facing=simulated.facing,
        simulated=True,
    )


def _register(volunteer: User, campaign: Campaign, given: Registration) -> Registered:
    """Counters are shown by their stretch of street; where the streets are not imported, by a square."""
    try:
        with transaction.atomic():
            return registering.register(volunteer, campaign, given)
    except NoStreetHere:
        return registering.register(volunteer, campaign, replace(given, shown_as="cell100"))


def _approve(registered: Registered, officer: User) -> None:
    item = QueueItem.objects.filter(
        kind=naming.KIND, ref=naming.ref(registered.site), state=QueueItem.State.WAITING
    ).first()
    if item is not None:
        moderation.rule(item, officer, "approved")
