"""What happens to a scene: imported from a file, built into tiles, swapped in at once, looked at by whom it may be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ar_scenes import building, overlays
from ar_scenes.features import manifest_of
from ar_scenes.models import Overlay, Scene, Tileset
from ar_scenes.storage import store
from engagement import geo, live, places
from engagement.problems import Refused
from sources import osm as openstreetmap
from sources.report import Report, Unreadable
from sources.table import FeatureTable

KEPT_BUILDS: Final = 3
SWEPT_AFTER_S: Final = 3600.0


class SourceRefused(Refused):
    """A file that no scene can be made of."""

    status = 422
    code = "source-refused"
    title = gettext_lazy("This file cannot be used.")


class SourceMissing(Refused):
    """Tiles are asked for before anything was imported."""

    status = 409
    code = "source-missing"
    title = gettext_lazy("Nothing has been imported into this scene yet.")


@dataclass(frozen=True)
class Imported:
    """What came of an import."""

    scene: Scene
    features: int
    names: int
    report: Report


def scene_for(user: object, slug: str) -> Scene:
    """The scene if the person may see it; otherwise it looks absent."""
    scene = Scene.objects.visible_to(user).select_related("tileset", "project").filter(slug=slug).first()
    if scene is None:
        raise Http404
    return scene


def import_file(path: Path, slug: str, *, title: dict[str, str] | None = None) -> Imported:
    """Make the scene of a file, or renew it. Tiles stay as they are until they are built again.

    Raises:
        SourceRefused: the file is of an unknown kind, cannot be read, or holds nothing to draw.
    """
    if not path.name.endswith(openstreetmap.SUFFIXES):
        known = ", ".join(openstreetmap.SUFFIXES)
        raise SourceRefused(
            _("%(file)s is of no known kind. Known are: %(known)s.") % {"file": path.name, "known": known}
        )
    try:
        city = openstreetmap.read(path)
    except Unreadable as error:
        raise SourceRefused(str(error)) from None
    if not len(city.features):
        raise SourceRefused(_("%(file)s holds no buildings, streets or water.") % {"file": path.name})
    _keep(city.features, slug)
    scene = _imported_scene(slug, path.name, city, title)
    names = places.index(slug, city.addresses, city.places)
    return Imported(scene, len(city.features), names, city.report)


def _imported_scene(slug: str, file: str, city: openstreetmap.City, title: dict[str, str] | None) -> Scene:
    west, south, east, north = city.box
    centre = geo.point((west + east) / 2, (south + north) / 2)
    facts: dict[str, Any] = {
        "centre": centre,
        "radius_m": geo.distance_m(west, south, centre),
        "source": file,
        "attribution": openstreetmap.ATTRIBUTION,
        "licence": openstreetmap.LICENCE,
        "report": city.report.as_dict(),
        "imported_at": timezone.now(),
    }
    if title:
        facts["title"] = title
    named = {"title": {"en": slug.replace("-", " ").capitalize()}}
    return Scene.objects.update_or_create(slug=slug, defaults=facts, create_defaults=named | facts)[0]


def _source_file(slug: str) -> Path:
    return Path(settings.DATA_DIR) / "scenes" / f"{slug}.npz"


def _keep(features: FeatureTable, slug: str) -> None:
    """All or nothing: a build that reads meanwhile sees the old table or the new one."""
    file = _source_file(slug)
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(f"{file.name}.{uuid4().hex}.part")
    features.save(draft)
    draft.replace(file)


def source_table(slug: str) -> FeatureTable | None:
    """What was imported last, with its geometry; None before the first import."""
    file = _source_file(slug)
    return FeatureTable.load(file) if file.exists() else None


def build_tiles(scene: Scene, told: Callable[[float, str], None] = lambda _share, _what: None) -> Tileset:
    """Build all tiles of the scene's source and swap them in. Safe to repeat: the same source gives the same files.

    Raises:
        SourceMissing: nothing was imported.
    """
    file = _source_file(scene.slug)
    if not file.exists():
        raise SourceMissing(_("Import a file first: import_scene FILE --scene %(slug)s.") % {"slug": scene.slug})
    built = building.build(FeatureTable.load(file), store(), told)
    tileset = swap_in(scene, built)
    _forget_old_builds(scene)
    return tileset


@transaction.atomic
def swap_in(scene: Scene, built: building.Built) -> Tileset:
    """Everybody sees the old build, or the new one with the overlays fitted to it."""
    manifest = built.manifest
    facts = {
        "tiles": len(manifest["tiles"]),
        "built_at": timezone.now(),
        **{name: manifest[name] for name in ("features", "slots", "bytes", "gzip_bytes")},
    }
    tileset, _created = Tileset.objects.update_or_create(scene=scene, manifest_hash=built.manifest_hash, defaults=facts)
    changed = scene.tileset_id != tileset.pk
    scene.tileset = tileset
    scene.save(update_fields=["tileset"])
    for overlay in scene.overlays.exclude(manifest_hash=built.manifest_hash):
        overlays.fit(overlay, built.manifest_hash)
    if changed:
        live.publish(scene.topic, "tiles.built", {"manifest": built.manifest_hash})
    return tileset


def _forget_old_builds(scene: Scene) -> None:
    """Delete builds that no open page can still be looking at, then files that no build of any scene names."""
    kept = list(scene.tilesets.values_list("pk", flat=True)[:KEPT_BUILDS])
    scene.tilesets.exclude(pk__in=kept).delete()
    names = {name for tileset in Tileset.objects.all() for name in _files_of(tileset)}
    for overlay in Overlay.objects.all():
        names |= {overlay.table_hash, overlay.payload_hash}
    store().sweep(names, older_than_s=SWEPT_AFTER_S)


def _files_of(tileset: Tileset) -> set[str]:
    manifest = manifest_of(tileset.manifest_hash)
    if manifest is None:
        return {tileset.manifest_hash}
    schema = manifest["schema"].rsplit("/", 1)[-1].removesuffix(".json")
    tiles = {tile["hash"] for tile in manifest["tiles"]}
    return tiles | {tileset.manifest_hash, manifest["feature_list"], schema}


def welcome(scene: Scene, user: object = None) -> dict[str, Any]:
    """What a client learns first; the payload of the frame *welcome* and of the scene in the API."""
    project = scene.live_project()
    return {
        "protocol": building.PROTOCOL,
        "scene": scene.slug,
        "title": scene.title,
        "manifest": scene.manifest_hash if manifest_of(scene.manifest_hash) else None,
        "attribution": scene.attribution,
        "licence": scene.licence,
        "simulated": scene.simulated,
        "project": project.slug if project else None,
        "overlays": [overlays.summary(found) for found in overlays.shown(scene, user)],
    }


def values_topic(scene: Scene) -> str | None:
    """The live topic of the scene's sensors."""
    project = scene.live_project()
    return f"values.{project.slug}" if project else None
