"""Planted secrets, and a search for them in any bytes, whatever way they were written down.

Every secret becomes needles: its bytes as UTF-8, UTF-16, hexadecimal, base64 in its three alignments, URL-quoted,
JSON- and HTML-escaped; a point as decimal text of five or four places and as binary doubles; a camera's place as EXIF
rationals. The first eight bytes of every needle are looked up for all windows of the bytes at once.
"""

from __future__ import annotations

import base64
import html
import io
import json
import random
import re
import struct
import urllib.parse
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.TiffImagePlugin import IFDRational

from engagement.receipt_codes import new_code

WINDOW = 8
PARTS = 100_000_007  # of a second of arc; a prime, so that the fraction is never shortened
CHUNK = 1 << 22
# Open water: nothing on the map stands within 70 m, so that no coordinate of the city itself is taken for a secret.
LON, LAT = 24.94346, 60.17841
NEAR = 60  # bytes between the two numbers of a point
ENDS = (",", "]", " ", '"', "<", "&", "\n", "}")


@dataclass(frozen=True)
class Secret:
    """``kind`` says what leaked; ``value`` is a text, or (longitude, latitude) in degrees, or an EXIF numerator."""

    kind: str
    value: Any


@dataclass(frozen=True)
class Leak:
    secret: Secret
    place: str
    found: bytes


@dataclass(frozen=True)
class Response:
    """What one made-up resident sends, and what of it must never be seen again."""

    name: str
    address: str
    code: str
    lon: float
    lat: float
    seconds: int
    taken_at: str

    @property
    def remark(self) -> str:
        return f"Olen {self.name}, {self.address}, ja ylitän sillan aina kello {self.taken_at[-8:]}."

    def secrets(self, *, photo: bool) -> list[Secret]:
        found = [
            Secret("name", self.name),
            Secret("e-mail address", self.address),
            Secret("receipt code", self.code),
            Secret("receipt code", self.code.replace("-", "")),
            Secret("point", (self.lon, self.lat)),
        ]
        camera = [Secret("place of a photo", self.seconds), Secret("time of a photo", self.taken_at)]
        return found + (camera if photo else [])

    def photo(self) -> dict[str, str]:
        """A JPEG with the place and time that a camera writes."""
        notes = Image.Exif()
        notes[0x0132] = notes[0x010E] = self.taken_at
        notes[0x013B] = self.name
        place = {1: "N", 2: (60.0, 10.0, _rational(self.seconds)), 3: "E", 4: (24.0, 57.0, _rational(self.seconds))}
        notes.get_ifd(0x8825).update(place)
        out = io.BytesIO()
        Image.new("RGB", (64, 48), "teal").save(out, "JPEG", exif=notes)
        return {"type": "image/jpeg", "data": base64.b64encode(out.getvalue()).decode()}


def responses(count: int, seed: str) -> list[Response]:
    """Made-up residents in boats on the bay; no two share anything."""
    chance = random.Random(seed)

    def one(place: int) -> Response:
        token = f"tqanary{chance.getrandbits(44):011x}"
        hour, minute, second = chance.randint(0, 23), chance.randint(0, 59), chance.randint(0, 59)
        return Response(
            name=f"Žofie {token.title()}",
            address=f"{token}.{place}@canary.example",
            code=new_code(),
            lon=round(LON + (chance.random() - 0.5) * 0.0014, 7),
            lat=round(LAT + (chance.random() - 0.5) * 0.0007, 7),
            seconds=1_000_003 + 2 * chance.getrandbits(27),
            taken_at=f"2031:05:{place % 28 + 1:02d} {hour:02d}:{minute:02d}:{second:02d}",
        )

    return [one(place) for place in range(count)]


