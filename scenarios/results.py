"""The arrays of a finished run, as they are stored."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, fields
from typing import Any, Final

import numpy as np

from scenarios.library.arrays import Floats, Ints


@dataclass(frozen=True, eq=False)
class StoredLayer:
    """One value per feature of the map, before and after, with the best inputs."""

    feature_id: np.ndarray[Any, np.dtype[np.str_]]
    before: Floats
    after: Floats
    p_sign: Floats
    cls: np.ndarray[Any, np.dtype[np.int8]]


@dataclass(frozen=True, eq=False)
class Results:
    """The arrays of a finished run."""

    flow_before: Floats
    """Vehicles per hour on each link, shape ``(n_links,)``."""
    flow_after: Floats
    way_id: Ints
    way_before: Floats
    """Vehicles per hour on each way with the best inputs, shape ``(n_ways,)``."""
    way_after: Floats
    way_change_p05: Floats
    way_change_p95: Floats
    way_p_sign: Floats
    way_class: np.ndarray[Any, np.dtype[np.int8]]
    values: Floats
    """Indicators, shape ``(n_draws, 2, n_indicators)``; row 0 has the best inputs."""

    layers: dict[str, StoredLayer] = field(default_factory=dict)
    """By name; runs of earlier code have none."""

    def to_bytes(self) -> bytes:
        columns = {name: getattr(self, name) for name in _COLUMNS}
        for name, layer in self.layers.items():
            columns |= {f"{name}.{column.name}": getattr(layer, column.name) for column in fields(layer)}
        file = io.BytesIO()
        np.savez_compressed(file, **columns)
        return file.getvalue()

    @classmethod
    def from_bytes(cls, stored: bytes) -> Results:
        with np.load(io.BytesIO(stored), allow_pickle=False) as columns:
            found: dict[str, Any] = {name: columns[name] for name in columns.files}
        names = dict.fromkeys(name.partition(".")[0] for name in found if "." in name)
        layers = {
            name: StoredLayer(**{column.name: found[f"{name}.{column.name}"] for column in fields(StoredLayer)})
            for name in names
        }
        return cls(**{name: found[name] for name in _COLUMNS}, layers=layers)


_COLUMNS: Final = [column.name for column in fields(Results) if column.name != "layers"]
