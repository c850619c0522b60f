"""Secret keys as files in ``DATA_DIR/keys``: made once, readable by the site's user alone, never part of a backup."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

KEY_BYTES = 32


def secret_in(data_dir: Path, name: str, *, length: int = KEY_BYTES) -> bytes:
    """The key ``name``; made at first use. Two processes that start together agree on one key."""
    file = data_dir / "keys" / name
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return _make(file, secrets.token_bytes(length))


def _make(file: Path, fresh: bytes) -> bytes:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(fresh)
        stream.flush()
        os.fsync(stream.fileno())
    try:
        os.link(draft, file)  # fails if another process was first: then its key counts
    except FileExistsError:
        return file.read_bytes()
    finally:
        draft.unlink()
    return fresh


def secret(name: str) -> bytes:
    """The site's key ``name``, 32 random bytes."""
    from django.conf import settings

    return secret_in(settings.DATA_DIR, name)