class Search:
    """Looks for all secrets at once."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        self.by_head: dict[int, list[tuple[bytes, Secret, tuple[bytes, ...]]]] = {}
        for secret in secrets:
            for needle, beside in _needles(secret):
                head = int.from_bytes(needle[:WINDOW], "little")
                self.by_head.setdefault(head, []).append((needle, secret, beside))
        self.heads = np.array(sorted(self.by_head), dtype=np.uint64)

    def leaks(self, place: str, content: bytes) -> list[Leak]:
        """Every secret in ``content``; ``place`` names it in the report."""
        found = []
        for start in range(0, len(content), CHUNK):
            part = content[start : start + CHUNK + WINDOW - 1]
            for at in self._hits(part):
                found += self._verified(place, content, start + at)
        return found

    def _hits(self, part: bytes) -> list[int]:
        if len(part) < WINDOW:
            return []
        windows = _windows(np.frombuffer(part, dtype=np.uint8))
        at = np.minimum(np.searchsorted(self.heads, windows), len(self.heads) - 1)
        return [int(place) for place in np.flatnonzero(self.heads[at] == windows)]

    def _verified(self, place: str, content: bytes, at: int) -> list[Leak]:
        head = int.from_bytes(content[at : at + WINDOW], "little")
        around = content[max(0, at - NEAR) : at + NEAR]
        return [
            Leak(secret, place, around)
            for needle, secret, beside in self.by_head.get(head, ())
            if content.startswith(needle, at)
            and (not beside or any(_side_by_side(content, at, needle, other) for other in beside))
        ]


def _side_by_side(content: bytes, at: int, needle: bytes, other: bytes) -> bool:
    """Whether ``other`` stands near with no third number between: the neighbours of a line's corner are no point."""
    start = max(0, at - NEAR)
    for found in re.finditer(re.escape(other), content[start : at + NEAR]):
        place = start + found.start()
        between = content[at + len(needle) : place] if place > at else content[place + len(other) : at]
        if re.fullmatch(rb"\d*\D*", between):
            return True
    return False


def _windows(content: NDArray[np.uint8]) -> NDArray[np.uint64]:
    """Every run of eight bytes as one number, little end first; shape (n - 7,)."""
    count = len(content) - WINDOW + 1
    windows = np.zeros(count, dtype=np.uint64)
    for place in range(WINDOW):
        windows |= content[place : place + count].astype(np.uint64) << np.uint64(8 * place)
    return windows


def _needles(secret: Secret) -> Iterable[tuple[bytes, tuple[bytes, ...]]]:
    """Bytes to look for, each with the bytes of which one must stand near it."""
    if secret.kind == "point":
        yield from _of_point(*secret.value)
    elif secret.kind == "place of a photo":
        for order in "<>":
            yield struct.pack(f"{order}II", secret.value, PARTS), ()
    else:
        for needle in _written(str(secret.value)):
            yield needle, ()


def _rational(seconds: int) -> IFDRational:
    return IFDRational(seconds, PARTS)


def _written(text: str) -> set[bytes]:
    """One text in every spelling that a page, a log, a file or a URL could have."""
    plain = text.encode()
    spelled = {
        plain, text.lower().encode(), text.upper().encode(), text.encode("utf-16-le"), text.encode("utf-16-be"),
        plain.hex().encode(), plain.hex().upper().encode(), urllib.parse.quote(text).encode(),
        urllib.parse.quote(text, safe="").encode(), urllib.parse.quote_plus(text).encode(),
        json.dumps(text)[1:-1].encode(), html.escape(text).encode(), text.encode("ascii", "xmlcharrefreplace"),
        repr(plain)[2:-1].encode(), text.encode("ascii", "ignore"), *(_base64(plain, ahead) for ahead in range(3)),
    }  # fmt: skip
    urlsafe = {needle.replace(b"+", b"-").replace(b"/", b"_") for needle in spelled}
    return {needle for needle in spelled | urlsafe if len(needle) >= WINDOW}


def _base64(plain: bytes, ahead: int) -> bytes:
    """The characters that do not depend on what stands before and behind, ``ahead`` bytes into a group of three."""
    body = plain[-ahead % 3 :] if ahead else plain
    return base64.b64encode(body[: len(body) // 3 * 3])


def _of_point(lon: float, lat: float) -> Iterable[tuple[bytes, tuple[bytes, ...]]]:
    for order in "<>":
        yield struct.pack(f"{order}d", lon), ()
    # Streets and houses share single numbers with any point; both numbers side by side are the point.
    fine = tuple(text.encode() for text in {f"{lat:.5f}", f"{lat:.7f}"[:8]})
    for text in {f"{lon:.5f}", f"{lon:.7f}"[:8]}:
        yield text.encode(), fine
    coarse = tuple(f"{lat:.4f}{end}".encode() for end in ENDS)
    for end in ENDS:
        yield f"{lon:.4f}{end}".encode(), coarse
