"""The site's Ed25519 signing key, and the register of public keys that outlives it.

The private key is ``DATA_DIR/keys/signing/<key id>``, never in a backup. Public keys, retired ones too, stand in
``DATA_DIR/public-keys.json``, which is backed up and served at ``/.well-known/loggia-keys.json``: old certificates stay
verifiable after a rotation and after a restore.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from engagement import keys

Register = Mapping[str, "PublicKey"]


@dataclass(frozen=True)
class PublicKey:
    """One public key: ``x`` is its 32 bytes in base64url (as in RFC 8037)."""

    kid: str
    x: str
    made_on: str
    retired_on: str = ""

    def verify(self, signature: str, message: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(decode(self.x)).verify(decode(signature), message)
        except (InvalidSignature, ValueError):
            return False
        return True


def encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def register(data_dir: Path) -> dict[str, PublicKey]:
    """All public keys by key id; empty before the first key is made."""
    try:
        return parse_register((data_dir / "public-keys.json").read_text())
    except FileNotFoundError:
        return {}


def parse_register(text: str) -> dict[str, PublicKey]:
    """Read a register as served at ``/.well-known/loggia-keys.json``. Raises ValueError when it is none."""
    try:
        rows = json.loads(text)["keys"]
        return {row["kid"]: PublicKey(row["kid"], row["x"], row["made_on"], row.get("retired_on", "")) for row in rows}
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError("this is not a register of public keys") from error


def as_json(known: Register) -> dict[str, object]:
    """The public register in the shape of a JSON Web Key Set (RFC 7517, 8037)."""
    rows = [{"kty": "OKP", "crv": "Ed25519", "use": "sig", **asdict(key)} for key in known.values()]
    return {"keys": rows}


def current(data_dir: Path) -> PublicKey | None:
    """The key that signs now, if its private half is here."""
    live = [
        key for key in register(data_dir).values() if not key.retired_on and _private_file(data_dir, key.kid).exists()
    ]
    return live[-1] if live else None


def make_key(data_dir: Path, today: date) -> PublicKey:
    """The signing key, made if there is none. Two processes that start together agree on one."""
    with _locked(data_dir):
        return current(data_dir) or _add(data_dir, today)


def rotate(data_dir: Path, today: date) -> PublicKey:
    """Retire the signing key, destroy its private half, and make a new one."""
    with _locked(data_dir):
        known = register(data_dir)
        retired = {
            kid: key if key.retired_on else PublicKey(kid, key.x, key.made_on, str(today)) for kid, key in known.items()
        }
        fresh = _add(data_dir, today, retired)
        for kid in retired:
            _private_file(data_dir, kid).unlink(missing_ok=True)
        return fresh


def sign(data_dir: Path, message: bytes, today: date) -> tuple[str, str]:
    """Key id and signature (base64url) of ``message``; makes the first key when there is none."""
    key = current(data_dir) or make_key(data_dir, today)
    return key.kid, encode(_private_key(data_dir, key.kid).sign(message))


def _add(data_dir: Path, today: date, known: Mapping[str, PublicKey] | None = None) -> PublicKey:
    """A fresh key: its secret first, then the register that names it; a crash in between leaves only an unused file."""
    kid = secrets.token_hex(8)
    x = (
        _private_key(data_dir, kid)
        .public_key()
        .public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    )
    key = PublicKey(kid, encode(x), str(today))
    _write(data_dir, {**(register(data_dir) if known is None else known), kid: key})
    return key


def _write(data_dir: Path, known: Register) -> None:
    file = data_dir / "public-keys.json"
    draft = file.with_suffix(".new")
    with draft.open("w") as stream:
        json.dump(as_json(known), stream, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)


def _private_key(data_dir: Path, kid: str) -> Ed25519PrivateKey:
    """The private key is 32 random bytes in a file of its own, made when ``kid`` is new."""
    return Ed25519PrivateKey.from_private_bytes(keys.secret_in(data_dir, f"signing/{kid}"))


def _private_file(data_dir: Path, kid: str) -> Path:
    return data_dir / "keys" / "signing" / kid


@contextmanager
def _locked(data_dir: Path) -> Iterator[None]:
    folder = data_dir / "keys" / "signing"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
