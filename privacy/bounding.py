"""At most so many rows per unit, chosen so that nobody can influence which ones stay.

Noise hides one unit only if one unit adds little. The bound comes from the data model (one row per response, a stated
number of places), never from an officer's guess.
"""

from __future__ import annotations

import hashlib
import hmac

import numpy as np
from numpy.typing import NDArray


def bound(unit_of_row: NDArray[np.integer], most_rows: int, key: bytes) -> NDArray[np.bool_]:
    """Which rows to keep so that no unit has more than ``most_rows``.

    Args:
        unit_of_row: number of the unit of each row, 0 and up, shape ``(rows,)``.
        most_rows: at least 1.
        key: secret of the round; a unit's rows are kept in the order of their keyed hash, not of their arrival.

    Returns:
        True for kept rows, shape ``(rows,)``; the same for the same input and key.
    """
    if most_rows < 1:
        raise ValueError("most_rows must be at least 1")
    keep = np.ones(len(unit_of_row), dtype=bool)
    if not len(unit_of_row):
        return keep
    rows_of_unit = np.bincount(unit_of_row)
    ends = np.cumsum(rows_of_unit)
    by_unit = np.argsort(unit_of_row, kind="stable") if rows_of_unit.max() > most_rows else unit_of_row
    for unit in np.flatnonzero(rows_of_unit > most_rows):
        rows = by_unit[ends[unit] - rows_of_unit[unit] : ends[unit]].tolist()
        keep[sorted(rows, key=lambda row: _rank(key, row))[most_rows:]] = False
    return keep


def _rank(key: bytes, row: int) -> bytes:
    return hmac.new(key, row.to_bytes(8, "big"), hashlib.sha256).digest()
