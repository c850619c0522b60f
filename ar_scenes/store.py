"""Files named by what they hold: tiles raw and compressed, schemas, manifests. Nothing is ever changed, only added or swept."""

from __future__ import annotations

import os
import re
import time
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

from ar_scenes.gltf import content_hash

HASH: Final = re.compile(r"[0-9a-f]{16}\Z")


def gzipped(data: bytes) -> bytes:
    """gzip at level 1 without a time stamp: the same bytes every time, at a quarter of the cost of level 6."""
    packer = zlib.compressobj(1, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


@dataclass(frozen=True)
class Stored:
    """A file that is there."""

    hash: str
    bytes: int
    gzip_bytes: int


@dataclass(frozen=True)
class Store:
    """A folder of content-addressed files: ``<first two digits>/<hash>.<suffix>`` and the same with ``.gz``."""

    folder: Path

    def path(self, name: str, suffix: str, *, compressed: bool = False) -> Path:
        """Where a file is, or would be. Raises ValueError for what is no hash: names come from strangers."""
        if not HASH.match(name):
            raise ValueError(f"{name!r} is not the hash of a file.")
        return self.folder / name[:2] / f"{name}.{suffix}{'.gz' if compressed else ''}"

    def put(self, data: bytes, suffix: str) -> Stored:
        """Keep the bytes, raw and compressed; a second time it is only looked up."""
        name = content_hash(data)
        raw, packed = self.path(name, suffix), self.path(name, suffix, compressed=True)
        if raw.exists() and packed.exists():
            for file in (raw, packed):
                os.utime(file)  # tells a sweep that somebody wants it again
        else:
            raw.parent.mkdir(parents=True, exist_ok=True)
            _write(raw, data)
            _write(packed, gzipped(data))
        return Stored(name, len(data), packed.stat().st_size)

    def read(self, name: str, suffix: str, *, compressed: bool = False) -> bytes | None:
        """The bytes, or None when there is no such file."""
        try:
            return self.path(name, suffix, compressed=compressed).read_bytes()
        except (FileNotFoundError, ValueError):
            return None

    def sweep(self, keep: Iterable[str], *, older_than_s: float = 0.0) -> int:
        """Delete every file whose hash is not kept and that has not been wanted lately; returns the bytes that came free."""
        kept, freed, latest = set(keep), 0, time.time() - older_than_s
        for file in self.folder.glob("??/*.*"):
            found = file.stat()
            if file.name.split(".")[0] not in kept and found.st_mtime <= latest:
                freed += found.st_size
                file.unlink()
        return freed


def _write(path: Path, data: bytes) -> None:
    """All or nothing: a reader never sees half a file, two writers do not hurt each other."""
    draft = path.with_name(f"{path.name}.{uuid4().hex}.part")
    draft.write_bytes(data)
    draft.replace(path)
