"""The table of observations: many rows in, and which of them were new. One way per database, the same promise.

Both rely on the natural keys (datastream, moment) and (datastream, moment of the device): rows that are there already
stay as they are, so whatever is sent again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
from django.db import connection
from django.db.backends.utils import CursorWrapper

from sensors import times
from sensors.quality import Bits, Times, Values


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
    keys = [(row[0], row[1]) for row in rows]
    first: dict[tuple[int, int], int] = {}
    for index in order:
        first.setdefault(keys[index], index)
    unique = [rows[index] for index in first.values()]
    with connection.cursor() as cursor:
        store = _insert_postgres if connection.vendor == "postgresql" else _insert_sqlite
        stored = dict(zip(first, store(cursor, unique), strict=True))
    if len(unique) == len(rows):
        return [stored[key] for key in keys]
    return [
        rows[first[key]].value if first[key] != index and stored[key] is None else stored[key]
        for index, key in enumerate(keys)
    ]


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


AT = "timestamptz 'epoch' + {} * interval '1 microsecond'"
# Arrays travel as text that PostgreSQL reads itself, and only the places of rows that were there already come back.
NEW_POSTGRES = f"""
    WITH given AS (
        SELECT stream, {AT.format("us")} AS moment, value, flags, {AT.format("stated_us")} AS stated, place
        FROM unnest(%s::bigint[], %s::bigint[], %s::float8[], %s::smallint[], %s::bigint[])
        WITH ORDINALITY AS given(stream, us, value, flags, stated_us, place)
    ), stored AS (
        INSERT INTO sensors_observation {COLUMNS} SELECT stream, moment, value, flags, stated FROM given ORDER BY place
        ON CONFLICT DO NOTHING RETURNING datastream_id, phenomenon_time
    )
    SELECT place FROM given LEFT JOIN stored ON datastream_id = stream AND phenomenon_time = moment
    WHERE datastream_id IS NULL"""  # noqa: S608 (constants)
OLD_POSTGRES = f"""
    SELECT place, result FROM unnest(%s::bigint[], %s::bigint[], %s::int[]) AS given(stream, us, place)
    JOIN sensors_observation ON datastream_id = stream AND {{column}} = {AT.format("us")}"""  # noqa: S608 (constants)


def _insert_postgres(cursor: CursorWrapper, rows: list[StreamRow]) -> list[float | None]:
    cursor.execute(NEW_POSTGRES, [_array(column) for column in zip(*rows, strict=True)])
    old = [place - 1 for (place,) in cursor.fetchall()]
    stored: list[float | None] = [None] * len(rows)
    if old:
        for place, value in _found_postgres(cursor, rows, old).items():
            stored[place] = value
    return stored


def _found_postgres(cursor: CursorWrapper, rows: list[StreamRow], places: list[int]) -> dict[int, float]:
    """Stored values by the place of the row: by the moment, else by the moment that the box said."""
    found: dict[int, float] = {}
    for column, moment in (("device_time", 4), ("phenomenon_time", 1)):
        asked = [place for place in places if rows[place][moment] is not None]
        columns = ([rows[place].stream for place in asked], [rows[place][moment] for place in asked], asked)
        cursor.execute(OLD_POSTGRES.format(column=column), [_array(column) for column in columns])
        found.update(cursor.fetchall())
    return found


def _array(values: Iterable[float | None]) -> str:
    return "{" + ",".join(["NULL" if value is None else repr(value) for value in values]) + "}"


def read(stream: int, low_us: int, high_us: int) -> tuple[Bits, Times, Values, Bits]:
    """Ids, moments, values and flags of a series between two moments (µs, both inclusive), in its order, shape ``(n,)``."""
    is_postgres = connection.vendor == "postgresql"
    moment = times.moment if is_postgres else times.sqlite_text
    column = (
        "(extract(epoch FROM phenomenon_time) * 1000000)::bigint" if is_postgres else "CAST(phenomenon_time AS TEXT)"
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, {column}, result, flags FROM sensors_observation"  # noqa: S608 (constants)
            " WHERE datastream_id = %s AND phenomenon_time BETWEEN %s AND %s ORDER BY phenomenon_time",
            [stream, moment(low_us), moment(high_us)],
        )
        ids, moments, values, flags = zip(*rows, strict=True) if (rows := cursor.fetchall()) else ((), (), (), ())
    parsed = np.array(moments, dtype=np.int64 if is_postgres else "datetime64[us]").astype(np.int64)
    return np.array(ids, dtype=np.int64), parsed, np.array(values, dtype=np.float64), np.array(flags, dtype=np.int64)


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
