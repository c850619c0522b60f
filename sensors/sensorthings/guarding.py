"""A bound on what one read may cost: time of the database, then a 400 with the reason instead of an answer."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection, transaction
from django.db.utils import DataError, OperationalError

from sensors.sensorthings.problems import BadQuery

MOST_MS = 400
_STEPS = 2_000  # of SQLite's machine between two looks at the clock
_CANCELLED = "57014"  # PostgreSQL: query_canceled
TOO_LONG = (
    "This query takes the database too long. Ask for less: a shorter time, one Datastream, a smaller $top, no $count,"
    " fewer functions in $filter."
)


@contextmanager
def bounded(most_ms: int = MOST_MS) -> Iterator[None]:
    """Reads inside share ``most_ms`` milliseconds. Raises BadQuery when they are over, or a value cannot be reckoned."""
    try:
        with _postgres(most_ms) if connection.vendor == "postgresql" else _sqlite(most_ms):
            yield
    except OperationalError as error:
        if "interrupted" in str(error) or getattr(error.__cause__, "sqlstate", "") == _CANCELLED:
            raise BadQuery(TOO_LONG, reason="too-long") from None
        if _is_outage(error):
            raise
        raise BadQuery(f"The database cannot answer this: {_first_line(error)}", reason="no-answer") from None
    except DataError as error:
        raise BadQuery(f"The database cannot reckon this: {_first_line(error)}", reason="no-value") from None
    except DatabaseError as error:
        if _is_outage(error):
            raise
        raise BadQuery(f"The database cannot answer this: {_first_line(error)}", reason="no-answer") from None


@contextmanager
def _postgres(most_ms: int) -> Iterator[None]:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(most_ms)])
        yield
        cursor.execute("SELECT set_config('statement_timeout', '0', true)")


@contextmanager
def _sqlite(most_ms: int) -> Iterator[None]:
    connection.ensure_connection()
    until = time.monotonic() + most_ms / 1000
    connection.connection.set_progress_handler(lambda: time.monotonic() > until, _STEPS)
    try:
        yield
    finally:
        connection.connection.set_progress_handler(None, 0)


def _is_outage(error: DatabaseError) -> bool:
    """A lost connection or a locked file is no fault of the query."""
    if connection.vendor == "postgresql":
        state = str(getattr(error.__cause__, "sqlstate", None) or "08")
        return state[:2] in ("08", "53", "57", "58")
    return any(word in str(error) for word in ("locked", "unable to open", "disk", "malformed", "closed"))


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0][:160] if str(error) else "it gave no reason."
