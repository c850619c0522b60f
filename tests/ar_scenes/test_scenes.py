from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from ar_scenes import overlays
from ar_scenes.features import features_of, manifest_of
from ar_scenes.jobs import build, enqueue_build
from ar_scenes.models import Overlay, Scene, Tileset
from ar_scenes.scenes import build_tiles, import_file
from ar_scenes.storage import store
from engagement.jobs import Progress
from engagement.models import Job, LiveEvent, Place
from scenarios.running import OverlayInput
from sources.table import FeatureTable
from tests.ar_scenes.conftest import EXTRACT

pytestmark = pytest.mark.django_db

VILLAGE = """<osm version="0.6"><bounds minlon="24.0" minlat="60.0" maxlon="24.01" maxlat="60.01"/>
<node id="1" version="1" lon="24.001" lat="60.001"><tag k="addr:street" v="Kirkkokatu"/><tag k="addr:housenumber" v="4"/></node>
<node id="2" version="1" lon="24.002" lat="60.001"/><node id="3" version="1" lon="24.002" lat="60.002"/>
<way id="10" version="1"><nd ref="1"/><nd ref="2"/><nd ref="3"/><nd ref="1"/><tag k="building" v="church"/></way>
<way id="20" version="1"><nd ref="1"/><nd ref="3"/><tag k="highway" v="residential"/><tag k="name" v="Kirkkokatu"/></way>
</osm>"""


@pytest.fixture
def village(tmp_path: Path, settings: Any) -> Path:
    settings.DATA_DIR = tmp_path / "data"
    path = tmp_path / "village.osm"
    path.write_text(VILLAGE)
    return path


def command(name: str, *words: str) -> str:
    out = io.StringIO()
    call_command(name, *words, stdout=out, stderr=io.StringIO())
    return out.getvalue().strip()


def test_two_commands_make_a_scene_that_any_viewer_opens(village: Path, tmp_path: Path) -> None:
    said = command("import_scene", str(village), "--scene", "village", "--title", "Our village")
    assert said == (
        "Imported 2 features and 2 names into scene village; 0 refused, 4 lines in the report. "
        "Next: build_tiles --scene village"
    )
    scene = Scene.objects.get(slug="village")
    assert (scene.title, scene.licence, scene.published) == ({"en": "Our village"}, "ODbL-1.0", True)
    assert (round(scene.centre.x, 4), round(scene.centre.y, 4)) == (24.005, 60.005)
    assert Place.objects.filter(source="village", name="Kirkkokatu", number="4").exists()
    assert scene.report["read"]["buildings"] == 1
    assert command("build_tiles", "--scene", "village", "--out", str(tmp_path / "out")).startswith(
        "Built 1 tiles of 2 features"
    )
    assert json.loads((tmp_path / "out/tileset.json").read_text())["asset"] == {"version": "1.1"}
    assert [f.id for f in features_of(Scene.objects.get(slug="village"))] == ["way/10", "way/20"]


def test_an_import_again_renews_the_scene_and_keeps_its_title_and_tiles(village: Path) -> None:
    import_file(village, "village", title={"en": "Our village"})
    tileset = build_tiles(Scene.objects.get())
    import_file(village, "village")
    scene = Scene.objects.get()
    assert (scene.title, scene.tileset) == ({"en": "Our village"}, tileset)


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("plan.dxf", "x", "plan.dxf is of no known kind. Known are: .osm.pbf, .osm, .osm.bz2, .osm.gz."),
        ("broken.osm.pbf", "x", "broken.osm.pbf cannot be read as OpenStreetMap data"),
        ("empty.osm", '<osm version="0.6"></osm>', "empty.osm holds no buildings, streets or water."),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_and_leaves_nothing(
    tmp_path: Path, settings: Any, name: str, content: str, told: str
) -> None:
    settings.DATA_DIR = tmp_path / "data"
    (tmp_path / name).write_text(content)
    with pytest.raises(CommandError) as refused:
        command("import_scene", str(tmp_path / name), "--scene", "village")
    assert str(refused.value).startswith(told)
    assert not Scene.objects.exists()
    assert not (tmp_path / "data/scenes").exists()


def test_an_unknown_scene_is_answered_with_the_known_ones(scene: Scene) -> None:
    with pytest.raises(CommandError, match=r"There is no scene 'tower'\. Known scenes: town"):
        command("build_tiles", "--scene", "tower")


