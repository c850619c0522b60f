"""A campaign, a volunteer's two boxes, and the doors of one process."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from engagement.models import Project, User
from sensors import registering, writer
from sensors.ingesting import Doors
from sensors.models import Campaign
from sensors.registering import Registered, Registration
from tests.sensors.pushing import HOME


@pytest.fixture
def campaign(project: Project) -> Campaign:
    return Campaign.objects.create(
        project=project, slug="air", title={"en": "The air at the bridge"}, opens_on=date(2026, 1, 1)
    )


@pytest.fixture
def air_box(campaign: Campaign, volunteer: User) -> Registered:
    """An air-quality box on a balcony, shown as a square of 100 metres."""
    given = Registration(
        preset="air-box", lon=HOME[0], lat=HOME[1], shown_as="cell100", name="Balcony", chip_id="esp8266-1234567"
    )
    return registering.register(volunteer, campaign, given)


@pytest.fixture
def counter(campaign: Campaign, volunteer: User) -> Registered:
    """A window traffic counter, shown as a square of 500 metres."""
    given = Registration(preset="traffic-counter", lon=HOME[0], lat=HOME[1], shown_as="cell500", name="Window")
    return registering.register(volunteer, campaign, given)


@pytest.fixture
async def doors(transactional_db: None) -> AsyncIterator[Doors]:
    """The doors of one server process, with its cache of keys and its writer."""
    opened = Doors()
    yield opened
    writer.close()
    opened.close()
    await sync_to_async(connections.close_all)()
