"""The scene's geometry for everything that is drawn flat: pictures of projects, maps of survey questions, the map page."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from ar_scenes import overlays, plan
from ar_scenes.models import Scene
from ar_scenes.plan import Box
from ar_scenes.scenes import source_table
from engagement import geo, pictures
from engagement.models import Project
from sources.table import FeatureTable

MARGIN: Final = 0.35
"""A project's map shows so much beyond its area on each side, as a share of the area."""
AROUND_M: Final = 450.0
"""Half the side of the map of a scene without a project."""


def table_of(scene: Scene) -> FeatureTable | None:
    """The features of the scene's source; None before an import. Kept until the next one."""
    return _table(scene.slug, scene.imported_at.isoformat())


@lru_cache(maxsize=2)
def _table(slug: str, _imported: str) -> FeatureTable | None:
    return source_table(slug)


def box_around(scene: Scene, project: Project | None) -> Box:
    """What a map of the project shows: its area with a margin, else the middle of the scene; never beyond the data."""
    if project is None or project.area is None:
        wanted = geo.square(scene.centre.x, scene.centre.y, min(AROUND_M, scene.radius_m)).extent
    else:
        west, south, east, north = project.area.extent
        wide, high = (east - west) * MARGIN, (north - south) * MARGIN
        wanted = (west - wide, south - high, east + wide, north + high)
    table = table_of(scene)
    return wanted if table is None else plan.within(wanted, plan.extent(table))


def map_json(scene: Scene, project: Project | None) -> bytes:
    """GeoJSON of the scene (of the project's surroundings, if one is named), ready to send."""
    return _map_json(scene.slug, scene.imported_at.isoformat(), box_around(scene, project) if project else None)


@lru_cache(maxsize=8)
def _map_json(slug: str, imported: str, box: Box | None) -> bytes:
    table = _table(slug, imported)
    found = plan.geojson(table, box) if table is not None else {"type": "FeatureCollection", "features": []}
    return json.dumps(found, separators=(",", ":"), ensure_ascii=False).encode()


def shapes(project: Project) -> Iterator[dict[str, Any]]:
    """What ``engagement.pictures`` draws of a project's place."""
    scene = Scene.objects.filter(slug=project.scene_slug).first() if project.scene_slug else None
    if scene is None:
        return
    drawn: list[dict[str, Any]] = json.loads(map_json(scene, project))["features"]
    closed = _closed(scene) if scene.live_project() == project else frozenset()
    for feature in drawn:
        yield feature
        if feature["properties"]["id"] in closed:
            yield feature | {"properties": {"kind": "closed"}}


def _closed(scene: Scene) -> frozenset[str]:
    """What the newest published comparison closes: it is drawn in the colour of proposals."""
    newest = overlays.shown(scene).first()
    return frozenset(row["id"] for row in overlays.table(newest) if row["closed"]) if newest else frozenset()


def register() -> None:
    """Called once, when the app is ready."""
    pictures.register(shapes)
