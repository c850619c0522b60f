"""The demo's place: the real centre of Helsinki as scene, names, streets and network; sensors and two what-ifs in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.core.management import call_command
from django.utils import timezone

from ar_scenes.models import Scene
from ar_scenes.scenes import build_tiles, import_file
from engagement.models import Project, User
from scenarios import planning, running
from sensors import demonstrating, segments
from sources import osm

Say = Callable[[str], None]

TITLE = {
    "en": "The centre of Helsinki",
    "fi": "Helsingin keskusta",
    "sv": "Helsingfors centrum",
    "ar": "وسط هلسنكي",
}
BRIDGE_WAYS = (23952344, 122869888)  # one per direction
BRIDGE_CLOSED = {
    "en": "Pitkäsilta closed",
    "fi": "Pitkäsilta suljettu",
    "sv": "Långa bron stängd",
    "ar": "إغلاق جسر بيتكاسيلتا",
}
ESPLANADE = "Pohjoisesplanadi"
ESPLANADE_CLOSED = {
    "en": "Pohjoisesplanadi closed",
    "fi": "Pohjoisesplanadi suljettu",
    "sv": "Norra Esplanaden stängd",
    "ar": "إغلاق شارع بوهيويس إسبلانادي",
}


def load_place(project: Project, extract: Path, say: Say) -> None:
    """Import the scene, build its tiles, keep streets for counters and the network for planning."""
    if Scene.objects.filter(slug=project.scene_slug, tileset__isnull=False).exists():
        return
    imported = import_file(extract, project.scene_slug, title=TITLE)
    say(f"{imported.features} features and {imported.names} names of {extract.name}")
    built = build_tiles(imported.scene, lambda _share, _what: None)
    say(f"{built.tiles} tiles, {built.gzip_bytes / 1000:.0f} kB compressed")
    roads = osm.read(extract).roads
    say(f"{segments.index(project.scene_slug, roads)} stretches of street for counters")


def load_sensors(project: Project, volunteer: User, officer: User, seed: int, say: Say) -> None:
    loaded = demonstrating.load(project, volunteer, officer, now=timezone.now(), seed=seed)
    say(f"{loaded.sites} simulated sensors with {loaded.report.created} hourly values")


def load_scenarios(project: Project, extract: Path, planner: User, say: Say, *, compute: bool) -> None:
    """The baseline, and two questions of it: one that needs the ring of outside links, one that does not."""
    network = planning.import_network(project, extract)
    bridge = planning.create_scenario(
        project, title=BRIDGE_CLOSED, measures=[{"kind": "close_links", "ways": BRIDGE_WAYS}], planner=planner
    )
    ways = planning.ways_in(network.city(), ESPLANADE)
    planning.create_scenario(
        project, title=ESPLANADE_CLOSED, measures=[{"kind": "close_links", "ways": ways}], planner=planner
    )
    say("two what-ifs: Pitkäsilta closed, Pohjoisesplanadi closed")
    if not compute:
        return
    if bridge.latest_run is None:
        running.request_run(planner, bridge)
        call_command("worker", batch=True)
        say("Pitkäsilta closed: computed")
    planning.publish_scenario(planner, bridge, published=True)
