"""The 22 tests of OGC's executable suite (SensorThings, levels 1 to 3), asked in our own words over HTTP.

The suite itself is run from outside against a scratch database; these keep its promises between two runs of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client

from tests.sensors.sensorthings.service import ROOT, get, place, post, send, stream

KINDS: dict[str, tuple[list[str], list[str]]] = {
    "Things": (["name", "description"], ["Locations", "HistoricalLocations", "Datastreams"]),
    "Locations": (["name", "description", "encodingType", "location"], ["Things", "HistoricalLocations"]),
    "HistoricalLocations": (["time"], ["Thing", "Locations"]),
    "Datastreams": (
        ["name", "description", "unitOfMeasurement", "observationType"],
        ["Thing", "Sensor", "ObservedProperty", "Observations"],
    ),
    "Sensors": (["name", "description", "encodingType", "metadata"], ["Datastreams"]),
    "ObservedProperties": (["name", "definition", "description"], ["Datastreams"]),
    "Observations": (["phenomenonTime", "result", "resultTime"], ["Datastream", "FeatureOfInterest"]),
    "FeaturesOfInterest": (["name", "description", "encodingType", "feature"], ["Observations"]),
}
COUNTS = {
    "Things": 2,
    "Locations": 2,
    "HistoricalLocations": 4,
    "Datastreams": 4,
    "Sensors": 4,
    "ObservedProperties": 4,
    "Observations": 12,
    "FeaturesOfInterest": 2,
}
SINGULAR = {
    "Thing": "Things",
    "Sensor": "Sensors",
    "ObservedProperty": "ObservedProperties",
    "Datastream": "Datastreams",
    "FeatureOfInterest": "FeaturesOfInterest",
}
LUMEN = {"name": "Lumen", "symbol": "lm", "definition": "https://ucum.org/ucum#lm"}
LARGEST = 2**63 - 1


def observed(day: int, result: int) -> dict[str, Any]:
    return {"phenomenonTime": f"2015-03-{day:02}T00:00:00Z", "result": result}


@pytest.fixture
def service(open_service: Client) -> Client:
    """Two things at two places that they have exchanged, four Datastreams, twelve readings."""
    for number in (1, 2):
        streams = [
            stream(f"datastream {each}", f"sensor {each}", f"property{each}", [])
            for each in (2 * number - 1, 2 * number)
        ]
        point = place(f"location {number}", {"type": "Point", "coordinates": [-100.0 - number, 50.0 + number]})
        thing: dict[str, Any] = {"name": f"thing {number}", "description": f"thing {number}"}
        thing |= {"properties": {"reference": number}, "Locations": [point], "Datastreams": streams}
        post(open_service, "Things", thing)
    things = ids(open_service, "Things")
    places = ids(open_service, "Locations")
    for key, elsewhere in zip(things, reversed(places), strict=True):
        send(open_service, "patch", f"Things({key})", {"Locations": [{"@iot.id": elsewhere}]})
    for index, each in enumerate(ids(open_service, "Datastreams")):
        for day in range(1, 4):
            post(open_service, f"Datastreams({each})/Observations", observed(3 * index + day, 3 * index + day))
    return open_service


def ids(client: Client, path: str) -> list[int]:
    return [each["@iot.id"] for each in get(client, path)["value"]]


def assert_entity(body: dict[str, Any], collection: str) -> None:
    properties, relations = KINDS[collection]
    assert isinstance(body["@iot.id"], int)
    assert body["@iot.selfLink"].endswith(f"{ROOT}/{collection}({body['@iot.id']})")
    assert set(properties) <= set(body)
    for relation in relations:
        assert body[f"{relation}@iot.navigationLink"].endswith(f"/{relation}")


# Level 1: sensing core


def test_l1_get_entities_have_control_information_properties_and_links(service: Client) -> None:
    for collection, count in COUNTS.items():
        found = get(service, collection)["value"]
        assert len(found) == count
        for body in found:
            assert_entity(body, collection)


def test_l1_get_nonexistent_entity_is_404(service: Client) -> None:
    for collection in KINDS:
        assert service.get(f"{ROOT}/{collection}({LARGEST})").status_code == 404
        assert service.get(f"{ROOT}/{collection}({LARGEST}9)").status_code == 404


def test_l1_get_specific_entity_has_all_aspects(service: Client) -> None:
    for collection in KINDS:
        key = ids(service, collection)[0]
        assert_entity(get(service, f"{collection}({key})"), collection)


def test_l1_get_property_of_an_entity_and_its_value(service: Client) -> None:
    for collection, (properties, _relations) in KINDS.items():
        body = get(service, collection)["value"][0]
        for name in properties:
            address = f"{ROOT}/{collection}({body['@iot.id']})/{name}"
            if body[name] is None:  # a resultTime that nobody wrote
                assert service.get(address).status_code == 204
                continue
            assert service.get(address).json() == {name: body[name]}
            value = service.get(f"{address}/$value").content.decode()
            assert value.startswith("{") == isinstance(body[name], dict)


def test_l1_resource_paths_can_be_walked_four_levels_deep(service: Client) -> None:
    def walk(path: str, collection: str, depth: int) -> None:
        key = ids(service, path)[0]
        references = get(service, f"{path}/$ref")["value"]
        assert references[0].keys() == {"@iot.selfLink"}
        if depth == 4:
            return
        for relation in KINDS[collection][1]:
            below = f"{path}({key})/{relation}"
            if relation in SINGULAR:
                assert_entity(get(service, below), SINGULAR[relation])
            else:
                walk(below, relation, depth + 1)

    for collection in KINDS:
        walk(collection, collection, 1)


def test_l1_service_root_names_the_collections_with_and_without_slash(service: Client) -> None:
    for address in (ROOT, f"{ROOT}/"):
        body = get(service, address.removeprefix(f"{ROOT}/") if address.endswith("/") else "")
        assert {each["name"]: each["url"] for each in body["value"]} == {
            name: f"http://testserver{ROOT}/{name}" for name in KINDS
        }
    assert service.get(ROOT).status_code == 200
    conformance = service.get(ROOT).json()["serverSettings"]["conformance"]
    assert "http://www.opengis.net/spec/iot_sensing/1.1/req/datamodel/thing" in conformance
    assert "http://www.opengis.net/spec/iot_sensing/1.1/req/data-array/data-array" in conformance


# Level 2: create, update, delete


def made(client: Client) -> dict[str, int]:
    """One entity of each kind, each created alone."""
    keys = {
        "Things": post(client, "Things", {"name": "Test Thing", "description": "A thing"}),
        "Locations": post(client, "Locations", place("bow river", {"type": "Point", "coordinates": [-114.05, 51.05]})),
        "Sensors": post(
            client,
            "Sensors",
            {"name": "Barometer", "description": "b", "encodingType": "application/pdf", "metadata": "Barometer"},
        ),
        "ObservedProperties": post(
            client, "ObservedProperties", {"name": "Dew point", "definition": "https://d", "description": "t"}
        ),
        "FeaturesOfInterest": post(
            client,
            "FeaturesOfInterest",
            {
                "name": "A weather station.",
                "description": "w",
                "encodingType": "application/geo+json",
                "feature": {"type": "Point", "coordinates": [10, 10]},
            },
        ),
    }
    keys["Datastreams"] = post(
        client,
        "Datastreams",
        {
            "unitOfMeasurement": LUMEN,
            "name": "test datastream.",
            "description": "test",
            "observationType": "OM_Measurement",
            "Thing": {"@iot.id": keys["Things"]},
            "ObservedProperty": {"@iot.id": keys["ObservedProperties"]},
            "Sensor": {"@iot.id": keys["Sensors"]},
        },
    )
    keys["Observations"] = post(
        client,
        "Observations",
        {
            "phenomenonTime": "2015-03-01T00:40:00.000Z",
            "result": 8,
            "Datastream": {"@iot.id": keys["Datastreams"]},
            "FeatureOfInterest": {"@iot.id": keys["FeaturesOfInterest"]},
        },
    )
    response = send(client, "patch", f"Things({keys['Things']})", {"Locations": [{"@iot.id": keys["Locations"]}]})
    assert response.status_code == 200
    keys["HistoricalLocations"] = post(
        client,
        "HistoricalLocations",
        {
            "time": "2015-03-01T00:40:00.000Z",
            "Thing": {"@iot.id": keys["Things"]},
            "Locations": [{"@iot.id": keys["Locations"]}],
        },
    )
    return keys


def test_l2_post_entities_answers_201_with_their_address_and_makes_a_feature_once(open_service: Client) -> None:
    keys = made(open_service)
    series = {"Datastream": {"@iot.id": keys["Datastreams"]}}
    first = {"phenomenonTime": "2015-03-01T00:00:00.000Z", "resultTime": "2015-03-01T01:00:00.000Z", "result": 100}

    response = send(open_service, "post", "Observations", first | series)
    another = post(open_service, "Observations", {"phenomenonTime": "2015-05-01T00:00:00.000Z", "result": 105} | series)

    assert re.search(r"/Observations\((\d+)\)$", response["Location"])
    body = get(open_service, response["Location"])
    assert body["resultTime"] == "2015-03-01T01:00:00.000Z"
    assert get(open_service, f"Observations({another})")["resultTime"] is None
    features = [get(open_service, f"Observations({key})/FeatureOfInterest") for key in (body["@iot.id"], another)]
    assert features[0] == features[1]
    assert features[0]["feature"] == {"type": "Point", "coordinates": [-114.05, 51.05]}


def test_l2_post_with_deep_insert_creates_everything_inside(open_service: Client) -> None:
    thing = post(
        open_service,
        "Things",
        {
            "name": "Office Building",
            "description": "Office Building",
            "properties": {"reference": "Third Floor"},
            "Locations": [place("West Roof", {"type": "Point", "coordinates": [-117.05, 51.05]})],
            "Datastreams": [stream("Light exposure.", "Fluxomatic", "Flux", [observed(1, 10)])],
        },
    )
    series = get(open_service, f"Things({thing})/Datastreams")["value"][0]
    path = f"Datastreams({series['@iot.id']})"

    assert get(open_service, f"Things({thing})/Locations")["value"][0]["name"] == "West Roof"
    assert len(ids(open_service, f"Things({thing})/HistoricalLocations")) == 1
    assert get(open_service, f"{path}/Sensor")["name"] == "Fluxomatic"
    assert get(open_service, f"{path}/ObservedProperty")["name"] == "Flux"
    reading = get(open_service, f"{path}/Observations")["value"][0]
    assert (reading["phenomenonTime"], reading["result"]) == ("2015-03-01T00:00:00.000Z", 10)
    assert get(open_service, "FeaturesOfInterest")["value"][0]["feature"]["coordinates"] == [-117.05, 51.05]


def test_l2_post_invalid_entities_is_400(open_service: Client) -> None:
    keys = made(open_service)
    bare = post(open_service, "Things", {"name": "nowhere", "description": "n"})
    unplaced = stream("unplaced", "s", "p", []) | {"Thing": {"@iot.id": bare}}
    series = post(open_service, "Datastreams", unplaced)
    whole = {
        "Thing": {"@iot.id": keys["Things"]},
        "Sensor": {"@iot.id": keys["Sensors"]},
        "ObservedProperty": {"@iot.id": keys["ObservedProperties"]},
    }
    base = {"unitOfMeasurement": LUMEN, "name": "t", "description": "t", "observationType": "o"}
    for missing in whole:
        body = base | {name: link for name, link in whole.items() if name != missing}
        assert send(open_service, "post", "Datastreams", body).status_code == 400
    feature = {"FeatureOfInterest": {"@iot.id": keys["FeaturesOfInterest"]}}
    assert send(open_service, "post", "Observations", observed(1, 8) | feature).status_code == 400
    placeless = send(open_service, "post", "Observations", observed(1, 8) | {"Datastream": {"@iot.id": series}})
    assert placeless.status_code == 400
    assert "the Thing has no Location" in placeless.json()["detail"]


def test_l2_post_with_an_invalid_deep_insert_creates_nothing(open_service: Client) -> None:
    incomplete = stream("Light exposure.", "Fluxomatic", "Flux", [observed(1, 10)])
    del incomplete["Sensor"]["encodingType"]
    roof = place("West Roof", {"type": "Point", "coordinates": [-117.05, 51.05]})

    response = send(
        open_service,
        "post",
        "Things",
        {"name": "Office", "description": "o", "Locations": [roof], "Datastreams": [incomplete]},
    )

    assert response.status_code == 400
    assert response.json()["where"] == "Datastreams[0].Sensor.encodingType"
    assert all(get(open_service, collection)["value"] == [] for collection in KINDS)


PATCHES: dict[str, dict[str, Any]] = {
    "Things": {"description": "PATCHED"},
    "Locations": {"location": {"type": "Point", "coordinates": [114.05, -50]}},
    "HistoricalLocations": {"time": "2015-07-01T00:00:00.000Z"},
    "Sensors": {"metadata": "PATCHED"},
    "ObservedProperties": {"description": "PATCHED"},
    "FeaturesOfInterest": {"feature": {"type": "Point", "coordinates": [114.05, -51.05]}},
    "Datastreams": {"unitOfMeasurement": {"name": "Entropy2", "symbol": "S2", "definition": "https://e"}},
    "Observations": {"phenomenonTime": "2015-07-01T00:40:00.000Z"},
}


def test_l2_patch_changes_what_is_named_and_nothing_else(open_service: Client) -> None:
    for collection, key in made(open_service).items():
        before = get(open_service, f"{collection}({key})")
        response = send(open_service, "patch", f"{collection}({key})", PATCHES[collection])
        assert response.status_code == 200
        after = get(open_service, f"{collection}({key})")
        assert after == response.json()
        changed = {name for name in after if after[name] != before.get(name)}
        assert changed - {"phenomenonTime"} == set(PATCHES[collection]) - {"phenomenonTime"}
        assert all(after[name] == value for name, value in PATCHES[collection].items())


def test_l2_put_replaces_the_properties(open_service: Client) -> None:
    bodies: dict[str, dict[str, Any]] = {
        "Things": {"name": "U", "description": "U"},
        "Locations": place("U", {"type": "Point", "coordinates": [-114.05, 50]}),
        "HistoricalLocations": {"time": "2015-08-01T00:00:00.000Z"},
        "Sensors": {"name": "U", "description": "U", "encodingType": "U", "metadata": "U"},
        "ObservedProperties": {"name": "Q", "definition": "https://z", "description": "P"},
        "FeaturesOfInterest": {
            "name": "U",
            "description": "P",
            "encodingType": "application/geo+json",
            "feature": {"type": "Point", "coordinates": [-114.05, 51.05]},
        },
        "Datastreams": {"name": "U", "description": "U", "observationType": "O", "unitOfMeasurement": LUMEN},
        "Observations": {"result": "99", "phenomenonTime": "2015-08-01T00:40:00.000Z"},
    }
    keys = made(open_service)
    send(open_service, "patch", f"Things({keys['Things']})", {"properties": {"gone": True}})
    for collection, body in bodies.items():
        response = send(open_service, "put", f"{collection}({keys[collection]})", body)
        assert response.status_code == 200, response.content
        after = get(open_service, f"{collection}({keys[collection]})")
        assert {name: after[name] for name in body} == body
    assert "properties" not in get(open_service, f"Things({keys['Things']})")


def test_l2_patch_with_entities_inside_is_400(open_service: Client) -> None:
    keys = made(open_service)
    inline = stream("s", "n", "p", [])
    refused: list[tuple[str, dict[str, Any]]] = [
        ("Things", {"Locations": [place("West Roof", {"type": "Point", "coordinates": [1, 1]})]}),
        ("Things", {"Datastreams": [{"unitOfMeasurement": LUMEN}]}),
        ("Sensors", {"Datastreams": [{"unitOfMeasurement": LUMEN, "Thing": {"@iot.id": keys["Things"]}}]}),
        ("ObservedProperties", {"Datastreams": [{"unitOfMeasurement": LUMEN}]}),
        ("Datastreams", {"ObservedProperty": inline["ObservedProperty"]}),
        ("Datastreams", {"Sensor": inline["Sensor"]}),
        ("Datastreams", {"Thing": {"name": "test", "description": "test"}}),
        ("Datastreams", {"Observations": [observed(1, 92122)]}),
    ]
    for collection, body in refused:
        assert send(open_service, "patch", f"{collection}({keys[collection]})", body).status_code == 400


LEFT = {
    "Things": {"Things", "Datastreams", "HistoricalLocations", "Observations"},
    "Datastreams": {"Datastreams", "Observations"},
    "Locations": {"Locations", "HistoricalLocations"},
    "HistoricalLocations": {"HistoricalLocations"},
    "Sensors": {"Sensors", "Datastreams", "Observations"},
    "ObservedProperties": {"ObservedProperties", "Datastreams", "Observations"},
    "FeaturesOfInterest": {"FeaturesOfInterest", "Observations"},
    "Observations": {"Observations"},
}


def test_l2_delete_takes_what_cannot_be_alone_and_leaves_the_rest(open_service: Client) -> None:
    for deleted, gone in LEFT.items():
        post(
            open_service,
            "Things",
            {
                "name": "t",
                "description": "t",
                "Locations": [place("p", {"type": "Point", "coordinates": [1, 2]})],
                "Datastreams": [stream("s", "n", "o", [observed(1, 1)])],
            },
        )
        key = ids(open_service, deleted)[0]
        assert open_service.delete(f"{ROOT}/{deleted}({key})").status_code == 200
        assert open_service.get(f"{ROOT}/{deleted}({key})").status_code == 404
        assert {collection for collection in KINDS if not ids(open_service, collection)} == gone
        for collection in KINDS:
            for left in ids(open_service, collection):
                assert open_service.delete(f"{ROOT}/{collection}({left})").status_code == 200


def test_l2_delete_nonexistent_entities_is_404(open_service: Client) -> None:
    for collection in KINDS:
        assert open_service.delete(f"{ROOT}/{collection}({LARGEST})").status_code == 404


# Level 3: query options


def test_l3_select_shows_what_is_named_only(service: Client) -> None:
    for collection, (properties, relations) in KINDS.items():
        for name in properties:
            assert all(set(body) == {name} for body in get(service, f"{collection}?$select={name}")["value"])
        for relation in relations:
            found = get(service, f"{collection}?$select={relation}")["value"]
            assert all(set(body) == {f"{relation}@iot.navigationLink"} for body in found)
        every = get(service, f"{collection}?$select={','.join(properties)}")["value"]
        assert all(set(body) == set(properties) for body in every)


def test_l3_expand_puts_related_entities_inside_on_two_levels(service: Client) -> None:
    for collection, (_properties, relations) in KINDS.items():
        for relation in relations:
            below = SINGULAR.get(relation, relation)
            for further in KINDS[below][1]:
                for body in get(service, f"{collection}?$expand={relation}/{further}")["value"]:
                    inner = body[relation] if relation in SINGULAR else body[relation][0]
                    last = inner[further] if further in SINGULAR else inner[further][0]
                    assert_entity(last, SINGULAR.get(further, further))
        body = get(service, f"{collection}?$expand={','.join(relations)}")["value"][0]
        assert set(relations) <= set(body)


def test_l3_top_limits_and_gives_a_next_link(service: Client) -> None:
    for collection, count in COUNTS.items():
        for top in (1, 2, 3, 4, 5, 12, 13):
            body = get(service, f"{collection}?$top={top}")
            assert len(body["value"]) == min(top, count)
            assert ("@iot.nextLink" in body) == (top < count)


def test_l3_skip_leaves_out_the_first(service: Client) -> None:
    for collection, count in COUNTS.items():
        every = ids(service, collection)
        for skip in (1, 2, 3, 4, 12):
            body = get(service, f"{collection}?$skip={skip}")
            assert [each["@iot.id"] for each in body["value"]] == every[skip:]
            assert "@iot.nextLink" not in body
            assert len(body["value"]) == max(0, count - skip)


def test_l3_orderby_sorts_by_one_and_by_several(service: Client) -> None:
    for collection, (properties, _relations) in KINDS.items():
        for name in properties:
            if name in ("unitOfMeasurement", "location", "feature", "resultTime"):
                continue
            for ending, earlier in (("", 0), ("%20asc", 0), ("%20desc", 1)):
                found = get(service, f"{collection}?$orderby={name}{ending},@iot.id")["value"]
                values = [body[name] for body in found]
                assert all((a, b)[earlier] <= (b, a)[earlier] for a, b in pairwise(values))


def test_l3_count_tells_how_many_there_are(service: Client) -> None:
    for collection, count in COUNTS.items():
        assert get(service, f"{collection}?$count=true&$top=1")["@iot.count"] == count
        assert "@iot.count" not in get(service, f"{collection}?$count=false")


SAMPLES = {
    "Things": ("name", "thing 1"),
    "Locations": ("name", "location 2"),
    "Datastreams": ("name", "datastream 1"),
    "Sensors": ("metadata", "probe"),
    "ObservedProperties": ("definition", "https://example.org/property3"),
    "FeaturesOfInterest": ("name", "At location 1"),
}
COMPARED: dict[str, Callable[[str, str], bool]] = {
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "eq": lambda a, b: a == b,
    "ge": lambda a, b: a >= b,
    "gt": lambda a, b: a > b,
}


def test_l3_filter_compares_every_kind_of_property(service: Client) -> None:
    for collection, (name, sample) in SAMPLES.items():
        values = [body[name] for body in get(service, collection)["value"]]
        for operator, holds in COMPARED.items():
            found = get(service, f"{collection}?$filter={name} {operator} '{sample}'")["value"]
            assert sorted(body[name] for body in found) == sorted(value for value in values if holds(value, sample))
    for operator, expected in (("lt", 1), ("le", 2), ("eq", 1), ("ge", 11), ("gt", 10)):
        by_time = get(service, f"Observations?$filter=phenomenonTime {operator} 2015-03-02T00:00:00.000Z")
        by_value = get(service, f"Observations?$filter=result {operator} '2'")
        assert len(by_time["value"]) == len(by_value["value"]) == expected


def test_l3_options_are_applied_in_the_order_of_the_standard(service: Client) -> None:
    """Filter, count, orderby, skip, top, then expand and select."""
    asked = "$select=result&$expand=Datastream&$top=2&$skip=1&$orderby=result desc&$count=true&$filter=result gt 5"

    body = get(service, f"Observations?{asked}")

    assert body["@iot.count"] == 7
    assert [each["result"] for each in body["value"]] == [11, 10]
    assert [each["Datastream"]["name"] for each in body["value"]] == ["datastream 4", "datastream 4"]
    rest = get(service, body["@iot.nextLink"])
    assert [each["result"] for each in rest["value"]] == [9, 8]
