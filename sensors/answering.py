"""The HTTP of the doors for boxes: where a key may stand, how a body is read, how an answer and a refusal look."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from engagement.guards import Receive, Scope, Send
from engagement.problems import CONTENT_TYPE, Refused, problem_body
from sensors import writer


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


class TooOften(Refused):
    """``retry_after_s``: when the box may come again."""

    status = 429
    code = "too-often"
    title = _(
        "This box sends more often than a box may: 300 pushes at once, two a second in the long run. Send it again "
        "later, or as a file; nothing of it was kept."
    )


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


def headers_of(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def key_of(headers: Mapping[str, str]) -> str:
    """The key in the headers: HTTP Basic password (or user alone), bearer token or ``X-Api-Key``; empty if none."""
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


def sender_of(headers: Mapping[str, str]) -> str:
    """What the box calls itself, for matching a wrong key to its host."""
    return headers.get("x-sensor", "").strip()[:64]


async def body_of(receive: Receive, most: int) -> bytes:
    """The whole body. Raises TooLarge before more than ``most`` bytes are held, NotUnderstood when it breaks off."""
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


async def send_problem(send: Send, refused: Refused) -> None:
    extra: dict[str, str] = {}
    if refused.status == 401:
        extra["www-authenticate"] = 'Basic realm="sensors", charset="UTF-8"'
    if refused.status in (429, 503):
        extra["retry-after"] = str(refused.extra.get("retry_after_s", writer.RETRY_AFTER_S))
    if refused.status == 405:
        extra["allow"] = "POST"
    await send_json(send, refused.status, problem_body(refused), CONTENT_TYPE, extra)


async def send_json(
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
