"""GeoPackage 1.3 (https://www.geopackage.org/spec130/) by sqlite3 alone: feature layers in WGS 84 and attribute tables."""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.contrib.gis.geos import GEOSGeometry

WGS84 = 4326
WKT = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],'
    'UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]'
)
SCHEMA = """
PRAGMA application_id = 0x47504B47;
PRAGMA user_version = 10300;
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY,
    organization TEXT NOT NULL, organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
    description TEXT DEFAULT '', last_change DATETIME NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ','now')),
    min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE, srs_id INTEGER);
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL UNIQUE, column_name TEXT NOT NULL,
    geometry_type_name TEXT NOT NULL, srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL,
    PRIMARY KEY (table_name, column_name));
"""
SYSTEMS = [
    ("WGS 84", WGS84, "EPSG", WGS84, WKT),
    ("Undefined Cartesian", -1, "NONE", -1, "undefined"),
    ("Undefined geographic", 0, "NONE", 0, "undefined"),
]


class GeoPackage:
    """A new file; what it holds is there when the block ends."""

    def __init__(self, file: Path) -> None:
        self.database = sqlite3.connect(file)
        self.widths: dict[str, int] = {}
        self.database.executescript(SCHEMA)
        self.database.executemany(
            "INSERT INTO gpkg_spatial_ref_sys (srs_name, srs_id, organization, organization_coordsys_id, definition) "
            "VALUES (?, ?, ?, ?, ?)",
            SYSTEMS,
        )

    def __enter__(self) -> GeoPackage:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_rest: object) -> None:
        if kind is None:
            self.database.commit()
        self.database.close()

    def add_table(self, name: str, headers: Sequence[str]) -> None:
        columns = ", ".join(map(_quoted, _told_apart(headers)))
        self._create(name, f"fid INTEGER PRIMARY KEY AUTOINCREMENT, {columns}", "attributes", None)
        self.widths[name] = len(headers)

    def add_layer(self, name: str, headers: Sequence[str]) -> None:
        columns = ", ".join(map(_quoted, headers))
        self._create(name, f"fid INTEGER PRIMARY KEY AUTOINCREMENT, geom GEOMETRY, {columns}", "features", WGS84)
        self.database.execute(
            "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', 'GEOMETRY', ?, 0, 0)", [name, WGS84]
        )
        self.widths[name] = len(headers) + 1

    def _create(self, name: str, columns: str, kind: str, srs: int | None) -> None:
        self.database.execute(f"CREATE TABLE {_quoted(name)} ({columns})")
        self.database.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) VALUES (?, ?, ?, ?)",
            [name, kind, name, srs],
        )

    def insert(self, name: str, rows: Iterable[Sequence[Any]]) -> None:
        marks = ", ".join("?" * self.widths[name])
        plain = ([_plain(value) for value in row] for row in rows)
        self.database.executemany(f"INSERT INTO {_quoted(name)} VALUES (NULL, {marks})", plain)  # noqa: S608 - quoted

    def insert_place(self, name: str, geometry: GEOSGeometry, values: Sequence[Any]) -> None:
        self.insert(name, [[_blob(geometry), *values]])


def _blob(geometry: GEOSGeometry) -> bytes:
    """GeoPackage's header, little endian and without an envelope, before the geometry as WKB."""
    return b"GP" + struct.pack("<BBi", 0, 1, WGS84) + bytes(geometry.wkb)


def _plain(value: Any) -> Any:
    return value if value is None or isinstance(value, (str, int, float, bytes)) else str(value)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _told_apart(headers: Sequence[str]) -> list[str]:
    """SQLite takes ``Age`` and ``age`` for one column."""
    seen: dict[str, int] = {}
    found = []
    for header in headers:
        low = header.lower()
        seen[low] = seen.get(low, 0) + 1
        found.append(header if seen[low] == 1 and low not in {"fid", "geom"} else f"{header}_{seen[low]}")
    return found
