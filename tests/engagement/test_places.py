"""The offline index of streets, addresses and places."""

from __future__ import annotations

import numpy as np
import pytest
from django.test import Client
from django.utils.translation import override

from engagement import places
from engagement.models import Place
from sources.table import AddressTable, PlaceTable

pytestmark = pytest.mark.django_db


def texts(*values: str) -> np.ndarray:
    return np.array(values, dtype=np.str_)


ADDRESSES = AddressTable(
    street=texts("Siltasaarenkatu", "Siltasaarenkatu", "Siltasaarenkatu", "Hämeentie", "Siltasaarenkatu"),
    number=texts("30", "3", "16", "1", "3"),
    lonlat=np.array(
        [[24.9520, 60.1810], [24.9500, 60.1790], [24.9510, 60.1800], [24.9600, 60.1850], [24.9500, 60.1790]]
    ),
    ids=texts("n1", "n2", "n3", "n4", "n5"),
)
NAMES = PlaceTable(
    name=texts("Siltasaarenkatu", "Broholmsgatan", "Hakaniemen tori", "Hagnäs torg"),
    language=texts("", "sv", "", "sv"),
    kind=texts("street", "street", "square", "square"),
    lonlat=np.array([[24.9505, 60.1795], [24.9505, 60.1795], [24.9515, 60.1790], [24.9515, 60.1790]]),
    ids=texts("w1", "w1", "n9", "n9"),
)


@pytest.fixture
def indexed(db: None) -> int:
    return places.index("helsinki", ADDRESSES, NAMES)


def names(text: str, limit: int = 8) -> list[str]:
    return [str(place) for place in places.search(text, limit=limit)]


def test_indexing_again_changes_nothing(indexed: int) -> None:
    # 2 streets, 4 addresses, 1 square; the same street and its 3 numbers and the square in Swedish
    assert indexed == 12
    assert places.index("helsinki", ADDRESSES, NAMES) == 12
    assert Place.objects.count() == 12


def test_another_scene_keeps_its_places(indexed: int) -> None:
    places.index("elsewhere", ADDRESSES)
    places.index("helsinki", ADDRESSES, NAMES)
    assert Place.objects.filter(source="elsewhere").count() == 6


def test_a_street_comes_before_its_addresses_and_number_3_before_30(indexed: int) -> None:
    assert names("siltasaarenkatu") == [
        "Siltasaarenkatu", "Siltasaarenkatu 3", "Siltasaarenkatu 16", "Siltasaarenkatu 30",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "typed", ["Siltasaarenkatu 3", "siltasaarenk 3", "  SILTASAARENKATU   3 ", "Siltasaarenkatu, 3"]
)
def test_an_address_is_found_however_it_is_typed(indexed: int, typed: str) -> None:
    assert names(typed)[0] == "Siltasaarenkatu 3"


@pytest.mark.parametrize("typed", ["hämeentie", "hameentie", "HÄMEENTIE 1", "hagnas"])
def test_diacritics_may_be_left_out(indexed: int, typed: str) -> None:
    assert names(typed)


def test_the_second_word_of_a_name_finds_it(indexed: int) -> None:
    assert names("tori") == ["Hakaniemen tori"]


def test_a_street_is_found_with_its_number_in_both_languages(indexed: int) -> None:
    assert names("Broholmsgatan 3")[0] == "Broholmsgatan 3"


@pytest.mark.parametrize("typed", ["", "   ", "?", "zzz", "%", "_"])
def test_nothing_is_found_for_nothing(indexed: int, typed: str) -> None:
    assert names(typed) == []


def test_a_point_is_described_by_the_nearest_address_in_the_readers_language(indexed: int) -> None:
    # 0.00072 degrees of longitude at 60.179 N are 40 m
    assert places.describe(24.95072, 60.1790, "en") == "near Siltasaarenkatu 3, 40 m"
    assert places.describe(24.95, 60.1790, "en") == "at Siltasaarenkatu 3"
    assert places.describe(24.95, 60.1790, "sv").endswith("Broholmsgatan 3")


def test_a_point_far_from_any_address_is_not_named_after_one(indexed: int) -> None:
    assert places.describe(25.5, 60.5, "en") == "a place without a known address"
    assert places.nearest(25.5, 60.5) is None


def test_the_distance_is_in_metres_on_the_ground(indexed: int) -> None:
    spoken = places.nearest(24.9500, 60.1800)
    assert spoken is not None
    assert (str(spoken.place), round(spoken.distance_m)) == ("Siltasaarenkatu 16", 55)


def test_pages_search_places_over_the_api(client: Client, indexed: int) -> None:
    answer = client.get("/api/v1/places/", {"q": "siltasaarenk 3", "limit": "1"}).json()
    assert answer == {"results": [{"kind": "address", "name": "Siltasaarenkatu 3", "lon": 24.95, "lat": 60.179}]}


def test_a_point_is_named_over_the_api_without_standing_in_the_address(client: Client, indexed: int) -> None:
    with override("en"):
        answer = client.post("/api/v1/places/near/", {"lon": 24.95072, "lat": 60.179}, content_type="application/json")
    assert answer.json()["text"] == "near Siltasaarenkatu 3, 40 m"
    assert client.get("/api/v1/places/near/").status_code == 405


@pytest.mark.parametrize("point", [{"lon": 200, "lat": 0}, {"lon": "east", "lat": 60}, {}, {"lon": 24.9, "lat": 91}])
def test_a_point_that_is_none_is_refused_with_the_field_named(
    client: Client, db: None, point: dict[str, object]
) -> None:
    answer = client.post("/api/v1/places/near/", point, content_type="application/json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert set(answer.json()["errors"]) <= {"lon", "lat"}
