"""Pushes into the database: rows, newest values, signs of life, refusals and live events in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import QuerySet

from engagement import live
from sensors import decoding, quality, rollups, times
from sensors.gating import Row
from sensors.keyring import Door, Face
from sensors.models import Datastream, IngestError
from sensors.observation_table import StreamRow, insert, upsert_latest
from sensors.quality import HOUR_US
from sensors.refusals import NOTES, Refusal
from sensors.rollups import Touch

# An airrohr push has no time and no number. Boxes send every 145 s and count microseconds in the body, so the same body
# within two minutes is the same push sent twice.
SAME_PUSH_US = timedelta(seconds=120) // timedelta(microseconds=1)
KEPT_REFUSALS = 50
MOST_REPORTED = 50


@dataclass
class Push:
    """What arrived from one box at one moment. ``digest`` only where the payload has no time of its own."""

    door: Door
    arrived_us: int
    rows: list[Row] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    digest: str = ""


@dataclass
class Report:
    """What became of each reading. ``conflict``: another value was stored for the same moment before."""

    created: int = 0
    duplicate: int = 0
    conflict: int = 0
    rejected: int = 0
    refused: list[Refusal] = field(default_factory=list)

    def add(self, other: Report) -> None:
        self.created += other.created
        self.duplicate += other.duplicate
        self.conflict += other.conflict
        self.rejected += other.rejected
        self.refused += other.refused[: MOST_REPORTED - len(self.refused)]

    def body(self) -> dict[str, Any]:
        """As the doors answer it: counts, and a sentence for each of the first fifty readings that were not kept."""
        told = [{"line": each.row, "reason": each.code, "detail": each.sentence()} for each in self.refused]
        counts = {
            "created": self.created,
            "duplicate": self.duplicate,
            "conflict": self.conflict,
            "rejected": self.rejected,
        }
        return counts | {"notes": told[:MOST_REPORTED]}


@dataclass
class Outcome:
    """``touched``: datastream → first and last moment that is new in it."""

    reports: list[Report]
    touched: dict[int, tuple[int, int]]


class Streams:
    """Datastream ids by site and property, remembered by the writer of a process once they are committed."""

    def __init__(self) -> None:
        self._ids: dict[tuple[int, str], int] = {}

    def ids(self, wanted: set[tuple[int, str]]) -> dict[tuple[int, str], int]:
        """Ids of all wanted datastreams; missing ones are made."""
        known = {key: self._ids[key] for key in wanted if key in self._ids}
        for site, code in sorted(wanted - known.keys()):
            fresh = {"unit": decoding.observed_property(code).unit, "checked_with": quality.VERSION}
            stream, _made = Datastream.objects.get_or_create(
                site_id=site, observed_property=code, kind=Datastream.Kind.RAW, defaults=fresh
            )
            known[site, code] = stream.pk
        return known

    def remember(self, ids: dict[tuple[int, str], int]) -> None:
        self._ids.update(ids)

    def forget(self) -> None:
        self._ids.clear()


def store(pushes: Sequence[Push], streams: Streams | None = None) -> Outcome:
    """Store all pushes or none, and announce the newest values. Reports come in the order of the pushes."""
    streams = streams or Streams()
    with transaction.atomic():
        _hear(pushes)
        ids = streams.ids({(push.door.site_id or 0, row.code) for push in pushes for row in push.rows})
        placed = [
            StreamRow(ids[push.door.site_id or 0, row.code], row.time_us, row.value, row.flags, row.device_time_us)
            for push in pushes
            for row in push.rows
        ]
        stored = insert(placed) if placed else []
        new = [row for row, known in zip(placed, stored, strict=True) if known is None]
        changed = upsert_latest(new) if new else set()
        rollups.touch(Touch(row.stream, row.time_us // HOUR_US) for row in new)
        reports = _reports(pushes, stored)
        for push, report in zip(pushes, reports, strict=True):
            note(push.door.device_id, report.refused, push.arrived_us)
        _announce(pushes, ids, {row.stream: row for row in sorted(new) if row.stream in changed})
    streams.remember(ids)
    return Outcome(reports, _touched(new))


def _touched(rows: Iterable[StreamRow]) -> dict[int, tuple[int, int]]:
    touched: dict[int, tuple[int, int]] = {}
    for row in rows:
        low, high = touched.get(row.stream, (row.time_us, row.time_us))
        touched[row.stream] = min(low, row.time_us), max(high, row.time_us)
    return touched


HEARD = (
    "INSERT INTO sensors_heard (device_id, first_at, last_at, pushes, digest, digest_at)"
    " VALUES (%s, %s, %s, 1, %s, %s) ON CONFLICT (device_id) DO UPDATE SET"
    " last_at = excluded.last_at, pushes = sensors_heard.pushes + 1,"
    " digest_at = CASE WHEN excluded.digest = '' THEN sensors_heard.digest_at"
    " WHEN sensors_heard.digest = excluded.digest AND sensors_heard.digest_at > %s"
    " THEN sensors_heard.digest_at ELSE excluded.digest_at END,"
    " digest = CASE WHEN excluded.digest = '' THEN sensors_heard.digest ELSE excluded.digest END"
    " RETURNING "
)


def _hear(pushes: Sequence[Push]) -> None:
    """Note that the boxes were heard. A push without a time that came before gets the moment it first came."""
    is_postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        for push in sorted(pushes, key=lambda push: push.door.device_id):
            now = _database_time(push.arrived_us, is_postgres)
            since = _database_time(push.arrived_us - SAME_PUSH_US, is_postgres)
            cursor.execute(
                HEARD + ("digest_at" if is_postgres else "CAST(digest_at AS TEXT)"),
                [push.door.device_id, now, now, push.digest, now, since],
            )
            (first_came,) = cursor.fetchone()
            if push.digest:
                came_us = times.of(first_came) if is_postgres else times.from_sqlite_text(first_came)
                push.rows = [row._replace(time_us=came_us) for row in push.rows]


def _database_time(us: int, is_postgres: bool) -> datetime | str:
    return times.moment(us) if is_postgres else times.sqlite_text(us)


def _reports(pushes: Sequence[Push], stored: list[float | None]) -> list[Report]:
    reports, at = [], 0
    for push in pushes:
        report = Report(rejected=sum(each.code not in NOTES for each in push.refused), refused=[*push.refused])
        for row in push.rows:
            before = stored[at]
            at += 1
            if before is None:
                report.created += 1
            elif before == row.value:
                report.duplicate += 1
            else:
                report.conflict += 1
                report.refused.append(_conflict(row, before))
        reports.append(report)
    return reports


def _conflict(row: Row, before: float) -> Refusal:
    facts = {
        "name": row.code,
        "time": times.iso(row.time_us),
        "stored": f"{before:.6g}",
        "value": f"{row.value:.6g}",
    }
    return Refusal("conflict", facts, row.line)


class _Entry(NamedTuple):
    reason: str
    facts: tuple[tuple[str, str], ...]


def note(device_id: int, refused: Sequence[Refusal], at_us: int) -> None:
    """Keep refusals for the host: the last fifty of a box, equal ones as one entry with a count."""
    if not refused:
        return
    at = times.moment(at_us)
    kept = {_Entry(e.reason, tuple(sorted(e.facts.items()))): e for e in _errors(device_id)}
    for refusal in refused[:KEPT_REFUSALS]:
        facts = refusal.facts | ({"line": str(refusal.row)} if refusal.row else {})
        key = _Entry(refusal.code, tuple(sorted(facts.items())))
        error = kept.setdefault(
            key, IngestError(device_id=device_id, reason=refusal.code, facts=facts, times=0, first_at=at)
        )
        error.times, error.last_at = error.times + 1, at
    changed = [error for error in kept.values() if error.last_at == at]
    IngestError.objects.bulk_create([error for error in changed if error.pk is None])
    IngestError.objects.bulk_update([error for error in changed if error.pk is not None], ["times", "last_at"])
    surplus = _errors(device_id)[KEPT_REFUSALS:].values("pk")
    IngestError.objects.filter(pk__in=[row["pk"] for row in surplus]).delete()


def _errors(device_id: int) -> QuerySet[IngestError]:
    return IngestError.objects.filter(device_id=device_id).order_by("-last_at", "-id")


def _announce(pushes: Sequence[Push], ids: dict[tuple[int, str], int], newest: dict[int, StreamRow]) -> None:
    """One live event per datastream and batch, for sites that the public sees."""
    faces = {push.door.site_id: push.door.face for push in pushes if push.door.face}
    live.publish_many(
        (face.topic, "value", value_payload(face, code, row.time_us, row.value, row.flags))
        for (site, code), stream in sorted(ids.items())
        if (face := faces.get(site)) is not None and (row := newest.get(stream)) is not None
    )


def value_payload(face: Face, code: str, time_us: int, value: float, flags: int) -> dict[str, object]:
    """What a live value looks like to everybody: the public place, never another."""
    return {
        "site": face.site,
        "name": face.name,
        "lon": face.lon,
        "lat": face.lat,
        "phenomenon": code,
        "value": value,
        "unit": decoding.observed_property(code).unit,
        "time": times.iso(time_us),
        "flags": flags,
        "simulated": face.simulated,
    }
