"""What a planning run says, laid over the tiles: figures by feature become vectors by slot, and no tile is fetched again."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.signals import post_save
from django.dispatch import receiver

from ar_scenes import attributes
from ar_scenes.features import features_of_build, manifest_of
from ar_scenes.models import Overlay, Scene
from ar_scenes.protocol import json_bytes
from ar_scenes.storage import store
from engagement import live
from scenarios.models import Run, Scenario
from scenarios.running import OverlayInput, overlay_inputs, run_finished

CLASSES = (-2, -1, 0, 1, 2)


@receiver(run_finished)
def show_run(sender: object, run_id: str, **_: object) -> None:
    """A finished run becomes overlays of its city's scene, one per layer. Told twice, it changes nothing."""
    for found in overlay_inputs(Run.objects.get(pk=run_id)):
        lay(found)


@transaction.atomic
def lay(found: OverlayInput) -> Overlay | None:
    """Make the overlay of a finished run, or renew it; None when the run's city has no scene.

    The same run again changes nothing and announces nothing; a what-if that is not published is not announced.
    """
    scene = Scene.objects.select_related("tileset").filter(slug=found.scene_slug).first()
    if scene is None:
        return None
    table = store().put(json_bytes(_table(found)), "json").hash
    known = Overlay.objects.filter(scene=scene, run_id=found.run_id, layer=found.layer).first()
    if known is not None and known.table_hash == table and known.manifest_hash == (scene.manifest_hash or ""):
        return known
    overlay = known or Overlay(scene=scene, run_id=found.run_id, layer=found.layer)
    overlay.title, overlay.unit, overlay.counts, overlay.table_hash = found.title, found.unit, _counts(found), table
    fit(overlay, scene.manifest_hash)
    _announce(overlay)
    return overlay


@receiver(post_save, sender=Scenario)
def tell_when_published(sender: object, instance: Scenario, **_: object) -> None:
    """Residents' pages learn at once when planners show or hide a what-if."""
    for overlay in Overlay.objects.filter(run__scenario=instance).select_related("scene"):
        if not _announce(overlay):
            live.publish(overlay.scene.topic, "overlay.removed", {"overlay": {"id": str(overlay.pk)}})


def _announce(overlay: Overlay) -> bool:
    """Tell everybody about an overlay that everybody may see; False where that is not so."""
    if not shown(overlay.scene).filter(pk=overlay.pk).exists():
        return False
    live.publish(overlay.scene.topic, "overlay.added", {"overlay": summary(overlay)})
    return True


def fit(overlay: Overlay, manifest_hash: str | None) -> None:
    """Count the overlay's figures by the slots of another build, and save it."""
    manifest = manifest_of(manifest_hash)
    overlay.manifest_hash = manifest_hash or ""
    overlay.payload_hash = "" if manifest is None else store().put(_payload(overlay, manifest), "bin").hash
    overlay.save()


def shown(scene: Scene, user: object = None) -> QuerySet[Overlay]:
    """The overlays that fit the build that is shown, of what-ifs that the person may see, newest first."""
    fitting = scene.overlays.filter(manifest_hash=scene.manifest_hash or "").exclude(payload_hash="")
    return fitting.filter(run__scenario__in=Scenario.objects.visible_to(user))


def summary(overlay: Overlay) -> dict[str, Any]:
    """One entry of the list of overlays in *welcome*, *notice* and the API."""
    return {
        "id": str(overlay.pk),
        "run": overlay.run_id,
        "layer": overlay.layer,
        "title": overlay.title,
        "unit": overlay.unit,
        "hash": overlay.payload_hash,
        "created": overlay.created_at.isoformat(),
        "counts": overlay.counts,
    }


