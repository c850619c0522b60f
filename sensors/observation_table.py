"""The table of observations: many rows in, and which of them were new. One way per database, the same promise.

Both rely on the natural keys (datastream, moment) and (datastream, moment of the device): rows that are there already
stay as they are, so whatever is sent again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from django.db import connection
from django.db.backends.utils import CursorWrapper

from sensors import times


class StreamRow(NamedTuple):
    """One row of the table; times are microseconds since 1970, UTC."""

    stream: int
    time_us: int
    value: float
    flags: int
    device_time_us: int | None = None


COLUMNS = "(datastream_id, phenomenon_time, result, flags, device_time)"


def insert(rows: Sequence[StreamRow]) -> list[float | None]:
    """Store rows; must run inside a transaction.

    Returns:
        For each row None where it was new, else the value that is stored for its moment.
    """
    order = sorted(range(len(rows)), key=rows.__getitem__)  # one order for all writers: no deadlocks
    first: dict[tuple[int, int], int] = {}
    for index in order:
        first.setdefault(rows[index][:2], index)
    unique = [rows[index] for index in first.values()]
    with connection.cursor() as cursor:
        store = _insert_postgres if connection.vendor == "postgresql" else _insert_sqlite
        stored = dict(zip(first, store(cursor, unique), strict=True))
    outcome: list[float | None] = []
    for index, row in enumerate(rows):
        value = stored[row[:2]]
        repeated = first[row[:2]] != index
        outcome.append(rows[first[row[:2]]].value if repeated and value is None else value)
    return outcome


def _insert_sqlite(cursor: CursorWrapper, rows: list[StreamRow]) -> list[float | None]:
    """The transaction is IMMEDIATE, so nobody writes between the look at the newest id and the insertion."""
    cursor.execute("SELECT max(id) FROM sensors_observation")
    newest_before = cursor.fetchone()[0] or 0
    text = times.sqlite_text
    cursor.executemany(
        f"INSERT INTO sensors_observation {COLUMNS} VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",  # noqa: S608 (a constant)
        [(s, text(t), v, f, None if d is None else text(d)) for s, t, v, f, d in rows],
    )
    if cursor.rowcount == len(rows):
        return [None] * len(rows)
    created: set[tuple[int, str]] = set()
    found = _found_sqlite(cursor, rows, newest_before, created)
    return [None if (row.stream, text(row.time_us)) in created else _lookup(found, row) for row in rows]


def _found_sqlite(
    cursor: CursorWrapper, rows: list[StreamRow], newest_before: int, created: set[tuple[int, str]]
) -> dict[tuple[int, str], float]:
    """Stored values by (datastream, time), the time of the device with a ``d`` before it; fills in what was created."""
    found: dict[tuple[int, str], float] = {}
    for stream, group in groupby(rows, key=lambda row: row.stream):
        moments = list(group)
        stated = [row.device_time_us for row in moments if row.device_time_us is not None]
        cursor.execute(
            "SELECT CAST(phenomenon_time AS TEXT), result, id FROM sensors_observation"
            " WHERE datastream_id = %s AND phenomenon_time BETWEEN %s AND %s",
            [stream, times.sqlite_text(moments[0].time_us), times.sqlite_text(moments[-1].time_us)],
        )
        for time, result, identity in cursor.fetchall():
            found[stream, time] = result
            if identity > newest_before:
                created.add((stream, time))
        if stated:
            cursor.execute(
                "SELECT CAST(device_time AS TEXT), result FROM sensors_observation"
                " WHERE datastream_id = %s AND device_time BETWEEN %s AND %s",
                [stream, times.sqlite_text(min(stated)), times.sqlite_text(max(stated))],
            )
            found.update(((stream, f"d{time}"), result) for time, result in cursor.fetchall())
    return found


def _insert_postgres(cursor: CursorWrapper, rows: list[StreamRow]) -> list[float | None]:
    streams, moments, values, flags, stated = _arrays(rows)
    cursor.execute(
        f"INSERT INTO sensors_observation {COLUMNS} SELECT * FROM"  # noqa: S608 (a constant)
        " unnest(%s::bigint[], %s::timestamptz[], %s::float8[], %s::smallint[], %s::timestamptz[])"
        " ON CONFLICT DO NOTHING RETURNING datastream_id, phenomenon_time",
        [streams, moments, values, flags, stated],
    )
    created = {(stream, times.of(moment)) for stream, moment in cursor.fetchall()}
    old = [row for row in rows if row[:2] not in created]
    found = _found_postgres(cursor, old) if old else {}
    return [None if row[:2] in created else _lookup(found, row) for row in rows]


def _found_postgres(cursor: CursorWrapper, rows: list[StreamRow]) -> dict[tuple[int, str], float]:
    streams, moments, _values, _flags, stated = _arrays(rows)
    found: dict[tuple[int, str], float] = {}
    for column, asked, mark in (("phenomenon_time", moments, ""), ("device_time", stated, "d")):
        cursor.execute(
            f"SELECT o.datastream_id, o.{column}, o.result FROM sensors_observation o"  # noqa: S608 (constants)
            " JOIN unnest(%s::bigint[], %s::timestamptz[]) AS w(stream, moment)"
            f" ON o.datastream_id = w.stream AND o.{column} = w.moment",
            [streams, asked],
        )
        found.update(
            ((stream, mark + times.sqlite_text(times.of(moment))), result) for stream, moment, result in cursor
        )
    return found


def _arrays(rows: Iterable[StreamRow]) -> list[list[Any]]:
    moment = times.moment
    filled = [(s, moment(t), v, f, None if d is None else moment(d)) for s, t, v, f, d in rows]
    return [list(column) for column in zip(*filled, strict=True)]


def _lookup(found: dict[tuple[int, str], float], row: StreamRow) -> float | None:
    value = found.get((row.stream, times.sqlite_text(row.time_us)))
    if value is None and row.device_time_us is not None:
        value = found.get((row.stream, f"d{times.sqlite_text(row.device_time_us)}"))
    return value


def upsert_latest(rows: Iterable[StreamRow]) -> set[int]:
    """Keep the newest reading of each datastream; returns the datastreams whose newest reading changed."""
    newest: dict[int, StreamRow] = {}
    for row in rows:
        if row.stream not in newest or row.time_us > newest[row.stream].time_us:
            newest[row.stream] = row
    changed: set[int] = set()
    moment = times.moment if connection.vendor == "postgresql" else times.sqlite_text
    ordered = sorted(newest.values())
    with connection.cursor() as cursor:
        for start in range(0, len(ordered), 200):
            part = ordered[start : start + 200]
            marks = ", ".join(["(%s, %s, %s, %s)"] * len(part))
            cursor.execute(
                "INSERT INTO sensors_latest (datastream_id, phenomenon_time, result, flags)"  # noqa: S608 (only marks)
                f" VALUES {marks} ON CONFLICT (datastream_id) DO UPDATE"
                " SET phenomenon_time = excluded.phenomenon_time, result = excluded.result, flags = excluded.flags"
                " WHERE excluded.phenomenon_time > sensors_latest.phenomenon_time RETURNING datastream_id",
                [field for row in part for field in (row.stream, moment(row.time_us), row.value, row.flags)],
            )
            changed.update(stream for (stream,) in cursor.fetchall())
    return changed
