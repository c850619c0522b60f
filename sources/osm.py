"""OpenStreetMap files: the one call that other rooms make."""

from __future__ import annotations

from pathlib import Path

from sources.osm_raw import scan
from sources.osm_roads import read_roads
from sources.report import Report
from sources.table import RoadTable


def read_road_table(path: Path) -> tuple[RoadTable, Report]:
    """Only the car streets of an OSM file. Raises ``Unreadable``."""
    report = Report(path.name)
    return read_roads(scan(path), report), report
