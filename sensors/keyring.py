"""Keys of boxes: how they are made, and the cache with which every push is checked.

A key is ``<kid>-<secret>``, 6 and 26 characters of Crockford's base 32: 128 random bits, so SHA-256 is hash enough, and
cheap enough to be checked on every push. The cache of each process lives by :class:`KeyringVersion`: before a key is
looked up, the version must have been read within the last half second, so a revoked key is refused everywhere within
one second, without any messages between processes.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import override

from sensors import presets
from sensors.models import Device, DeviceKey, KeyringVersion, Site
from sensors.times import of

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
KID_LENGTH, SECRET_LENGTH = 6, 26
SHAPE = re.compile(rf"[{ALPHABET}]{{{KID_LENGTH}}}-[{ALPHABET}]{{{SECRET_LENGTH}}}")
FRESH_S = 0.5
MOST_CACHED = 50_000
NOBODY = hashlib.sha256(b"").hexdigest()

T = TypeVar("T")


def new_key() -> tuple[str, str]:
    """A fresh key and its public part: ``(kid, key)``. The key is shown once and never stored."""
    kid = "".join(secrets.choice(ALPHABET) for _ in range(KID_LENGTH))
    number = secrets.randbits(5 * SECRET_LENGTH)
    secret = "".join(ALPHABET[number >> 5 * place & 31] for place in range(SECRET_LENGTH))
    return kid, f"{kid}-{secret}"


def digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Face:
    """What the public may know of a site: goes out with every live value."""

    topic: str
    site: int
    name: str
    lon: float
    lat: float
    simulated: bool


@dataclass(frozen=True, slots=True)
class Door:
    """What a key opens. ``face`` is None while the public sees nothing of the site; ``site_id`` while it hangs nowhere."""

    device_id: int
    code: str
    chip_id: str
    kind: str
    site_id: int | None
    face: Face | None


@dataclass(frozen=True, slots=True)
class _Known:
    digest: str
    from_us: int
    until_us: int | None
    revoked: bool
    door: Door


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a key: the door, or the refusal's code and, for a key that was good once, whose it was."""

    door: Door | None = None
    refusal: str = ""
    device_id: int | None = None


def bump() -> None:
    """A key, a box or a site changed: every process forgets what it cached, as soon as this transaction commits."""
    if not KeyringVersion.objects.filter(pk=1).update(number=F("number") + 1):
        with transaction.atomic():
            KeyringVersion.objects.get_or_create(pk=1, defaults={"number": 1})


def version() -> int:
    return KeyringVersion.objects.filter(pk=1).values_list("number", flat=True).first() or 0


def face_of(site: Site) -> Face | None:
    """The public face of a site; None for one that the public does not see. A neutral name comes in the project's language."""
    if not site.is_public or site.public_point is None:
        return None
    project = site.campaign.project
    with override(project.languages[0] if project.languages else "en"):
        name = site.public_name
    point = site.public_point
    return Face(f"values.{project.slug}", site.pk, name, round(point.x, 6), round(point.y, 6), site.simulated)


def door_of(device: Device) -> Door:
    deployment = device.current_deployment()
    site = deployment.site if deployment else None
    kind = presets.get(device.preset).kind
    return Door(
        device.pk, device.code, device.chip_id, kind, site.pk if site else None, face_of(site) if site else None
    )


def load(kid: str) -> _Known | None:
    """The key as the database has it now."""
    key = DeviceKey.objects.select_related("device").filter(kid=kid).first()
    if key is None:
        return None
    until = of(key.valid_until) if key.valid_until else None
    return _Known(key.digest, of(key.valid_from), until, key.revoked_at is not None, door_of(key.device))


def judge(key: str, known: _Known | None, at: datetime) -> Found:
    """Compare in constant time, also where there is nothing to compare with."""
    same = hmac.compare_digest(digest(key), known.digest if known else NOBODY)
    if known is None or not same:
        return Found(refusal="wrong-key")
    now_us = of(at)
    if known.revoked or now_us < known.from_us or (known.until_us is not None and now_us >= known.until_us):
        return Found(refusal="old-key", device_id=known.door.device_id)
    return Found(door=known.door)


def find_now(key: str) -> Found:
    """Check a key against the database itself; for pages and commands."""
    known = load(key[:KID_LENGTH]) if SHAPE.fullmatch(key) else None
    return judge(key, known, timezone.now())


class Keyring:
    """The cache of one process, used from its event loop; database work has a thread of its own."""

    def __init__(self, fresh_s: float = FRESH_S) -> None:
        self.fresh_s = fresh_s
        self._known: dict[str, _Known] = {}
        self._version = -1
        self._checked_at = float("-inf")
        self._checking: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="keyring")

    async def find(self, key: str) -> Found:
        """The door of a key, never by a cache that is older than half a second."""
        await self._refresh()
        if not SHAPE.fullmatch(key):
            return judge(key, None, timezone.now())
        kid = key[:KID_LENGTH]
        known = self._known.get(kid)
        if known is None:
            read_at = self._version
            known = await self.in_thread(lambda: load(kid))
            if known is not None and read_at == self._version:
                if len(self._known) >= MOST_CACHED:
                    self._known.clear()
                self._known[kid] = known
        return judge(key, known, timezone.now())

    async def _refresh(self) -> None:
        if time.monotonic() - self._checked_at < self.fresh_s:
            return
        # One look at the version serves all pushes that wait for it.
        if self._checking is None or self._checking.done():
            self._checking = asyncio.create_task(self._check())
        await asyncio.shield(self._checking)

    async def _check(self) -> None:
        asked_at = time.monotonic()
        newest = await self.in_thread(version)
        if newest != self._version:
            self._known.clear()
            self._version = newest
        self._checked_at = asked_at

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Run database work beside the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: _with_connection(work))

    def close(self) -> None:
        """Give the thread's database connection back."""
        self._thread.submit(_hang_up).result()
        self._thread.shutdown()


def _hang_up() -> None:
    connection.close()


def _with_connection(work: Callable[[], T]) -> T:
    """Once more on a fresh connection where the old one was cut (a restarted database)."""
    try:
        return work()
    except (OperationalError, InterfaceError):
        connection.close()
        return work()
