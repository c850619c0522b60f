"""What the page of a scene needs to know: where everything lies, what it weighs, and the words that the viewer speaks."""

from __future__ import annotations

import math
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language

from ar_scenes import catalogue, overlays, wording
from ar_scenes.models import Overlay, Scene
from engagement import geo, pictures
from engagement.models import Project

VIEWER: Final = "loggia/viewer.js"
FIRST_VIEW_BYTES: Final = 150_000
"""What the server sends of the tiles before anybody has turned the model (``twin.tiles.v1``, push)."""
HOME_M: Final = (120.0, 280.0)
"""Least and most that is looked at first, metres around the middle: closer than the whole area, so that houses are houses."""


def context(scene: Scene, overlay: Overlay | None) -> dict[str, Any]:
    """For the template of the scene."""
    project = scene.live_project()
    entries = catalogue.of(scene)
    return {
        "scene": scene,
        "project": project,
        "heading": project.title if project else scene.title,
        "back": f"/projects/{project.slug}/" if project else "/",
        "picture": pictures.of_project(project) if project else "",
        "scale": wording.scale(),
        "apart": wording.apart(),
        "readiness": wording.readiness(entries.buildings, entries.assumed),
        "size_kb": size_kb(scene, FIRST_VIEW_BYTES),
        "most_kb": size_kb(scene, None),
        "data": speech(scene)
        | {
            "view": home(scene, project, overlay or overlays.shown(scene).first()),
            "overlay": str(overlay.pk) if overlay else "",
        },
    }


def speech(scene: Scene) -> dict[str, Any]:
    """Doors and words, for the viewer and for the live list."""
    return {
        "language": (get_language() or "en").split("-")[0],
        "words": wording.page_words(),
        "units": wording.unit_symbols(),
        "phenomena": wording.phenomenon_names(),
        "doors": doors(scene.slug, collects=scene.live_project() is not None),
    }


def doors(slug: str, *, collects: bool) -> dict[str, str]:
    """Addresses that the page asks; ``overlays`` is a folder, ``newPin`` empty where no remarks are collected."""
    api = f"/api/v1/scenes/{slug}"
    return {
        "socket": f"/ws/scenes/{slug}/",
        "manifest": reverse("ar_scenes:manifest", args=[slug]),
        "overlays": f"/scenes/{slug}/overlays/",
        "scene": f"{api}/",
        "values": f"{api}/values/",
        "feature": f"{api}/feature/",
        "titles": f"{api}/titles/",
        "pins": f"{api}/pins/",
        "newPin": reverse("ar_scenes:pin", args=[slug]) if collects else "",
        "viewer": static(VIEWER),
    }


def home(scene: Scene, project: Project | None, run: Overlay | None) -> dict[str, float]:
    """What is looked at first: where the run closes something, else the project's area, else the middle of the scene."""
    lon, lat = _closed_by(scene, run) or _middle(scene, project)
    radius_m = scene.radius_m / 2
    if project is not None and project.area is not None:
        west, south, _east, _north = project.area.extent
        radius_m = geo.distance_m(west, south, project.area.centroid)
    return {"lon": lon, "lat": lat, "radius_m": min(max(radius_m, HOME_M[0]), HOME_M[1])}


def _middle(scene: Scene, project: Project | None) -> tuple[float, float]:
    centre = scene.centre if project is None or project.area is None else project.area.centroid
    return centre.x, centre.y


def _closed_by(scene: Scene, run: Overlay | None) -> tuple[float, float] | None:
    """The middle of what is closed; None if nothing is, or if it is not drawn."""
    if run is None:
        return None
    by_id = catalogue.of(scene).by_id
    closed = [by_id[row["id"]].feature for row in overlays.table(run) if row["closed"] and row["id"] in by_id]
    if not closed:
        return None
    return sum(one.lon for one in closed) / len(closed), sum(one.lat for one in closed) / len(closed)


def size_kb(scene: Scene, most_tile_bytes: int | None) -> int | None:
    """What 3D costs, in kB as it travels, rounded up to ten; None where it cannot be loaded."""
    viewer_bytes = _travelling_bytes(VIEWER)
    if scene.tileset is None or not viewer_bytes:
        return None
    tiles = scene.tileset.gzip_bytes
    total = viewer_bytes + (tiles if most_tile_bytes is None else min(tiles, most_tile_bytes))
    return 10 * math.ceil(total / 10_000)


def _travelling_bytes(name: str) -> int:
    """Size of a bundled file after gzip; 0 while it is not bundled."""
    packed = finders.find(f"{name}.gz")
    return _size(packed, Path(packed).stat().st_mtime_ns) if isinstance(packed, str) else 0


@lru_cache(maxsize=4)
def _size(path: str, _modified: int) -> int:
    return Path(path).stat().st_size
