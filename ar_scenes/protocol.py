"""``twin.tiles.v1``: frames and messages, exactly as docs/reference/twin-tiles-v1.md describes them. Pure: bytes in, values out."""

from __future__ import annotations

import json
import math
import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final
from uuid import UUID

NAME: Final = "twin.tiles.v1"
MOST_MESSAGE_BYTES: Final = 65_536
MOST_CREDIT: Final = 4_194_304
USUAL_CREDIT: Final = 262_144
MOST_PUSHED: Final = 1_048_576
MOST_ID: Final = 2**32 - 1
HASH: Final = re.compile(r"[0-9a-f]{16}\Z")

GZIP: Final = 1
LAST: Final = 2
_HEADER: Final = struct.Struct("<BBHI8s")
HEADER_BYTES: Final = _HEADER.size
NO_HASH: Final = "0" * 16


class Kind(IntEnum):
    """What a server frame is."""

    WELCOME = 1
    MANIFEST = 2
    TILE = 3
    NOT_MODIFIED = 4
    ERROR = 5
    OVERLAY = 6
    VALUES = 7
    NOTICE = 8


CREDITED: Final = frozenset({Kind.TILE, Kind.OVERLAY, Kind.VALUES})


@dataclass(frozen=True, slots=True)
class Frame:
    """One server frame. ``hash`` is 16 hex digits of the content after inflating."""

    kind: Kind
    payload: bytes = b""
    id: int = 0
    hash: str = NO_HASH
    flags: int = 0
    layer: int = 0

    def encode(self) -> bytes:
        return _HEADER.pack(self.kind, self.flags, self.layer, self.id, bytes.fromhex(self.hash)) + self.payload

    @classmethod
    def decode(cls, data: bytes) -> Frame:
        """Raises ValueError for what has no header or a kind that this version does not know."""
        if len(data) < HEADER_BYTES:
            raise ValueError(f"A frame of {len(data)} bytes has no header.")
        kind, flags, layer, number, name = _HEADER.unpack_from(data)
        return cls(Kind(kind), data[HEADER_BYTES:], number, name.hex(), flags, layer)

    @property
    def is_credited(self) -> bool:
        return self.kind in CREDITED


