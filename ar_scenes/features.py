"""The features of a build, by id and by search: the same facts as in the tiles, for lists, pins and overlays."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ar_scenes.models import Scene
from ar_scenes.storage import store


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing of the city. ``slots`` are its places in overlay vectors."""

    id: str
    name: str
    kind: str
    height_m: float
    height_source: str
    lon: float
    lat: float
    slots: tuple[int, ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "name": self.name,
            "kind": self.kind,
            "height_m": self.height_m,
            "height_source": self.height_source,
            "lon": self.lon,
            "lat": self.lat,
            "slots": list(self.slots),
        }


@dataclass(frozen=True)
class FeatureList:
    """All features of one build, in the order of the source."""

    columns: dict[str, list[Any]]
    rows: dict[str, int]
    found_by: list[str]
    """Name and id of each feature in lower case."""

    def __len__(self) -> int:
        return len(self.found_by)

    def __getitem__(self, row: int) -> Feature:
        columns = self.columns
        lon, lat = columns["lonlat"][row]
        return Feature(
            columns["id"][row],
            columns["name"][row],
            columns["kind"][row],
            columns["height_m"][row],
            columns["height_source"][row],
            lon,
            lat,
            tuple(columns["slots"][row]),
        )

    def find(self, feature_id: str) -> Feature | None:
        row = self.rows.get(feature_id)
        return None if row is None else self[row]

    def search(self, text: str = "", kind: str = "") -> list[int]:
        """Rows whose name or id holds the text, those with a name first."""
        wanted = text.casefold().strip()
        rows = [row for row, found_by in enumerate(self.found_by) if wanted in found_by]
        kept = [row for row in rows if not kind or self.columns["kind"][row] == kind]
        return sorted(kept, key=lambda row: self.columns["name"][row] == "")

    def __iter__(self) -> Iterator[Feature]:
        return (self[row] for row in range(len(self)))


EMPTY = FeatureList({}, {}, [])


@lru_cache(maxsize=16)
def _stored_json(folder: str, name: str) -> Any:
    data = store().read(name, "json")
    return None if data is None else json.loads(data)


def manifest_of(manifest_hash: str | None) -> dict[str, Any] | None:
    """The manifest of a build; read once per process, since its name is its content."""
    found = _stored_json(str(store().folder), manifest_hash) if manifest_hash else None
    return found if isinstance(found, dict) else None


@lru_cache(maxsize=4)
def _listed(folder: str, name: str) -> FeatureList:
    columns = _stored_json(folder, name)
    found_by = [f"{name} {i}".casefold() for name, i in zip(columns["name"], columns["id"], strict=True)]
    return FeatureList(columns, {i: row for row, i in enumerate(columns["id"])}, found_by)


def features_of(scene: Scene) -> FeatureList:
    """All features of the build that is shown; empty before the first build."""
    return features_of_build(scene.manifest_hash)


def features_of_build(manifest_hash: str | None) -> FeatureList:
    manifest = manifest_of(manifest_hash)
    return EMPTY if manifest is None else _listed(str(store().folder), manifest["feature_list"])
