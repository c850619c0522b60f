"""The filter corpus over HTTP: every operator and function, paths through relations, times, places, JSON."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.sensors.sensorthings.service import ROOT, get

pytestmark = pytest.mark.django_db

ALL = [1, 2.5, -3, "high", 4, 10, 11, 12.75]
BOX = "geography'POLYGON ((19 49, 23 49, 23 53, 19 53, 19 49))'"
INSIDE = "geography'POLYGON ((20.5 50.5, 21.5 50.5, 21.5 51.5, 20.5 51.5, 20.5 50.5))'"
HALF = "geography'POLYGON ((21 49, 23 49, 23 53, 21 53, 21 49))'"
EDGE = "geography'POLYGON ((22 50, 24 50, 24 52, 22 52, 22 50))'"
SAME = "geography'POLYGON ((20 50, 22 50, 22 52, 20 52, 20 50))'"
LINE = "geography'LINESTRING (19 51, 23 51)'"
NORTH = "geography'POINT (10 60)'"

OBSERVATIONS: list[tuple[str, list[Any]]] = [
    # comparisons of numbers
    ("result eq 1", [1]),
    ("result eq 1.0", [1]),
    ("result ne 1", [2.5, -3, 4, 10, 11, 12.75]),
    ("result gt 4", [10, 11, 12.75]),
    ("result ge 4", [4, 10, 11, 12.75]),
    ("result lt 2.5", [1, -3]),
    ("result le 2.5", [1, 2.5, -3]),
    ("result gt -3", [1, 2.5, 4, 10, 11, 12.75]),
    ("result gt -.5", [1, 2.5, 4, 10, 11, 12.75]),
    ("result gt 1e1", [11, 12.75]),
    ("10 lt result", [11, 12.75]),
    ("3 ge result", [1, 2.5, -3]),
    ("result in (1, 4, 99)", [1, 4]),
    # a quoted number is a number among numbers, text among text
    ("result eq '4'", [4]),
    ("result gt '4'", ["high", 10, 11, 12.75]),
    ("result eq 'high'", ["high"]),
    ("result ne 'low'", ["high"]),
    ("result lt 'i'", ["high"]),
    ("startswith(result, 'hi')", ["high"]),
    ("result eq null", []),
    # logic
    ("result gt 1 and result lt 10", [2.5, 4]),
    ("result lt 0 or result gt 11", [-3, 12.75]),
    ("result lt 0 or result gt 3 and result lt 5", [-3, 4]),
    ("(result lt 0 or result gt 3) and result lt 5", [-3, 4]),
    ("not (result gt 1)", [1, -3]),
    ("not result gt 1", [1, -3]),
    ("not not result gt 11", [12.75]),
    ("true", ALL),
    ("false", []),
    ("true and result eq 4", [4]),
    ("1 eq 1 and result eq 4", [4]),
    ("1 gt 2", []),
    # arithmetic
    ("result add 1 eq 2", [1]),
    ("result sub 1 eq 0", [1]),
    ("result mul 2 eq 5", [2.5]),
    ("result div 2 eq 2", [4]),
    ("result div 4 eq 2.75", [11]),
    ("result mod 4 eq 3", [11]),
    ("result mod 2 eq -1", [-3]),
    ("result mod 2 eq 0.5", [2.5]),
    ("1 add result mul 2 eq 3", [1]),
    ("(1 add result) mul 2 eq 4", [1]),
    ("-result eq 3", [-3]),
    ("result div 0 eq 1", []),
    ("result mod 0 eq 1", []),
    ("3 sub 2 eq result", [1]),
    ("result add result eq 8", [4]),
    # rounding
    ("round(result) eq 3", [2.5]),
    ("round(result) eq -3", [-3]),
    ("round(result) eq 13", [12.75]),
    ("floor(result) eq 2", [2.5]),
    ("ceiling(result) eq 3", [2.5]),
    ("floor(result) eq 12", [12.75]),
    ("ceiling(result) eq -3", [-3]),
    # times
    ("phenomenonTime eq 2025-01-01T00:00:00Z", [1]),
    ("phenomenonTime eq 2025-01-01T02:00:00+02:00", [1]),
    ("phenomenonTime eq '2025-01-01T00:00:00Z'", [1]),
    ("phenomenonTime ne 2025-01-01T00:00:00Z", [2.5, -3, "high", 4, 10, 11, 12.75]),
    ("phenomenonTime gt 2025-03-02T00:00:00Z", [11, 12.75]),
    ("phenomenonTime ge 2025-03-02T00:00:00Z", [4, 11, 12.75]),
    ("phenomenonTime lt 2025-01-01T00:00:00Z", [10]),
    ("phenomenonTime le 2025-01-01T00:00:00Z", [1, 10]),
    ("phenomenonTime gt 2025-06-01", [11, 12.75]),
    ("phenomenonTime lt 2025-03-01T01:00:00Z", [1, 2.5, -3, 10]),
    ("phenomenonTime gt 2025-03-01T01:00:00Z", [4, 11, 12.75]),
    ("phenomenonTime eq 2025-03-01T00:00:00Z/2025-03-01T02:00:00Z", ["high"]),
    ("phenomenonTime gt 2025-02-01T00:00:00Z and phenomenonTime lt 2025-04-01T00:00:00Z", [-3, "high", 4]),
    ("2025-06-01T00:00:00Z lt phenomenonTime", [11, 12.75]),
    ("resultTime eq 2025-01-01T00:00:05Z", [10]),
    ("resultTime eq null", [1, 2.5, -3, "high", 4, 11, 12.75]),
    ("resultTime ne null", [10]),
    ("resultTime gt phenomenonTime", [10]),
    ("validTime gt 2025-12-01T00:00:00Z", [12.75]),
    ("validTime eq null", [1, 2.5, -3, "high", 4, 10, 11]),
    ("overlaps(validTime, 2026-01-15T00:00:00Z/2026-01-16T00:00:00Z)", [12.75]),
    ("before(phenomenonTime, 2025-01-01T00:00:00Z)", [10]),
    ("after(phenomenonTime, 2025-06-01T00:00:00Z)", [11, 12.75]),
    ("during(phenomenonTime, 2025-03-01T00:00:00Z/2025-03-02T00:00:00Z)", ["high", 4]),
    ("overlaps(phenomenonTime, 2025-03-01T01:00:00Z/2025-03-01T03:00:00Z)", ["high"]),
    ("meets(phenomenonTime, 2025-03-01T02:00:00Z/2025-03-01T03:00:00Z)", ["high"]),
    ("starts(phenomenonTime, 2025-03-01T00:00:00Z)", ["high"]),
    ("finishes(phenomenonTime, 2025-03-01T02:00:00Z)", ["high"]),
    # parts of times
    ("year(phenomenonTime) eq 2024", [10]),
    ("year(phenomenonTime) eq 2025", [1, 2.5, -3, "high", 4, 11]),
    ("month(phenomenonTime) eq 6", [11]),
    ("day(phenomenonTime) eq 2", [2.5, 4]),
    ("hour(phenomenonTime) eq 6", [2.5]),
    ("minute(phenomenonTime) eq 30", [2.5]),
    ("second(phenomenonTime) eq 59", [10]),
    ("fractionalseconds(phenomenonTime) eq 0.25", [2.5]),
    ("fractionalseconds(phenomenonTime) gt 0", [2.5]),
    ("date(phenomenonTime) eq 2025-06-15", [11]),
    ("date(phenomenonTime) lt 2025-01-01", [10]),
    ("date(phenomenonTime) eq date(resultTime)", []),
    ("time(phenomenonTime) eq 10:00:00", [11]),
    ("time(phenomenonTime) gt 12:00:00", [10]),
    ("totaloffsetminutes(phenomenonTime) eq 0", ALL),
    ("phenomenonTime lt now()", ALL),
    ("phenomenonTime gt mindatetime()", ALL),
    ("phenomenonTime lt maxdatetime()", ALL),
    ("phenomenonTime add duration'P1D' gt 2026-01-01T00:00:00Z", [12.75]),
    ("phenomenonTime sub duration'PT1H' lt 2024-12-31T23:00:00Z", [10]),
    ("phenomenonTime gt now() sub duration'P36500D'", ALL),
    ("phenomenonTime lt 2025-01-01T00:00:00Z add duration'PT1S'", [1, 10]),
    ("month(phenomenonTime) add 1 eq 7", [11]),
    ("year(phenomenonTime) mod 2 eq 0", [10, 12.75]),
    # what clients add
    ("parameters/who eq 'ann'", [10]),
    ("parameters/n eq 1", [10]),
    ("parameters/n add 1 eq 2", [10]),
    ("parameters/nothing eq 1", []),
    ("parameters eq null", [1, 2.5, -3, "high", 4, 11, 12.75]),
    ("resultQuality eq 'good'", [12.75]),
    # ids and paths to one
    ("Datastream/name eq 'air south'", [10, 11, 12.75]),
    ("Datastream/Thing/name eq 'North pier'", [1, 2.5, -3, "high", 4]),
    ("Datastream/Sensor/name eq 'probe 2'", ["high", 4]),
    ("Datastream/ObservedProperty/name eq 'air' and result gt 2", [2.5, 10, 11, 12.75]),
    ("Datastream/unitOfMeasurement/symbol eq '°C'", ALL),
    ("Datastream/Thing/properties/floors eq 1", [10, 11, 12.75]),
    ("Datastream/Thing/properties/size/width gt 2", [1, 2.5, -3, "high", 4]),
    ("FeatureOfInterest/name eq 'At south'", [10, 11, 12.75]),
    ("geo.intersects(FeatureOfInterest/feature, geography'POINT (10 60)')", [1, 2.5, -3, "high", 4]),
    ("Datastream/Thing/Locations/name eq 'south'", [10, 11, 12.75]),
    ("Datastream/Thing/Locations/any(l: l/name eq 'south')", [10, 11, 12.75]),
    ("Datastream/Observations/result eq 'high'", ["high", 4]),
    ("Datastream/phenomenonTime gt 2025-02-15T00:00:00Z", ["high", 4]),
]
THINGS: list[tuple[str, list[str]]] = [
    ("name eq 'bare'", ["bare"]),
    ("name ne 'bare'", ["North pier", "South pier"]),
    ("name gt 'North pier'", ["South pier", "bare"]),
    ("name le 'North pier'", ["North pier"]),
    ("description eq 'It''s a pier'", ["South pier"]),
    ("substringof('pier', name)", ["North pier", "South pier"]),
    ("substringof('PIER', name)", []),
    ("contains(name, 'pier')", ["North pier", "South pier"]),
    ("startswith(name, 'South')", ["South pier"]),
    ("startswith(name, 'south')", []),
    ("startswith('South pier and more', name)", ["South pier"]),
    ("endswith(name, 'pier')", ["North pier", "South pier"]),
    ("endswith(name, '')", ["North pier", "South pier", "bare"]),
    ("endswith(name, 'a longer end than the name has')", []),
    ("length(name) eq 4", ["bare"]),
    ("indexof(name, 'pier') eq 6", ["North pier", "South pier"]),
    ("indexof(name, 'pier') eq -1", ["bare"]),
    ("substring(name, 6) eq 'pier'", ["North pier", "South pier"]),
    ("substring(name, 0, 5) eq 'North'", ["North pier"]),
    ("tolower(name) eq 'north pier'", ["North pier"]),
    ("toupper(name) eq 'BARE'", ["bare"]),
    ("trim(name) eq 'bare'", ["bare"]),
    ("trim('  bare ') eq name", ["bare"]),
    ("concat(name, '!') eq 'bare!'", ["bare"]),
    ("concat(concat('<', name), '>') eq '<bare>'", ["bare"]),
    ("substringof('%', name)", []),
    ("name eq '_are'", []),
    ("name in ('bare', 'South pier')", ["South pier", "bare"]),
    ("@iot.id gt 0", ["North pier", "South pier", "bare"]),
    ("id lt 0", []),
    ("id gt 99999999999999999999999", []),
    ("properties/floors eq 3", ["North pier"]),
    ("properties/floors gt 0 and properties/floors lt 3", ["South pier"]),
    ("properties/floors mul 2 eq 6", ["North pier"]),
    ("properties/floors eq '3'", ["North pier"]),
    ("properties/owner eq 'city'", ["North pier"]),
    ("startswith(properties/owner, 'p')", ["South pier"]),
    ("properties/owner gt 3", []),
    ("properties/open eq true", ["North pier"]),
    ("properties/open", ["North pier"]),
    ("not properties/open", ["South pier"]),
    ("properties/size/width eq 2.5", ["North pier"]),
    ("properties/owner eq null", ["bare"]),
    ("properties/owner ne null", ["North pier", "South pier"]),
    ("properties eq null", ["bare"]),
    ("properties ne null", ["North pier", "South pier"]),
    ("properties/floors in (1, 2)", ["South pier"]),
    ("Datastreams/name eq 'water north'", ["North pier"]),
    ("Datastreams/Observations/result gt 11.5", ["South pier"]),
    ("Datastreams/Observations/result gt 0", ["North pier", "South pier"]),
    ("Datastreams/any()", ["North pier", "South pier"]),
    ("not Datastreams/any()", ["bare"]),
    ("Datastreams/any(d: d/name eq 'air north')", ["North pier"]),
    ("Datastreams/any(d: d/name eq 'air north' and d/Sensor/name eq 'probe 3')", []),
    ("Datastreams/name eq 'air north' and Datastreams/Sensor/name eq 'probe 2'", ["North pier"]),
    ("Datastreams/any(d: d/Observations/any(o: o/result eq 4))", ["North pier"]),
    ("Datastreams/Observations/Datastream/Thing/name eq 'South pier'", ["South pier"]),
    ("HistoricalLocations/time gt 2020-01-01T00:00:00Z", ["North pier", "South pier"]),
    ("year(Datastreams/Observations/phenomenonTime) eq 2026", ["South pier"]),
    ("st_within(Locations/location, " + BOX + ")", ["South pier"]),
]
LOCATIONS: list[tuple[str, list[str]]] = [
    (f"geo.intersects(location, {BOX})", ["south"]),
    (f"geo.intersects({BOX}, location)", ["south"]),
    (f"geo.distance(location, {NORTH}) eq 0", ["north"]),
    (f"geo.distance(location, {NORTH}) lt 0.5", ["north"]),
    (f"geo.distance(location, {NORTH}) gt 12", ["south"]),
    ("geo.distance(location, geography'SRID=4326;POINT(10 59)') eq 1", ["north"]),
    (f"geo.length({LINE}) eq 4", ["north", "south"]),
    ("geo.length(location) eq 0 and name eq 'north'", ["north"]),
    (f"st_equals(location, {SAME})", ["south"]),
    (f"st_disjoint(location, {BOX})", ["north"]),
    (f"st_touches(location, {EDGE})", ["south"]),
    (f"st_within(location, {BOX})", ["south"]),
    (f"st_within({INSIDE}, location)", ["south"]),
    (f"st_overlaps(location, {HALF})", ["south"]),
    (f"st_crosses({LINE}, location)", ["south"]),
    (f"st_intersects(location, {HALF})", ["south"]),
    (f"st_contains(location, {INSIDE})", ["south"]),
    (f"st_contains({BOX}, location)", ["south"]),
    (f"st_relate(location, {BOX}, 'T*F**F***')", ["south"]),
    (f"st_relate(location, {BOX}, 'FF*FF****')", ["north"]),
    (f"not st_within(location, {BOX})", ["north"]),
    ("location/type eq 'Point'", ["north"]),
    ("location/coordinates/0 eq 10", ["north"]),
    ("Things/properties/floors eq 1", ["south"]),
    ("Things/Datastreams/name eq 'air south'", ["south"]),
]


def results(client: Client, written: str) -> list[Any]:
    response = client.get(f"{ROOT}/Observations", {"$filter": written})
    assert response.status_code == 200, response.content.decode()
    return [each["result"] for each in response.json()["value"]]


def names(client: Client, collection: str, written: str) -> list[Any]:
    response = client.get(f"{ROOT}/{collection}", {"$filter": written})
    assert response.status_code == 200, response.content.decode()
    return [each["name"] for each in response.json()["value"]]


@pytest.mark.parametrize(("written", "found"), OBSERVATIONS)
def test_a_filter_finds_exactly_these_readings(world: Client, written: str, found: list[Any]) -> None:
    assert results(world, written) == found


@pytest.mark.parametrize(("written", "found"), THINGS)
def test_a_filter_finds_exactly_these_things(world: Client, written: str, found: list[str]) -> None:
    assert names(world, "Things", written) == found


@pytest.mark.parametrize(("written", "found"), LOCATIONS)
def test_a_filter_finds_exactly_these_places(world: Client, written: str, found: list[str]) -> None:
    assert names(world, "Locations", written) == found


def test_the_corpus_has_at_least_150_cases() -> None:
    assert len(OBSERVATIONS) + len(THINGS) + len(LOCATIONS) >= 150


@pytest.mark.parametrize(
    ("collection", "written", "position", "told"),
    [
        ("Observations", "result gt", 9, "At position 9 a value is missing; there is the end."),
        ("Observations", "result eq 1 eq 1", 12, "A comparison cannot be compared again; join two with “and”."),
        ("Observations", "result eq 'open", 10, "The text that begins at position 10 has no closing quote."),
        ("Observations", "(result eq 1", 12, "At position 12 “)” is missing before the end."),
        ("Observations", "result eq 1 result", 12, "At position 12 the end is missing before “result”."),
        ("Observations", "temperature eq 1", 0, "Observation has no “temperature”. It has: @iot.id,"),
        ("Observations", "flags eq 1", 0, "Observation has no “flags”."),
        ("Observations", "datastream__site__owner eq 1", 0, "Observation has no “datastream__site__owner”."),
        ("Observations", "Datastream eq 1", 0, "“Datastream” is an entity; name one of its properties."),
        ("Observations", "pg_sleep(1) eq 1", 0, "There is no function pg_sleep."),
        ("Observations", "year(result) eq 1", 5, "At position 5 a time is needed; there is a value."),
        ("Observations", "year() eq 1", 0, "year takes 1 argument, not 0."),
        ("Observations", "result", None, None),
        ("Observations", "phenomenonTime eq 2025-02-30T00:00:00Z", 18, "“2025-02-30T00:00:00Z” is no time:"),
        ("Observations", "phenomenonTime eq 'soon'", 18, "“soon” is no time. Write 2026-11-22T14:00:00Z."),
        ("Observations", "phenomenonTime eq true", 18, "a time cannot be compared with true or false."),
        ("Observations", "phenomenonTime/x eq 1", 0, "phenomenonTime has no parts."),
        ("Observations", "result ; drop table x", 7, "“; drop table” at position 7 is nothing that a filter can hold."),
        ("Things", "name eq Datastreams/name", 0, "“name” and “Datastreams” lead to different entities,"),
        (
            "Things",
            "Datastreams/any(d: name eq 'x')",
            19,
            "Inside of any( … ) names begin with the variable, as d/name.",
        ),
        ("Things", "name/any(d: d eq 1)", 5, "any( … ) follows a relation to many,"),
        ("Things", "name add 1 eq 2", 0, "At position 0 a number is needed; there is text."),
        ("Locations", "st_within(location, geography'POINT(')", 20, "“geography'POINT('” is no geometry:"),
        (
            "Locations",
            "st_within(location, 'POINT (1 1)')",
            20,
            "A geometry is needed, as geography'POINT (24.9 60.2)';",
        ),
        (
            "Locations",
            "st_relate(location, geography'POINT(1 1)', 'X')",
            43,
            "The pattern of st_relate has nine letters",
        ),
        ("Locations", "location eq 1", 12, "a geometry cannot be compared with a number."),
    ],
)
def test_a_wrong_filter_is_told_what_is_wrong_and_where(
    world: Client, collection: str, written: str, position: int | None, told: str | None
) -> None:
    response = world.get(f"{ROOT}/{collection}", {"$filter": written})
    if told is None:  # a result may be true or false, so this is a condition
        assert response.status_code == 200
        return
    assert response.status_code == 400
    assert response.json()["detail"].startswith(told)
    assert response.json()["position"] == position
    assert response.json()["option"] == "$filter"


@pytest.mark.parametrize(
    "written",
    [
        "(" * 400 + "result eq 1" + ")" * 400,
        " or ".join(["result eq 1"] * 2_000),
        " add ".join(["1"] * 200) + " eq 1",
        "result in (" + ",".join(["1"] * 500) + ")",
        "Datastream/" * 20 + "name eq 'x'",
        " and ".join(["Datastream/Observations/any(o: o/result eq 1)"] * 30),
        "not " * 300 + "true",
        "concat(" * 80 + "'a'" + ",'b')" * 80 + " eq 'x'",
    ],
)
def test_an_enormous_filter_is_refused_with_the_reason(world: Client, written: str) -> None:
    response = world.get(f"{ROOT}/Observations", {"$filter": written})

    assert response.status_code == 400
    assert response.json()["detail"]


def test_a_long_chain_of_conditions_is_answered(world: Client) -> None:
    assert results(world, " or ".join(f"result eq {number}" for number in range(200))) == [1, 4, 10, 11]


def test_a_filter_on_one_thing_looks_at_its_own_readings_only(world: Client) -> None:
    thing = get(world, "Things?$filter=name eq 'South pier'")["value"][0]["@iot.id"]

    found = get(world, f"Things({thing})/Datastreams?$filter=Observations/result eq 4")

    assert found["value"] == []