def table(overlay: Overlay) -> list[dict[str, Any]]:
    """The figures as rows for lists: ``class`` is None where a model was asked and none computed it."""
    columns = _stored(overlay)
    names = features_of_build(overlay.manifest_hash)
    closed, silent = set(columns["closed"]), set(columns["not_modelled"])
    figures = zip(columns["ids"], columns["before"], columns["after"], columns["class"], columns["p_sign"], strict=True)
    rows = [
        {
            "id": feature_id, "before": before, "after": after, "class": None if feature_id in silent else cls,
            "p_sign": p_sign, "closed": feature_id in closed,
        }
        for feature_id, before, after, cls, p_sign in figures
    ]  # fmt: skip
    listed = set(columns["ids"])
    rows += [
        {"id": i, "before": None, "after": None, "class": None, "p_sign": None, "closed": i in closed}
        for i in dict.fromkeys([*columns["closed"], *columns["not_modelled"]])
        if i not in listed
    ]
    for row in rows:
        feature = names.find(row["id"])
        row["name"] = feature.name if feature else ""
    return rows


def _table(found: OverlayInput) -> dict[str, Any]:
    def column(values: np.ndarray[Any, np.dtype[np.float64]]) -> list[float | None]:
        return [round(v, 4) if np.isfinite(v) else None for v in np.asarray(values, dtype=np.float64).tolist()]

    return {
        "ids": list(found.feature_ids),
        "before": column(found.before),
        "after": column(found.after),
        "class": np.asarray(found.cls).astype(int).tolist(),
        "p_sign": column(found.p_sign),
        "closed": sorted(found.closed),
        "not_modelled": sorted(found.not_modelled),
    }


def _counts(found: OverlayInput) -> dict[str, int]:
    silent = set(found.not_modelled)
    said = [int(c) for i, c in zip(found.feature_ids, np.asarray(found.cls), strict=True) if i not in silent]
    per_class = {str(c): said.count(c) for c in CLASSES}
    return per_class | {"closed": len(set(found.closed)), "not_modelled": len(silent)}


def _stored(overlay: Overlay) -> dict[str, Any]:
    data = store().read(overlay.table_hash, "json")
    if data is None:
        raise FileNotFoundError(f"The figures of overlay {overlay.pk} are missing in the store.")
    columns: dict[str, Any] = json.loads(data)
    return columns


def _payload(overlay: Overlay, manifest: dict[str, Any]) -> bytes:
    """The payload of the frame *overlay* for one build."""
    columns, slots_of = _stored(overlay), features_of_build(overlay.manifest_hash)
    n = int(manifest["slots"])
    row = np.full(n, -1)
    for number, feature_id in enumerate(columns["ids"]):
        if (feature := slots_of.find(feature_id)) is not None:
            row[list(feature.slots)] = number
    before, after, p_sign = (_by_slot(columns[name], row) for name in ("before", "after", "p_sign"))
    said = np.append(np.array(columns["class"], dtype=np.int64), attributes.NOTHING_SAID)
    cls = said[row].astype(np.int8)
    cls[_flags(columns["not_modelled"], slots_of, n)] = attributes.NOT_MODELLED
    low, high = attributes.shared_range(before, after)
    head = {
        "overlay": str(overlay.pk),
        "run": overlay.run_id,
        "title": overlay.title,
        "unit": overlay.unit,
        "manifest": overlay.manifest_hash,
        "slots": n,
        "closed": columns["closed"],
        "additions": [],
    }
    sections = [
        attributes.signed_bytes("class", cls),
        attributes.bits("closed", _flags(columns["closed"], slots_of, n)),
        attributes.scaled("before", before, 2, low, high),
        attributes.scaled("after", after, 2, low, high),
        attributes.scaled("p_sign", p_sign, 1, 0.0, 1.0),
    ]
    return attributes.packed(head, sections)


def _by_slot(column: list[float | None], row: np.ndarray[Any, np.dtype[np.int64]]) -> attributes.Floats:
    known = np.array([np.nan if v is None else v for v in [*column, None]], dtype=np.float64)
    by_slot: attributes.Floats = known[row]
    return by_slot


def _flags(ids: list[str], slots_of: Any, n: int) -> np.ndarray[Any, np.dtype[np.bool_]]:
    flags = np.zeros(n, dtype=np.bool_)
    for feature_id in ids:
        if (feature := slots_of.find(feature_id)) is not None:
            flags[list(feature.slots)] = True
    return flags
