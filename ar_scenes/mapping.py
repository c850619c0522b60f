"""The map page: the twin from above, with the same choices as the model."""

from __future__ import annotations

from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from ar_scenes import catalogue, listing, overlays, pictures, plan, wording
from ar_scenes.catalogue import Catalogue
from ar_scenes.facts import page_url
from ar_scenes.models import Overlay, Pin, Scene
from ar_scenes.plan import Drawn, Mark
from engagement import live
from engagement.languages import pick


def context(scene: Scene, overlay: Overlay | None) -> dict[str, Any]:
    """For the template of the map."""
    entries = catalogue.of(scene)
    unit = wording.unit_symbol(overlay.unit) if overlay else ""
    return {
        "scene": scene,
        "overlay": overlay,
        "overlays": overlays.shown(scene),
        "scale": wording.scale(),
        "apart": wording.apart(),
        "compared": _("Compared with today, %(unit)s") % {"unit": unit},
        "readiness": wording.readiness(entries.buildings, entries.assumed),
        "plan": drawn(scene, entries, overlay),
    }


def drawn(scene: Scene, entries: Catalogue, overlay: Overlay | None) -> SafeString:
    """The plan of the project's surroundings as SVG; empty before an import."""
    table = pictures.table_of(scene)
    if table is None:
        return mark_safe("")
    project = scene.live_project()
    classes = _classes(overlay)

    def look(feature_id: str) -> Drawn | None:
        entry = entries.by_id.get(feature_id)
        if entry is None or entry.feature.kind == "water":
            return None
        word = classes.get(feature_id)
        label = f"{entry.title}: {word.label}" if word else entry.title
        return Drawn(label, page_url(scene, feature_id), word.css if word else "")

    label = _("Map of %(place)s") % {"place": pick(scene.title)}
    box = pictures.box_around(scene, project)
    # plan.svg escapes every text that is not ours.
    return mark_safe(plan.svg(table, box, look, [*_sensors(scene), *_pins(scene)], label))


def _classes(overlay: Overlay | None) -> dict[str, wording.ClassWord]:
    if overlay is None:
        return {}
    return {row["id"]: wording.class_word(row["class"], closed=row["closed"]) for row in overlays.table(overlay)}


def _sensors(scene: Scene) -> list[Mark]:
    """One mark per site, with the value that matters most."""
    project = scene.live_project()
    found = live.snapshot(f"values.{project.slug}") if project else []
    order = {code: rank for rank, code in enumerate(wording.phenomenon_names())}
    found.sort(key=lambda reading: -order.get(reading["phenomenon"], len(order)))
    sites = {reading["site"]: reading for reading in found}
    return [Mark("sensor", one["lon"], one["lat"], listing.reading_words(one)) for one in sites.values()]


def _pins(scene: Scene) -> list[Mark]:
    approved = Pin.objects.filter(scene=scene, state=Pin.State.APPROVED)
    return [Mark("pin", pin.point.x, pin.point.y, "") for pin in approved]
