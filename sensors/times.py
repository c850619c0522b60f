"""Times at the doors: ISO 8601 into microseconds since 1970 (UTC), and back. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_PLAIN_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  (the same moment without a zone, for SQLite's text)


class BadTime(ValueError):
    """``code`` is a reason of sensors.refusals."""

    def __init__(self, code: str, written: str) -> None:
        super().__init__(f"{code}: {written}")
        self.code, self.written = code, written[:40]


def microseconds(written: str, zone: tzinfo | None = None) -> int:
    """The moment that a box or a file wrote.

    Args:
        zone: the time zone of times that name none.
    Raises:
        BadTime: it is no time, or names no zone where none is given.
    """
    try:
        moment = datetime.fromisoformat(written.strip())
    except ValueError:
        raise BadTime("no-time", written) from None
    if moment.tzinfo is None:
        if zone is None:
            raise BadTime("no-zone", written)
        moment = moment.replace(tzinfo=zone)
    return of(moment)


def of(moment: datetime) -> int:
    """Microseconds since 1970 of an aware datetime."""
    return (moment - EPOCH) // _MICROSECOND


def moment(us: int) -> datetime:
    return EPOCH + timedelta(microseconds=us)


def iso(us: int) -> str:
    """``2026-11-22T14:00:00Z``"""
    return moment(us).isoformat().replace("+00:00", "Z")


def sqlite_text(us: int) -> str:
    """As Django writes a UTC time into SQLite, so that equal moments are equal texts."""
    return str(_PLAIN_EPOCH + timedelta(microseconds=us))


def from_sqlite_text(written: str) -> int:
    return (datetime.fromisoformat(written) - _PLAIN_EPOCH) // _MICROSECOND
