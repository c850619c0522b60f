"""Tables into files, written as they are read: memory does not grow with the number of responses."""

from __future__ import annotations

import csv
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from surveys.exporting import codebook
from surveys.exporting.geopackage import GeoPackage
from surveys.exporting.tables import Cell, Record, Table
from surveys.ir import Form

Writer = Callable[[Path, Form, list[Table], Iterable[Record]], None]


def write_csv(out: Path, form: Form, tables: list[Table], records: Iterable[Record]) -> None:
    """A ZIP with one CSV file per table and ``codebook.csv``; UTF-8 with a mark, so that Excel reads it."""
    parts = {table.name: out.with_suffix(f".{place}.part") for place, table in enumerate(tables)}
    try:
        with ExitStack() as stack:
            writers = {}
            for table in tables:
                stream = stack.enter_context(parts[table.name].open("w", encoding="utf-8-sig", newline=""))
                writers[table.name] = csv.writer(stream)
                writers[table.name].writerow(table.headers)
            for record in records:
                for name, rows in record.rows.items():
                    writers[name].writerows(rows)
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as whole:
            for name, part in parts.items():
                whole.write(part, f"{name}.csv")
            with whole.open("codebook.csv", "w") as book:
                lines = [codebook.HEADERS, *codebook.rows(form, tables)]
                book.write("".join(_csv_lines(lines)).encode("utf-8-sig"))
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)


def _csv_lines(rows: Iterable[list[Any]]) -> Iterator[str]:
    class Echo:
        def write(self, text: str) -> str:
            return text

    writer = csv.writer(Echo())
    return (writer.writerow(row) for row in rows)


def write_xlsx(out: Path, form: Form, tables: list[Table], records: Iterable[Record]) -> None:
    """A workbook with a sheet per table and the sheet ``codebook``."""
    workbook = Workbook(write_only=True)
    sheets = {table.name: workbook.create_sheet(_sheet_name(table.name, place)) for place, table in enumerate(tables)}
    for table in tables:
        sheets[table.name].append(table.headers)
    for record in records:
        for name, rows in record.rows.items():
            for row in rows:
                sheets[name].append([_printable(cell) for cell in row])
    book = workbook.create_sheet("codebook")
    for row in [codebook.HEADERS, *codebook.rows(form, tables)]:
        book.append([_printable(cell) for cell in row])
    workbook.save(out)


def _sheet_name(name: str, place: int) -> str:
    """Excel allows 31 characters; names that become equal are told apart by their number."""
    return name if len(name) <= 31 else f"{name[:27]}_{place}"


def _printable(cell: Cell) -> Cell:
    """A workbook can hold no control characters."""
    if not isinstance(cell, str):
        return cell
    return "".join(letter for letter in cell if letter in "\n\t" or letter >= " ")[:32_767]


def write_geojson(out: Path, form: Form, tables: list[Table], records: Iterable[Record]) -> None:
    """RFC 7946: one feature per place, with the answers of its response."""
    headers = tables[0].headers
    with out.open("w", encoding="utf-8") as stream:
        stream.write('{"type":"FeatureCollection","features":[')
        parted = ""
        for record in records:
            answers = dict(zip(headers, record.rows[tables[0].name][0], strict=True))
            for place in record.places:
                told = {"question": place.question.path, "key": place.key, **answers}
                feature = {"type": "Feature", "geometry": place.geometry, "properties": told}
                stream.write(parted + json.dumps(feature, ensure_ascii=False, default=str))
                parted = ",\n"
        stream.write("]}")


def write_gpkg(out: Path, form: Form, tables: list[Table], records: Iterable[Record]) -> None:
    """A layer per question with places, a table per table, and ``codebook``."""
    with GeoPackage(out) as package:
        layers = {
            column.question.path: f"places_{column.question.path.replace('/', '_')}"
            for table in tables
            for column in table.columns
            if column.question.kind in {"geopoint", "geotrace", "geoshape"}
        }
        for layer in layers.values():
            package.add_layer(layer, ["response", "key"])
        for table in tables:
            package.add_table(table.name, table.headers)
        package.add_table("codebook", [str(header) for header in codebook.HEADERS])
        package.insert("codebook", codebook.rows(form, tables))
        for record in records:
            for name, rows in record.rows.items():
                package.insert(name, rows)
            for place in record.places:
                values: list[Cell] = [str(record.response.pk), place.key]
                package.insert_place(layers[place.question.path], place.geos, values)


WRITERS: dict[str, Writer] = {"csv": write_csv, "xlsx": write_xlsx, "geojson": write_geojson, "gpkg": write_gpkg}
SUFFIXES = {"csv": ".zip", "xlsx": ".xlsx", "geojson": ".geojson", "gpkg": ".gpkg"}
