"""Talking to the service as a client does, and a small world to ask about."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

ROOT = "/sensorthings/v1.1"


def send(client: Client, method: str, path: str, body: Any, content_type: str = "application/json") -> Any:
    """One write; returns the response."""
    return getattr(client, method)(f"{ROOT}/{path}", json.dumps(body), content_type=content_type)


def post(client: Client, path: str, body: Any) -> int:
    """Create an entity; returns its id."""
    response = send(client, "post", path, body)
    assert response.status_code == 201, response.content
    return int(response.json()["@iot.id"])


def get(client: Client, path: str) -> Any:
    """The JSON of a read that must succeed."""
    response = client.get(path if path.startswith("http") else f"{ROOT}/{path}")
    assert response.status_code == 200, response.content
    return response.json()


def stream(name: str, sensor: str, measured: str, observations: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "name": name,
        "description": f"{measured} of {name}",
        "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
        "unitOfMeasurement": {"name": "degree Celsius", "symbol": "°C", "definition": "https://ucum.org/ucum#Cel"},
        "Sensor": {"name": sensor, "description": "A probe", "encodingType": "text/plain", "metadata": "probe"},
        "ObservedProperty": {
            "name": measured,
            "definition": f"https://example.org/{measured}",
            "description": measured,
        },
        "Observations": observations,
    }


def place(name: str, geometry: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "description": f"{name} side", "encodingType": "application/geo+json", "location": geometry}


NORTH = {
    "name": "North pier",
    "description": "A pier in the north",
    "properties": {"floors": 3, "owner": "city", "open": True, "size": {"width": 2.5}},
    "Locations": [place("north", {"type": "Point", "coordinates": [10.0, 60.0]})],
    "Datastreams": [
        stream(
            "air north",
            "probe 1",
            "air",
            [
                {"phenomenonTime": "2025-01-01T00:00:00Z", "result": 1},
                {"phenomenonTime": "2025-01-02T06:30:15.250Z", "result": 2.5},
                {"phenomenonTime": "2025-02-03T12:00:00Z", "result": -3},
            ],
        ),
        stream(
            "water north",
            "probe 2",
            "water",
            [
                {"phenomenonTime": "2025-03-01T00:00:00Z/2025-03-01T02:00:00Z", "result": "high"},
                {"phenomenonTime": "2025-03-02T00:00:00Z", "result": 4},
            ],
        ),
    ],
}
SOUTH = {
    "name": "South pier",
    "description": "It's a pier",
    "properties": {"floors": 1, "owner": "port", "open": False},
    "Locations": [
        place("south", {"type": "Polygon", "coordinates": [[[20, 50], [22, 50], [22, 52], [20, 52], [20, 50]]]})
    ],
    "Datastreams": [
        stream(
            "air south",
            "probe 3",
            "air",
            [
                {
                    "phenomenonTime": "2024-12-31T23:59:59Z",
                    "result": 10,
                    "resultTime": "2025-01-01T00:00:05Z",
                    "parameters": {"who": "ann", "n": 1},
                },
                {"phenomenonTime": "2025-06-15T10:00:00Z", "result": 11},
                {
                    "phenomenonTime": "2026-01-01T00:00:00Z",
                    "result": 12.75,
                    "resultQuality": "good",
                    "validTime": "2026-01-01T00:00:00Z/2026-02-01T00:00:00Z",
                },
            ],
        )
    ],
}
BARE = {"name": "bare", "description": ""}


def build(client: Client) -> None:
    """Three things; eight readings, in the order of their ids: 1, 2.5, -3, high, 4, 10, 11, 12.75."""
    for thing in (NORTH, SOUTH, BARE):
        post(client, "Things", thing)
