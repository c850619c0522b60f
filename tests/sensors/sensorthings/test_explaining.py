"""The page that explains the interface; its examples are addresses that work."""

from __future__ import annotations

import pytest
from django.test import Client

from sensors import decoding
from sensors.sensorthings.pages import EXAMPLES
from tests.sensors.sensorthings.service import ROOT

pytestmark = pytest.mark.django_db


def test_the_page_names_every_observed_property_at_its_own_anchor(client: Client) -> None:
    body = client.get("/sensorthings/").content.decode()

    assert all(f'id="{code}"' in body for code in decoding.properties())
    assert 'id="air-box"' in body


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.query[:20])
def test_every_example_is_answered(world: Client, example: object) -> None:
    response = world.get(f"{ROOT}/{example.query}")  # type: ignore[attr-defined]

    assert response.status_code == 200, response.content
