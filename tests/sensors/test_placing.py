"""Privacy of the place: what is shown is never finer than what the host chose."""

from __future__ import annotations

import json
import math

import pytest
from django.test import Client

from engagement.geo import distance_m, point
from engagement.live import snapshot
from engagement.models import LiveEvent, LogEntry, User
from sensors import placing, registering
from sensors.models import Campaign, ExactPlace, Site
from sensors.placing import CannotOpen
from sensors.registering import Registered, Registration
from tests.sensors.pushing import HOME


def test_a_cell_is_a_square_of_its_size_and_holds_the_point() -> None:
    for size in (100, 500):
        lon, lat = placing.cell_centre(*HOME, size)
        corners = placing.cell_corners(*HOME, size)
        centre = point(lon, lat)
        assert distance_m(*HOME, centre) <= size / math.sqrt(2) * 1.01
        assert [round(distance_m(*corner, centre) / (size / math.sqrt(2)), 1) for corner in corners] == [1.0] * 4


def test_every_point_of_a_cell_is_shown_at_the_same_place() -> None:
    corners = placing.cell_corners(*HOME, 100)
    centre = placing.cell_centre(*HOME, 100)
    inside = [(0.99 * lon + 0.01 * centre[0], 0.99 * lat + 0.01 * centre[1]) for lon, lat in corners]
    assert {placing.cell_centre(lon, lat, 100) for lon, lat in inside} == {centre}


def test_a_large_cell_is_made_of_whole_small_ones() -> None:
    large = placing.cell_centre(*HOME, 500)
    for lon, lat in placing.cell_corners(*HOME, 100):
        inside = (
            0.999 * lon + 0.001 * placing.cell_centre(*HOME, 100)[0],
            0.999 * lat + 0.001 * placing.cell_centre(*HOME, 100)[1],
        )
        assert placing.cell_centre(*inside, 500) == large


def test_the_exact_place_is_sealed_for_one_site_only(air_box: Registered, counter: Registered) -> None:
    place = ExactPlace.objects.get(site=air_box.site)
    assert placing.unseal(place) == HOME
    assert b"24.94" not in bytes(place.sealed)
    moved = ExactPlace(site=counter.site, sealed=place.sealed)
    with pytest.raises(CannotOpen):
        placing.unseal(moved)


def test_a_thousand_saves_show_one_point(air_box: Registered, volunteer: User) -> None:
    site, shown = air_box.site, set()
    for _ in range(1000):
        registering._show(site, *placing.unseal(site.exact_place), "cell100")
        assert site.public_point is not None
        shown.add(site.public_point.coords)
    assert shown == {placing.cell_centre(*HOME, 100)}


def test_a_place_can_be_shown_otherwise_and_back_without_a_new_point(air_box: Registered, volunteer: User) -> None:
    site = air_box.site
    registering.show_as(volunteer, site, "hidden")
    assert Site.objects.get(pk=site.pk).public_point is None
    assert not Site.objects.public().exists()
    registering.show_as(volunteer, site, "cell500")
    assert site.public_point is not None
    assert site.public_point.coords == placing.cell_centre(*HOME, 500)


def test_no_public_byte_holds_the_exact_place(
    campaign: Campaign, volunteer: User, outsider: User, officer: User, client: Client
) -> None:
    for shown_as in ("cell100", "cell500", "hidden"):
        given = Registration(preset="air-box", lon=HOME[0], lat=HOME[1], shown_as=shown_as, name="Home")
        registering.register(volunteer, campaign, given)
    written = [json.dumps(snapshot("values.bridge"))]
    written += [json.dumps(event.payload) for event in LiveEvent.objects.all()]
    written += [json.dumps(entry.details) + entry.subject for entry in LogEntry.objects.all()]
    pages = ["/sensors/", *(f"/sensors/{site.pk}/" for site in Site.objects.all()), "/api/v1/sensors/"]
    for user in (None, outsider, officer):
        client.logout()
        if user:
            client.force_login(user)
        written += [client.get(page).content.decode() for page in pages]
    everything = "\n".join(written)
    for digits in ("24.9473", "60.17458", "24.94731", "60.1746,"):
        assert digits not in everything
