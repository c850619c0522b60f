"""A response on its way without JavaScript: kept here page by page, sealed so that only that browser's cookie opens it.

The receipt code and the response's id are made when the draft begins, so that sending twice shows the same receipt.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from dataclasses import asdict, dataclass, field
from typing import Any
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.utils import timezone

from engagement import receipts
from surveys.models import Draft, Survey

NONCE_BYTES = 12
COOKIE_SECONDS = 25 * 3600


@dataclass
class Writing:
    """What a draft holds: clean answers by path, or after sending only what the receipt needs.

    ``whole``: the questions are shown on one page. ``removed``: the turn of a repeated group taken away last, with its ``key`` and ``number``, to be put back.
    """

    response_id: str = field(default_factory=lambda: str(uuid4()))
    code: str = field(default_factory=receipts.new_code)
    answers: dict[str, Any] = field(default_factory=dict)
    removed: dict[str, Any] = field(default_factory=dict)
    whole: bool = False
    sent: bool = False
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))

    @property
    def id(self) -> UUID:
        return UUID(self.response_id)


def begin(survey: Survey, answers: dict[str, Any] | None = None, *, whole: bool = False) -> Writing:
    """A fresh draft. Drafts whose day is over are deleted on the way."""
    Draft.objects.filter(expires_at__lte=timezone.now()).delete()
    writing = Writing(answers=answers or {}, whole=whole)
    save(survey, writing)
    return writing


def save(survey: Survey, writing: Writing) -> None:
    """Keep the draft; the day on which it goes stays the same."""
    content = {key: value for key, value in asdict(writing).items() if key != "token"}
    sealed = _seal(writing.token, json.dumps(content).encode())
    Draft.objects.update_or_create(pk=_name(writing.token), survey=survey, defaults={"sealed": sealed})


def load(survey: Survey, token: str) -> Writing | None:
    """The draft that a cookie opens; ``None`` if there is none, its day is over, or the cookie is another's."""
    draft = Draft.objects.filter(pk=_name(token), survey=survey, expires_at__gt=timezone.now()).first()
    if draft is None:
        return None
    try:
        content = json.loads(_open(token, bytes(draft.sealed)))
    except (InvalidTag, ValueError):
        return None
    return Writing(**content, token=token)


def finish(survey: Survey, writing: Writing) -> None:
    """Forget the answers once they are stored; the receipt stays readable until the draft's day is over."""
    writing.answers, writing.removed = {}, {}
    writing.sent = True
    save(survey, writing)


def forget(token: str) -> None:
    Draft.objects.filter(pk=_name(token)).delete()


def _name(token: str) -> str:
    return hashlib.sha256(f"draft {token}".encode()).hexdigest()


def _key(token: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"loggia survey draft").derive(token.encode())


def _seal(token: str, content: bytes) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(_key(token)).encrypt(nonce, content, None)


def _open(token: str, sealed: bytes) -> bytes:
    return AESGCM(_key(token)).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