def test_tiles_before_an_import_are_refused_with_the_next_step(scene: Scene, settings: Any) -> None:
    (settings.DATA_DIR / "scenes/town.npz").unlink()
    with pytest.raises(CommandError, match="Import a file first: import_scene FILE --scene town"):
        command("build_tiles", "--scene", "town")


def test_a_build_that_runs_again_changes_and_announces_nothing(scene: Scene) -> None:
    first = build_tiles(scene)
    LiveEvent.objects.all().delete()
    assert build_tiles(scene) == first
    assert Tileset.objects.filter(scene=scene, manifest_hash=first.manifest_hash).count() == 1
    assert not LiveEvent.objects.exists()


def test_a_build_is_a_job_that_can_start_again(scene: Scene) -> None:
    row = enqueue_build(scene)
    assert enqueue_build(scene) == row
    Job.objects.update(state=Job.State.RUNNING)
    for _ in range(2):  # as after a worker that was killed at the very end
        build(Progress(Job.objects.get()), "town")
    scene.refresh_from_db()
    assert scene.tileset is not None
    assert scene.tileset.features == 41


def test_a_new_build_fits_the_overlays_and_swaps_the_scene_at_once(
    town_run: OverlayInput, scene: Scene, town: FeatureTable, settings: Any
) -> None:
    overlay = overlays.lay(town_run)
    assert overlay is not None
    before = (scene.manifest_hash, overlay.payload_hash)
    town.take(np.arange(4, len(town))).save(settings.DATA_DIR / "scenes/town.npz")
    build_tiles(scene)
    overlay.refresh_from_db()
    assert scene.manifest_hash != before[0]
    assert overlay.manifest_hash == scene.manifest_hash
    assert overlay.payload_hash != before[1]
    assert list(overlays.shown(scene)) == [overlay]


def test_old_builds_are_forgotten_but_the_last_three(scene: Scene, town: FeatureTable, settings: Any) -> None:
    for left_out in range(1, 6):
        town.take(np.arange(left_out, len(town))).save(settings.DATA_DIR / "scenes/town.npz")
        build_tiles(scene)
    assert scene.tilesets.count() == 3
    manifest = manifest_of(scene.manifest_hash)
    assert manifest is not None
    assert all(store().read(tile["hash"], "glb") for tile in manifest["tiles"])


def test_a_run_is_laid_once_and_again_only_when_its_figures_changed(town_run: OverlayInput, scene: Scene) -> None:
    first = overlays.lay(town_run)
    LiveEvent.objects.all().delete()
    assert overlays.lay(town_run) == first
    assert not LiveEvent.objects.exists()
    changed = replace(town_run, after=np.array([400.0, 50.0, 0.0]))
    assert overlays.lay(changed) == first
    assert LiveEvent.objects.get().kind == "overlay.added"
    assert Overlay.objects.count() == 1


def test_a_run_of_a_city_without_a_scene_is_no_overlay(town_run: OverlayInput) -> None:
    Scene.objects.all().delete()
    assert overlays.lay(town_run) is None


def test_a_run_that_comes_before_the_tiles_is_laid_when_they_are_built(town_run: OverlayInput, scene: Scene) -> None:
    Scene.objects.update(tileset=None)
    overlay = overlays.lay(town_run)
    assert overlay is not None
    assert overlay.payload_hash == ""
    assert not LiveEvent.objects.filter(kind="overlay.added").exists()
    build_tiles(Scene.objects.get())
    overlay.refresh_from_db()
    assert overlay.payload_hash


@pytest.mark.skipif(not EXTRACT.is_file(), reason="no demo extract: run bin/setup --demo")
def test_the_demo_city_is_imported_and_built_by_the_two_commands(tmp_path: Path, settings: Any) -> None:
    settings.DATA_DIR = tmp_path
    command("import_scene", str(EXTRACT), "--scene", "helsinki", "--title", "Helsinki centre")
    command("build_tiles", "--scene", "helsinki")
    scene = Scene.objects.get()
    bridge = features_of(scene).find("way/23952344")
    assert bridge is not None
    assert (bridge.name, bridge.kind) == ("Pitkäsilta", "bridge")
    assert scene.tileset is not None
    assert scene.tileset.tiles >= 8
