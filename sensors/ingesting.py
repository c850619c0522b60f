"""The door for boxes, ``/ingest/<kind>/``: a bare ASGI application in front of Django.

A push is authenticated from a cache, decoded, gated and queued without touching the database in the event loop; it is
answered after its commit. Every refusal is RFC 9457 JSON with a sentence, and the box's host finds it on the box's page.
The key comes as HTTP Basic password, as bearer token, as ``X-Api-Key``, or as the last part of the path.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hashlib
import json
import time
from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from engagement.guards import Receive, Scope, Send
from engagement.problems import CONTENT_TYPE, Refused, problem_body
from sensors import decoding, refusals, storing, times, writer
from sensors.decoding import Decoded, Kind, Unreadable
from sensors.gating import gate
from sensors.keyring import Door, Keyring
from sensors.models import Device
from sensors.refusals import Refusal
from sensors.storing import Outcome, Push

MOST_CLAIMED = 5  # boxes that may share a mistyped chip id
NOTED_EVERY_S = 10.0  # a stranger who tries keys must not keep the database busy
MOST_NOTED = 10_000


class NoSuchDoor(Refused):
    status = 404
    code = "no-such-door"
    title = _("There is no door for such pushes here.")


class OnlyPost(Refused):
    status = 405
    code = "only-post"
    title = _("Readings arrive here by POST.")


class NoKey(Refused):
    status = 401
    code = "no-key"
    title = _("This push carries no key. Send the box's key as password (HTTP Basic), or at the end of the address.")


class WrongKey(Refused):
    status = 401
    code = "wrong-key"
    title = _("This key is not known here. Copy it from the box's page once more, or make a new one there.")


class NotThisWay(Refused):
    status = 403
    code = "not-this-way"
    title = _("This key is for another box or another address.")


class NotUnderstood(Refused):
    status = 422
    code = "not-understood"
    title = _("Nothing in this push could be kept.")


class TooLarge(Refused):
    status = 413
    code = "too-large"
    title = _("This push is too large.")


class Doors:
    """The ASGI application of one process, with its cache of keys."""

    def __init__(self) -> None:
        self.keyring = Keyring()
        self._noted: dict[str, float] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            status, body = await self.take(scope, receive)
        except Refused as refused:
            await _send_problem(send, refused)
        else:
            await _send_json(send, status, body)

    async def take(self, scope: Scope, receive: Receive) -> tuple[int, dict[str, Any]]:
        """One push from its first byte to its commit. Raises Refused."""
        kind, path_key = _route(scope["path"])
        if scope["method"] != "POST":
            raise OnlyPost
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        key = path_key or _key(headers)
        if not key:
            raise NoKey
        door = await self._open(key, headers)
        body = await _body(receive, kind.max_bytes)
        push = await self._understand(kind, door, headers, body)
        outcome = await asyncio.wrap_future(writer.current().submit(push))
        return _answer(outcome, push)

    async def _open(self, key: str, headers: Mapping[str, str]) -> Door:
        found = await self.keyring.find(key)
        if found.door is not None:
            return found.door
        sender, at_us = _sender(headers), times.of(timezone.now())
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
        refusal = _misdirected(kind, door, _sender(headers))
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


MISDIRECTED = frozenset({"not-hung", "not-its-kind", "other-box"})


def _misdirected(kind: Kind, door: Door, sender: str) -> Refusal | None:
    """A good key at the wrong place."""
    if door.site_id is None:
        return Refusal("not-hung")
    if kind.name not in (door.kind, "csv"):
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


def _route(path: str) -> tuple[Kind, str]:
    """``/ingest/airrohr/<key>/`` → the kind and the key, empty where the path has none."""
    parts = [part for part in path.split("/") if part]
    kind = decoding.kinds().get(parts[1]) if 2 <= len(parts) <= 3 else None
    if kind is None:
        doors = ", ".join(f"/ingest/{name}/" for name in sorted(decoding.kinds()))
        raise NoSuchDoor(_("There is no such door. There are: %(doors)s.") % {"doors": doors})
    return kind, parts[2] if len(parts) == 3 else ""


def _key(headers: Mapping[str, str]) -> str:
    scheme, _space, given = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return given.strip()
    if scheme.lower() == "basic":
        try:
            user, _colon, password = base64.b64decode(given, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return ""
        return password or user
    return headers.get("x-api-key", "").strip()


def _sender(headers: Mapping[str, str]) -> str:
    """What the box calls itself, for matching a wrong key to its host."""
    return headers.get("x-sensor", "").strip()[:64]


async def _body(receive: Receive, most: int) -> bytes:
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise NotUnderstood(_("The push broke off. Please send it again."))
        part: bytes = message.get("body", b"")
        size += len(part)
        if size > most:
            raise TooLarge(_("A push here may have %(most)s bytes. Send more than that as several.") % {"most": most})
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


def _answer(outcome: Outcome, push: Push) -> tuple[int, dict[str, Any]]:
    report = outcome.reports[0]
    body = report.body()
    if not push.rows:
        raise NotUnderstood("", **body)
    if report.created:
        return 201, body
    return (409 if report.conflict and not report.duplicate else 200), body


async def _send_problem(send: Send, refused: Refused) -> None:
    extra: dict[str, str] = {}
    if refused.status == 401:
        extra["www-authenticate"] = 'Basic realm="sensors", charset="UTF-8"'
    if refused.status in (429, 503):
        extra["retry-after"] = str(writer.RETRY_AFTER_S)
    if refused.status == 405:
        extra["allow"] = "POST"
    await _send_json(send, refused.status, problem_body(refused), CONTENT_TYPE, extra)


async def _send_json(
    send: Send,
    status: int,
    body: Mapping[str, Any],
    content_type: str = "application/json",
    extra: Mapping[str, str] | None = None,
) -> None:
    content = json.dumps(body, ensure_ascii=False).encode()
    headers = {"content-type": content_type, "content-length": str(len(content)), "cache-control": "no-store"}
    encoded = [(name.encode(), value.encode()) for name, value in {**headers, **(extra or {})}.items()]
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": content})


app = Doors()
