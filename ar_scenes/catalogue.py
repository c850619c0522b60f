"""What is in a scene, with the names that people use: for list, map, search and the facts about one thing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import numpy as np
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from scipy.spatial import cKDTree

from ar_scenes.features import Feature, features_of_build
from ar_scenes.models import Scene
from ar_scenes.wording import KIND_WORDS
from engagement import geo
from engagement.models import Place
from engagement.places import normalise

NEAR_M: Final = 60.0
"""An unnamed building is called after an address at most this far from its middle."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One feature of a scene. ``title`` is its name, else its address, else what it is and where."""

    feature: Feature
    title: str

    @property
    def is_assumed(self) -> bool:
        return self.feature.height_source.startswith("assumed")


@dataclass(frozen=True)
class Catalogue:
    """All features of one build, in one language."""

    entries: tuple[Entry, ...]
    by_id: dict[str, Entry]
    buildings: int
    assumed: int
    """Buildings whose height nobody mapped."""

    def find(self, text: str, *kinds: str) -> list[Entry]:
        """Features of these kinds whose title has all words of ``text``, or whose id is ``text``; by title."""
        words = normalise(text).split()
        of_kind = (entry for entry in self.entries if entry.feature.kind in kinds)
        found = [entry for entry in of_kind if entry.feature.id == text.strip() or says(entry.title, words)]
        return sorted(found, key=lambda entry: (not entry.feature.name, normalise(entry.title), entry.feature.id))


def says(title: str, words: list[str]) -> bool:
    """Whether each of the (normalised) words begins a word of the title."""
    has = normalise(title).split()
    return all(any(part.startswith(word) for part in has) for word in words)


def of(scene: Scene) -> Catalogue:
    """The catalogue of the build that is shown; an empty one before the first."""
    language = (get_language() or "en").split("-")[0]
    return _catalogue(scene.pk, scene.imported_at.isoformat(), scene.manifest_hash, language)


@lru_cache(maxsize=8)
def _catalogue(_scene: int, _imported: str, manifest_hash: str | None, language: str) -> Catalogue:
    """Kept per import, build and language: a few hundred kilobytes, and the same until the scene is imported again."""
    features = list(features_of_build(manifest_hash))
    addresses = _addresses(np.array([(feature.lon, feature.lat) for feature in features]), language)
    entries = tuple(
        Entry(feature, feature.name or _called(feature.kind, address))
        for feature, address in zip(features, addresses, strict=True)
    )
    buildings = [entry for entry in entries if entry.feature.kind == "building"]
    by_id = {entry.feature.id: entry for entry in entries}
    return Catalogue(entries, by_id, len(buildings), sum(entry.is_assumed for entry in buildings))


def _called(kind: str, address: str) -> str:
    """What to call a thing without a name: a building by its address, anything else by what it is and where."""
    if not address:
        return str(KIND_WORDS[kind])
    return (
        address if kind == "building" else _("%(kind)s near %(place)s") % {"kind": KIND_WORDS[kind], "place": address}
    )


def _addresses(lonlat: np.ndarray[Any, Any], language: str) -> list[str]:
    """The nearest address of every place, empty where none is near. One query for the whole scene."""
    if not len(lonlat):
        return []
    (west, south), (east, north) = lonlat.min(axis=0), lonlat.max(axis=0)
    known = list(
        Place.objects.filter(kind=Place.Kind.ADDRESS, language__in=["", language])
        .filter(point__bboverlaps=geo.square((west + east) / 2, (south + north) / 2, _reach_m(lonlat)))
        .order_by("language", "pk")
    )
    if not known:
        return [""] * len(lonlat)
    metres = np.array(geo.metres_per_degree(float(south + north) / 2))
    tree = cKDTree(np.array([[place.point.x, place.point.y] for place in known]) * metres)
    _distances, nearest = tree.query(lonlat * metres, distance_upper_bound=NEAR_M)
    in_language = {place.point.coords: place for place in known}  # later languages win: "" comes first
    return ["" if row == len(known) else str(in_language[known[row].point.coords]) for row in np.atleast_1d(nearest)]


def _reach_m(lonlat: np.ndarray[Any, Any]) -> float:
    extent = (lonlat.max(axis=0) - lonlat.min(axis=0)) * np.array(geo.metres_per_degree(float(lonlat[0, 1])))
    return float(extent.max()) / 2 + NEAR_M