def json_bytes(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


class Trouble(Exception):
    """Something that the client is told in an error frame. ``close`` is the close code that follows, None to go on."""

    def __init__(self, code: str, status: int, title: str, detail: str, close: int | None = None) -> None:
        super().__init__(detail)
        self.code, self.status, self.title, self.detail, self.close = code, status, title, detail, close

    def frame(self, request: int = 0) -> Frame:
        body = {
            "type": "about:blank", "title": self.title, "status": self.status, "code": self.code, "detail": self.detail,
        }  # fmt: skip
        return Frame(Kind.ERROR, json_bytes(body), request, flags=0 if self.close is None else LAST)


def malformed(detail: str) -> Trouble:
    return Trouble("malformed", 400, "Malformed message", detail, 4400)


def too_large() -> Trouble:
    detail = f"Messages have at most {MOST_MESSAGE_BYTES:,} bytes."
    return Trouble("too-large", 413, "Message too large", detail, 4413)


def too_many() -> Trouble:
    return Trouble("too-many", 429, "Too many messages", "Send fewer messages and open the connection again.", 4429)


def too_many_waiting(most: int) -> Trouble:
    detail = f"{most:,} requests wait already. Cancel some, or wait for their answers."
    return Trouble("too-many-waiting", 429, "Too many requests wait", detail)


def too_slow(detail: str) -> Trouble:
    return Trouble("too-slow", 408, "Too slow", detail, 4408)


def no_such_scene(slug: str) -> Trouble:
    return Trouble("no-such-scene", 404, "No such scene", f"There is no scene {slug!r} here.", 4404)


def no_such_protocol() -> Trouble:
    return Trouble("no-such-protocol", 406, "No such protocol", f"Open the socket with the subprotocol {NAME}.", 4406)


def no_such_tile(name: str) -> Trouble:
    detail = f"This build of the scene has no tile {name}. Read the manifest again."
    return Trouble("no-such-tile", 404, "No such tile", detail)


def no_such_overlay(name: str) -> Trouble:
    return Trouble("no-such-overlay", 404, "No such overlay", f"This scene has no overlay {name}.")


@dataclass(frozen=True, slots=True)
class Hello:
    caps: frozenset[str]
    manifest: str | None
    credit: int
    push: int


@dataclass(frozen=True, slots=True)
class Get:
    """Exactly one of ``hash`` and ``key``."""

    id: int
    hash: str | None
    key: str | None
    have: str | None
    priority: float


@dataclass(frozen=True, slots=True)
class Cancel:
    id: int


@dataclass(frozen=True, slots=True)
class Credit:
    bytes: int


@dataclass(frozen=True, slots=True)
class OverlayWanted:
    id: int
    overlay: UUID


@dataclass(frozen=True, slots=True)
class ValuesWanted:
    on: bool


Message = Hello | Get | Cancel | Credit | OverlayWanted | ValuesWanted


def parse(text: str) -> Message:
    """One client message. Raises Trouble (malformed or too large) with a sentence."""
    if len(text) > MOST_MESSAGE_BYTES or len(text.encode("utf-8", "surrogatepass")) > MOST_MESSAGE_BYTES:
        raise too_large()
    try:
        found = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise malformed("A message is one JSON object.") from None
    if not isinstance(found, dict):
        raise malformed("A message is one JSON object.")
    kind = found.pop("type", None)
    reader = _READERS.get(kind) if isinstance(kind, str) else None
    if reader is None:
        raise malformed(f"Unknown type. Known are: {', '.join(_READERS)}.")
    return reader(_Fields(found))


def _refuse_constant(name: str) -> float:
    raise ValueError(name)


class _Fields:
    """The fields of a message: each is taken once, and none may be left over."""

    def __init__(self, found: dict[str, Any]) -> None:
        self._found = found

    def integer(self, name: str, low: int, high: int, usual: int | None = None) -> int:
        value = self._found.pop(name, usual)
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise malformed(f"{name} is a whole number from {low:,} to {high:,}.")
        return value

    def number(self, name: str) -> float:
        value = self._found.pop(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise malformed(f"{name} is a finite number.")
        return float(value)

    def truth(self, name: str) -> bool:
        value = self._found.pop(name, None)
        if not isinstance(value, bool):
            raise malformed(f"{name} is true or false.")
        return value

    def hash(self, name: str) -> str | None:
        value = self._found.pop(name, None)
        if value is not None and not (isinstance(value, str) and HASH.match(value)):
            raise malformed(f"{name} is 16 hexadecimal digits in lower case.")
        return value

    def text(self, name: str, most: int) -> str | None:
        value = self._found.pop(name, None)
        if value is not None and not (isinstance(value, str) and 0 < len(value) <= most):
            raise malformed(f"{name} is a text of at most {most} characters.")
        return value

    def uuid(self, name: str) -> UUID:
        try:
            return UUID(str(self._found.pop(name, "")))
        except ValueError:
            raise malformed(f"{name} is the id of an overlay.") from None

    def words(self, name: str) -> frozenset[str]:
        value = self._found.pop(name, None)
        if not isinstance(value, list) or len(value) > 32 or not all(isinstance(word, str) for word in value):
            raise malformed(f"{name} is a list of at most 32 words.")
        return frozenset(value)

    def end(self) -> None:
        if self._found:
            raise malformed(f"Unknown field {next(iter(self._found))!r}."[:200])


def _hello(fields: _Fields) -> Hello:
    found = Hello(
        caps=fields.words("caps"),
        manifest=fields.hash("manifest"),
        credit=fields.integer("credit", 1, MOST_CREDIT, USUAL_CREDIT),
        push=fields.integer("push", 0, MOST_PUSHED, 0),
    )
    fields.end()
    return found


def _get(fields: _Fields) -> Get:
    found = Get(
        id=fields.integer("id", 1, MOST_ID),
        hash=fields.hash("hash"),
        key=fields.text("key", 200),
        have=fields.hash("have"),
        priority=fields.number("priority"),
    )
    fields.end()
    if (found.hash is None) == (found.key is None):
        raise malformed("A get names a tile by hash or by key.")
    return found


def _cancel(fields: _Fields) -> Cancel:
    found = Cancel(fields.integer("id", 1, MOST_ID))
    fields.end()
    return found


def _credit(fields: _Fields) -> Credit:
    found = Credit(fields.integer("bytes", 1, MOST_CREDIT))
    fields.end()
    return found


def _overlay(fields: _Fields) -> OverlayWanted:
    found = OverlayWanted(fields.integer("id", 1, MOST_ID), fields.uuid("overlay"))
    fields.end()
    return found


def _values(fields: _Fields) -> ValuesWanted:
    found = ValuesWanted(fields.truth("on"))
    fields.end()
    return found


_READERS: Final[Mapping[str, Callable[[_Fields], Message]]] = {
    "hello": _hello,
    "get": _get,
    "cancel": _cancel,
    "credit": _credit,
    "overlay": _overlay,
    "values": _values,
}
