"""GeoPackage files: what planners open in QGIS. Written and read with SQLite alone.

Source: OGC 12-128r18, GeoPackage Encoding Standard 1.3.1.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import shapely

from scenarios.ogc.tables import FeatureRows
from sources.report import Unreadable

APPLICATION_ID: Final = 0x47504B47
VERSION: Final = 10300
WGS84: Final = 4326
_SCHEMA: Final = """
CREATE TABLE gpkg_spatial_ref_sys (srs_name TEXT NOT NULL, srs_id INTEGER NOT NULL PRIMARY KEY, organization TEXT NOT NULL,
  organization_coordsys_id INTEGER NOT NULL, definition TEXT NOT NULL, description TEXT);
CREATE TABLE gpkg_contents (table_name TEXT NOT NULL PRIMARY KEY, data_type TEXT NOT NULL, identifier TEXT UNIQUE,
  description TEXT DEFAULT '', last_change DATETIME NOT NULL, min_x DOUBLE, min_y DOUBLE, max_x DOUBLE, max_y DOUBLE,
  srs_id INTEGER, CONSTRAINT fk_gc_r_srs_id FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
CREATE TABLE gpkg_geometry_columns (table_name TEXT NOT NULL, column_name TEXT NOT NULL, geometry_type_name TEXT NOT NULL,
  srs_id INTEGER NOT NULL, z TINYINT NOT NULL, m TINYINT NOT NULL, CONSTRAINT pk_geom_cols PRIMARY KEY (table_name, column_name),
  CONSTRAINT fk_gc_tn FOREIGN KEY (table_name) REFERENCES gpkg_contents(table_name),
  CONSTRAINT fk_gc_srs FOREIGN KEY (srs_id) REFERENCES gpkg_spatial_ref_sys(srs_id));
"""
_WKT: Final = (
    'GEOGCS["WGS 84",DATUM["WGS_1984",SPHEROID["WGS 84",6378137,298.257223563]],PRIMEM["Greenwich",0],'
    'UNIT["degree",0.0174532925199433],AUTHORITY["EPSG","4326"]]'
)
_SYSTEMS: Final = [
    ("WGS 84", 4326, "EPSG", 4326, _WKT, "longitude, latitude"),
    ("Undefined Cartesian", -1, "NONE", -1, "undefined", None),
    ("Undefined geographic", 0, "NONE", 0, "undefined", None),
]


def write(path: Path, name: str, title: str, rows: FeatureRows, *, changed: str) -> None:
    """One table of features.

    Args:
        name: of the table; hyphens become underscores.
        changed: moment of the last change, ISO 8601 in UTC with milliseconds and Z: the same content gives the same file.
    """
    table = name.replace("-", "_")
    bounds: Sequence[float | None] = rows.extent() or (None,) * 4
    columns = ["feature_id", *rows.properties]
    kinds = {"feature_id": "TEXT"} | {column: _kind(values) for column, values in rows.properties.items()}
    with sqlite3.connect(path) as file:
        file.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        file.execute(f"PRAGMA user_version = {VERSION}")
        file.executescript(_SCHEMA)
        file.executemany("INSERT INTO gpkg_spatial_ref_sys VALUES (?, ?, ?, ?, ?, ?)", _SYSTEMS)
        contents = (table, "features", title, "", changed, *bounds, WGS84)
        file.execute("INSERT INTO gpkg_contents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", contents)
        file.execute(
            "INSERT INTO gpkg_geometry_columns VALUES (?, 'geom', ?, ?, 0, 0)", (table, _geometry_type(rows), WGS84)
        )
        declared = ", ".join(f"{_quoted(column)} {kinds[column]}" for column in columns)
        file.execute(
            f"CREATE TABLE {_quoted(table)} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, geom BLOB, {declared})"
        )
        named = ", ".join(map(_quoted, columns))
        marks = ", ".join("?" * (len(columns) + 1))
        values = zip(map(_blob, rows.geometries), rows.ids, *rows.properties.values(), strict=True)
        file.executemany(f"INSERT INTO {_quoted(table)} (geom, {named}) VALUES ({marks})", values)  # noqa: S608 (quoted)
    file.close()


def read(path: Path) -> FeatureRows:
    """The first table of features of a file.

    Raises:
        Unreadable: it is no GeoPackage, has no features, or they are not in degrees.
    """
    try:
        with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as file:
            row = file.execute(
                "SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns ORDER BY table_name"
            ).fetchone()
            if row is None:
                raise Unreadable(f"{path.name} holds no table of features.")
            if row[2] != WGS84:
                raise Unreadable(f"{path.name} is in the reference system {row[2]}; save it in EPSG:4326 first.")
            found = file.execute(f"SELECT * FROM {_quoted(row[0])} ORDER BY rowid")  # noqa: S608 (quoted)
            names = [column[0] for column in found.description]
            columns = dict(zip(names, zip(*found.fetchall(), strict=True), strict=False))
    except sqlite3.DatabaseError as error:
        raise Unreadable(f"{path.name} is no GeoPackage: {error}.") from error
    if not columns:
        raise Unreadable(f"{path.name} holds no features.")
    geometries = np.array([*map(_geometry, columns.pop(row[1])), None], dtype=object)[:-1]
    numbers = columns.pop("fid", range(len(geometries)))
    ids = [str(value) for value in columns.pop("feature_id", numbers)]
    return FeatureRows(ids, geometries, {name: list(values) for name, values in columns.items()})


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _kind(values: Sequence[Any]) -> str:
    kinds = {type(value) for value in values if value is not None}
    if kinds <= {bool}:
        return "BOOLEAN" if kinds else "TEXT"
    if kinds <= {int, bool}:
        return "INTEGER"
    return "REAL" if kinds <= {int, float, bool} else "TEXT"


def _geometry_type(rows: FeatureRows) -> str:
    kinds = {geometry.geom_type.upper() for geometry in rows.geometries if geometry is not None}
    return kinds.pop() if len(kinds) == 1 else "GEOMETRY"


def _blob(geometry: Any) -> bytes | None:
    """A geometry with the header of the standard: no envelope, little endian."""
    if geometry is None:
        return None
    body: bytes = shapely.to_wkb(geometry, byte_order=1)
    return struct.pack("<2sBBi", b"GP", 0, 1 | (geometry.is_empty << 4), WGS84) + body


def _geometry(blob: bytes | None) -> Any:
    if blob is None:
        return None
    envelope = (0, 32, 48, 48, 64)[(blob[3] >> 1) & 7]
    return shapely.from_wkb(blob[8 + envelope :])
