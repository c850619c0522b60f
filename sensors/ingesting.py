"""The doors for boxes, ``/ingest/<kind>/`` and the file door: a bare ASGI application in front of Django.

A push is authenticated from a cache, decoded, gated and queued without touching the database in the event loop; it is
answered after its commit. Every refusal is RFC 9457 JSON with a sentence, and the box's host finds it on the box's page.
The key comes as HTTP Basic password, as bearer token, as ``X-Api-Key``, or as the last part of the path.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from engagement.guards import Receive, Scope, Send
from engagement.problems import Refused
from sensors import backfilling, codes, decoding, refusals, storing, times, writer
from sensors.answering import (
    NoKey,
    NoSuchDoor,
    NotThisWay,
    NotUnderstood,
    OnlyPost,
    TooOften,
    WrongKey,
    body_of,
    headers_of,
    key_of,
    send_json,
    send_problem,
    sender_of,
)
from sensors.decoding import Decoded, Kind, Unreadable
from sensors.gating import gate
from sensors.keyring import Door, Keyring
from sensors.kinds import csv
from sensors.models import Device
from sensors.pacing import Pace
from sensors.refusals import Refusal
from sensors.storing import Push, Report

FILE_PATH = re.compile(r"/api/v1/sensors/(?P<code>[^/]+)/observations\.csv")
MOST_FILE_BYTES = 32 * 1024 * 1024
MOST_CLAIMED = 5  # boxes that may share a mistyped chip id
NOTED_EVERY_S = 10.0  # a stranger who tries keys must not keep the database busy
MOST_NOTED = 10_000
MISDIRECTED = frozenset({"not-hung", "not-its-kind", "other-box"})

Answer = tuple[int, dict[str, Any]]


def handles(path: str) -> bool:
    """Whether a request is for these doors and not for Django."""
    return path.startswith("/ingest/") or FILE_PATH.fullmatch(path) is not None


class Doors:
    """The ASGI application of one process, with its cache of keys and a thread for files."""

    def __init__(self) -> None:
        self.keyring = Keyring()
        self.pace = Pace()
        self._noted: dict[str, float] = {}
        self._files = ThreadPoolExecutor(1, thread_name_prefix="sensors-files")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["method"] != "POST":
                raise OnlyPost
            is_file = FILE_PATH.fullmatch(scope["path"])
            status, body = await (self._file if is_file else self._push)(scope, receive)
        except Refused as refused:
            await send_problem(send, refused)
        else:
            await send_json(send, status, body)

    async def _push(self, scope: Scope, receive: Receive) -> Answer:
        """One push from its first byte to its commit. Raises Refused."""
        kind, path_key = _route(scope["path"])
        headers = headers_of(scope)
        door = await self._open(path_key or key_of(headers), headers)
        if wait_s := self.pace.wait_s(door.device_id, time.monotonic()):
            raise TooOften(retry_after_s=wait_s)
        body = await body_of(receive, kind.max_bytes)
        push = await self._understand(kind, door, headers, body)
        outcome = await asyncio.wrap_future(writer.current().submit(push))
        return _answer(outcome.reports[0], has_rows=bool(push.rows))

    async def _file(self, scope: Scope, receive: Receive) -> Answer:
        """A CSV of history, with the key of the box that is named in the path.

        ``?timezone=`` for times without one, ``?history=yes`` for readings that are older than 400 days.
        """
        headers = headers_of(scope)
        door = await self._open(key_of(headers), headers)
        match = FILE_PATH.fullmatch(scope["path"])
        if match is None or not _same_code(match["code"], door.code):
            raise NotThisWay(_("This key belongs to another box than the one in the address."))
        asked = parse_qs(scope.get("query_string", b"").decode("latin-1"))
        zone, any_age = _zone(asked), asked.get("history") == ["yes"]
        body = await body_of(receive, MOST_FILE_BYTES)
        report = await asyncio.get_running_loop().run_in_executor(self._files, _take_file, door, body, zone, any_age)
        seen = report.created + report.duplicate + report.conflict
        return _answer(report, has_rows=seen > 0)

    async def _open(self, key: str, headers: Mapping[str, str]) -> Door:
        if not key:
            raise NoKey
        found = await self.keyring.find(key)
        if found.door is not None:
            return found.door
        sender, at_us = sender_of(headers), times.of(timezone.now())
        if self._is_news(f"{found.device_id}:{sender}"):
            await self.keyring.in_thread(lambda: note_wrong_key(found.refusal, sender, found.device_id, at_us))
        raise WrongKey(refusals.sentence("old-key", {}) if found.refusal == "old-key" else "")

    def _is_news(self, subject: str) -> bool:
        """Whether the last note about the same box is ten seconds old."""
        now = time.monotonic()
        if now - self._noted.get(subject, float("-inf")) < NOTED_EVERY_S:
            return False
        if len(self._noted) >= MOST_NOTED:
            self._noted.clear()
        self._noted[subject] = now
        return True

    async def _understand(self, kind: Kind, door: Door, headers: Mapping[str, str], body: bytes) -> Push:
        """Decode and gate. What cannot be used at all is noted for the host and refused."""
        arrived_us = times.of(timezone.now())
        push = Push(door, arrived_us)
        refusal = _misdirected(kind, door, sender_of(headers))
        decoded = Decoded()
        if refusal is None:
            try:
                decoded = kind.decode(body)
            except Unreadable as unreadable:
                refusal = unreadable.refusal
        if refusal is None and not decoded.readings and not decoded.refused:
            refusal = Refusal("nothing-in-it")
        if refusal is not None:
            push.refused = [refusal]
            await asyncio.wrap_future(writer.current().submit(push))
            raise (NotThisWay if refusal.code in MISDIRECTED else NotUnderstood)(refusal.sentence())
        gated = gate(decoded.readings, kind, arrived_us)
        push.rows, push.refused = gated.rows, decoded.refused + gated.refused
        push.digest = hashlib.sha256(body).hexdigest()[:32] if gated.timeless else ""
        return push

    def close(self) -> None:
        """Give the threads' database connections back."""
        self._files.shutdown()
        self.keyring.close()


