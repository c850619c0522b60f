"""Small towns for the tests of tiles."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings as django_settings
from django.contrib.gis.geos import Point

from ar_scenes.building import Built, build
from ar_scenes.models import Scene
from ar_scenes.scenes import swap_in
from ar_scenes.storage import store as store_of_site
from ar_scenes.store import Store
from engagement.models import Membership, Project, User
from scenarios.models import Network, Run
from scenarios.models import Scenario as WhatIf
from scenarios.running import OverlayInput
from sources import osm as openstreetmap
from sources.building_table import FeatureRows, Part
from sources.table import BRIDGE, BUILDING, STREET, WATER, FeatureTable

EXTRACT = Path(django_settings.BASE_DIR) / "build/demo/Helsinki.osm.pbf"
LON, LAT = 24.95, 60.17
EAST_DEG, NORTH_DEG = 1 / 55_510.0, 1 / 111_420.0  # one metre there, near enough to draw with


def degrees(*metres: tuple[float, float]) -> np.ndarray:
    """Metres east and north of the middle of the test town, as degrees."""
    return np.array([(LON + x * EAST_DEG, LAT + y * NORTH_DEG) for x, y in metres])


def square(x: float, y: float, side: float) -> np.ndarray:
    return degrees((x, y), (x + side, y), (x + side, y + side), (x, y + side))


@pytest.fixture
def town() -> FeatureTable:
    """Thirty-six houses of 10 m in a grid, two streets, a bridge, a pond with an island and a wide sea."""
    rows = FeatureRows()
    for number in range(36):
        x, y = 30.0 * (number % 6), 30.0 * (number // 6)
        part = Part((square(x, y, 10),), 0.0, 6.0 + number)
        source = "height" if number % 2 else "assumed: small"
        rows.add(f"way/{100 + number}", BUILDING, [part], name=f"Talo {number}", height_source=source)
    rows.add("way/1", STREET, [Part((degrees((0, 20), (160, 20)),))], name="Ylätie", category="primary", width_m=8.0)
    rows.add("way/2", STREET, [Part((degrees((20, 0), (20, 80), (90, 80)),))], category="footway", width_m=2.0)
    rows.add("way/3", BRIDGE, [Part((degrees((20, 20), (50, 20)),))], name="Silta", category="primary", width_m=8.0)
    pond = Part((square(100, 100, 30), square(110, 110, 5)[::-1]))
    rows.add("relation/4", WATER, [pond], name="Lampi", category="pond")
    rows.add("way/5", WATER, [Part((square(-100, -200, 400),))], category="sea")
    return rows.table()


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "tiles")


@pytest.fixture(scope="session")
def helsinki() -> openstreetmap.City:
    if not EXTRACT.is_file():
        pytest.skip("no demo extract: run bin/setup --demo")
    return openstreetmap.read(EXTRACT)


@pytest.fixture(scope="session")
def built_helsinki(helsinki: openstreetmap.City, tmp_path_factory: pytest.TempPathFactory) -> tuple[Built, Store]:
    kept = Store(tmp_path_factory.mktemp("helsinki"))
    return build(helsinki.features, kept), kept


@pytest.fixture
def scene(db: None, town: FeatureTable, settings: Any, tmp_path: Path) -> Scene:
    """The test town as a published scene with its tiles built, in a data folder of its own."""
    settings.DATA_DIR = tmp_path
    lon, lat = degrees((75, 75))[0].tolist()
    found = Scene.objects.create(
        slug="town",
        title={"en": "Town", "fi": "Kaupunki"},
        centre=Point(lon, lat, srid=4326),
        radius_m=300.0,
        source="town.osm",
        attribution="© OpenStreetMap contributors",
        licence="ODbL-1.0",
    )
    (tmp_path / "scenes").mkdir()
    town.save(tmp_path / "scenes/town.npz")
    swap_in(found, build(town, store_of_site(), most=12))  # small tiles, so that there are several
    return found


@pytest.fixture
def town_run(scene: Scene) -> OverlayInput:
    """A finished run of a published what-if, as the scenarios room hands it over: two streets and the bridge, closed."""
    project = Project.objects.create(slug="closing", title={"en": "Closing"}, scene_slug="town", published=True)
    network = Network.objects.create(project=project, digest="network", content=b"")
    title = {"en": "Bridge closed"}
    what_if = WhatIf.objects.create(project=project, network=network, digest="what-if", title=title, published=True)
    run = Run.objects.create(digest="run-1", scenario=what_if, recipe={})
    return OverlayInput(
        scene_slug="town",
        run_id=run.pk,
        title=title,
        unit="veh/h",
        feature_ids=["way/1", "way/2", "way/3"],
        before=np.array([100.0, 50.0, 400.0]),
        after=np.array([300.0, 50.0, 0.0]),
        cls=np.array([2, 0, -2], dtype=np.int8),
        p_sign=np.array([0.99, 0.5, 1.0]),
        closed=["way/3"],
        not_modelled=["way/2"],
    )


@pytest.fixture
def planner_of_town(town_run: OverlayInput) -> User:
    project = Project.objects.get(slug="closing")
    user = User.objects.create_user("planner@town.example", "a-long-password")
    Membership.objects.create(user=user, project=project, role=Membership.Role.PLANNER)
    return user
