"""A service that anybody may write to, and a small world in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from tests.sensors.sensorthings.service import build


@pytest.fixture
def open_service(db: None, settings: Any) -> Client:
    """A scratch database in which everybody may write."""
    settings.LOGGIA_SENSORTHINGS_OPEN_WRITES = True
    return Client()


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[Client]:
    """The small world, made once for all tests of a file, which only read."""
    with django_db_blocker.unblock(), transaction.atomic():
        settings.LOGGIA_SENSORTHINGS_OPEN_WRITES = True
        client = Client()
        try:
            build(client)
            yield client
        finally:
            settings.LOGGIA_SENSORTHINGS_OPEN_WRITES = False
            transaction.set_rollback(True)