def _route(path: str) -> tuple[Kind, str]:
    """``/ingest/airrohr/<key>/`` → the kind and the key, empty where the path has none."""
    parts = [part for part in path.split("/") if part]
    kind = decoding.kinds().get(parts[1]) if 2 <= len(parts) <= 3 else None
    if kind is None:
        doors = ", ".join(f"/ingest/{name}/" for name in sorted(decoding.kinds()))
        raise NoSuchDoor(_("There is no such door. There are: %(doors)s.") % {"doors": doors})
    return kind, parts[2] if len(parts) == 3 else ""


def _misdirected(kind: Kind, door: Door, sender: str) -> Refusal | None:
    """A good key at the wrong place."""
    if door.site_id is None:
        return Refusal("not-hung")
    if kind.name not in (door.kind, csv.KIND.name):
        return Refusal("not-its-kind", {"kind": str(kind.label)})
    if sender and door.chip_id and _bare(sender) != _bare(door.chip_id):
        return Refusal("other-box", {"sender": sender, "chip": door.chip_id})
    return None


def _bare(chip_id: str) -> str:
    """``esp8266-1234567`` and ``1234567`` are the same box."""
    return chip_id.lower().rpartition("-")[2].strip()


def note_wrong_key(reason: str, sender: str, device_id: int | None, at_us: int) -> None:
    """Tell the hosts of boxes that call themselves so; nobody learns anything of the key."""
    devices = [device_id] if device_id else claimed_as(sender)
    for device in devices:
        storing.note(device, [Refusal(reason)], at_us)


def claimed_as(sender: str) -> list[int]:
    """Boxes whose hosts typed this chip id, with or without the name of the chip before it."""
    if not _bare(sender):
        return []
    named = Device.objects.filter(chip_id__in={sender, _bare(sender), f"esp8266-{_bare(sender)}"}, owner__isnull=False)
    return list(named.values_list("pk", flat=True)[:MOST_CLAIMED])


def _same_code(written: str, code: str) -> bool:
    try:
        return codes.normalise(written) == code
    except codes.BadCode:
        return False


def _zone(asked: Mapping[str, list[str]]) -> ZoneInfo | None:
    name = asked.get("timezone", [""])[0]
    if not name:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise NotUnderstood(
            _("%(name)s is no time zone. Write one like Europe/Helsinki.") % {"name": name[:40]}
        ) from None


def _take_file(door: Door, body: bytes, zone: ZoneInfo | None, any_age: bool) -> Report:
    """In the thread for files."""
    try:
        return backfilling.take(door, csv.text(body).splitlines(), backfilling.queued, zone=zone, any_age=any_age)
    except Unreadable as unreadable:
        raise NotUnderstood(unreadable.refusal.sentence()) from None
    finally:
        connection.close()


def _answer(report: Report, *, has_rows: bool) -> Answer:
    body = report.body()
    if not has_rows:
        raise NotUnderstood("", **body)
    if report.created:
        return 201, body
    return (409 if report.conflict and not report.duplicate else 200), body


app = Doors()
