"""OpenStreetMap files: the calls that other rooms make."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sources.building_table import FeatureRows
from sources.osm_buildings import read_buildings
from sources.osm_places import read_places
from sources.osm_raw import scan
from sources.osm_roads import read_roads
from sources.osm_streets import read_streets
from sources.osm_water import read_water
from sources.report import Report
from sources.table import AddressTable, FeatureTable, PlaceTable, RoadTable

SUFFIXES: Final = (".osm.pbf", ".osm", ".osm.bz2", ".osm.gz")
ATTRIBUTION: Final = "© OpenStreetMap contributors"
LICENCE: Final = "ODbL-1.0"


@dataclass(frozen=True)
class City:
    """Everything that one file tells about a city. ``box``: west, south, east, north in degrees."""

    features: FeatureTable
    roads: RoadTable
    addresses: AddressTable
    places: PlaceTable
    report: Report
    box: tuple[float, float, float, float]


def read(path: Path) -> City:
    """Read a city. Raises ``Unreadable`` with a sentence if the file cannot be used."""
    raw, report, rows = scan(path), Report(path.name), FeatureRows()
    read_buildings(raw, rows, report)
    read_streets(raw, rows, report)
    read_water(raw, rows, report)
    addresses, places = read_places(raw, report)
    return City(rows.table(), read_roads(raw, report), addresses, places, report, raw.box)


def read_road_table(path: Path) -> tuple[RoadTable, Report]:
    """Only the car streets of an OSM file. Raises ``Unreadable``."""
    report = Report(path.name)
    return read_roads(scan(path), report), report
