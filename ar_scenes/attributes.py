"""Vectors over slots, as an overlay carries them: one entry per slot, small numbers, bits. Arrays in, bytes out."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

NOT_MODELLED: Final = -127
NOTHING_SAID: Final = -128

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Section:
    """One vector with what a reader has to know about it."""

    name: str
    type: str
    data: bytes
    extra: dict[str, float]


def bits(name: str, flags: NDArray[np.bool_]) -> Section:
    """One bit per slot, least significant first."""
    return Section(name, "bits", np.packbits(flags, bitorder="little").tobytes(), {})


def signed_bytes(name: str, values: NDArray[np.int8]) -> Section:
    return Section(name, "i8", values.astype("<i1").tobytes(), {})


def scaled(name: str, values: Floats, width: int, low: float, high: float) -> Section:
    """Values between ``low`` and ``high`` as unsigned numbers of ``width`` bytes; NaN becomes the highest one, no data.

    The error is at most half a step: ``(high - low) / 2 / (256 ** width - 2)``.
    """
    no_data = 256**width - 1
    scale = (high - low) / (no_data - 1) or 1.0
    known = np.isfinite(values)
    stored = np.full(len(values), no_data, dtype=f"<u{width}")
    stored[known] = np.clip(np.round((values[known] - low) / scale), 0, no_data - 1)
    return Section(name, f"u{8 * width}", stored.tobytes(), {"scale": scale, "bias": low, "no_data": no_data})


def shared_range(*columns: Floats) -> tuple[float, float]:
    """Lowest and highest known value of several columns; (0, 0) if there is none."""
    known = np.concatenate([column[np.isfinite(column)] for column in columns])
    return (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)


def packed(head: dict[str, Any], sections: list[Section]) -> bytes:
    """Length of the head, the head as JSON, the sections; everything starts at a multiple of eight bytes."""
    listed, blocks, offset = [], [], 0
    for section in sections:
        size = len(section.data)
        listed.append({"name": section.name, "type": section.type, "offset": offset, "bytes": size, **section.extra})
        padding = -size % 8
        blocks.append(section.data + b"\0" * padding)
        offset += size + padding
    text = json.dumps(head | {"sections": listed}, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-(4 + len(text)) % 8)
    return struct.pack("<I", len(text)) + text + b"".join(blocks)
