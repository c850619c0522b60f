"""Pages of the twin: what the model shows can be read, searched and seen from above."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from django.contrib.gis.geos import Polygon
from django.test import Client
from django.utils import translation

from ar_scenes import catalogue, overlays, pictures, viewer, wording
from ar_scenes.models import Overlay, Scene, Tileset
from engagement import geo
from engagement import pictures as site_pictures
from engagement.models import Place, Project, User
from scenarios.running import OverlayInput
from tests.ar_scenes.conftest import LAT, LON

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(town_run: OverlayInput) -> Overlay:
    """A run that closes the bridge: more on the main street, nothing known of the footpath."""
    found = replace(
        town_run, title={"en": "Bridge closed", "fi": "Silta kiinni"}, unit="{vehicles}/h",
        feature_ids=["way/1", "way/3"], before=np.array([100.0, 40.0]), after=np.array([240.0, 0.0]),
        cls=np.array([2, -2]), p_sign=np.array([0.97, 1.0]), closed=["way/3"], not_modelled=["way/2"],
    )  # fmt: skip
    laid = overlays.lay(found)
    assert laid is not None
    return laid


@pytest.fixture
def area(scene: Scene, project: Project) -> Project:
    """The project that asks about the middle of the town."""
    project.scene_slug = "town"
    project.area = Polygon.from_bbox((LON, LAT, LON + 0.003, LAT + 0.0015))
    project.save()
    return project


def test_the_page_says_what_3d_weighs_before_it_loads(
    scene: Scene, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(viewer, "_travelling_bytes", lambda _name: 190_000)
    Tileset.objects.update(gzip_bytes=401_000)
    page = client.get("/scenes/town/")
    assert page.status_code == 200
    assert "Load 3D (about 340 kB)" in page.text
    assert "Somebody who looks at everything loads 600 kB." in page.text
    assert "© OpenStreetMap contributors" in page.text
    assert "18 of 36 heights are assumed, because the map does not say them." in page.text


def test_without_tiles_the_page_leads_to_list_and_map(scene: Scene, client: Client) -> None:
    scene.tileset = None
    scene.save()
    page = client.get("/scenes/town/")
    assert "The 3D model is not built yet. List and map are." in page.text
    assert "/scenes/town/list/" in page.text


def test_the_viewer_is_told_every_word_and_door(scene: Scene, client: Client) -> None:
    data = client.get("/scenes/town/").context["data"]
    assert data["doors"]["socket"] == "/ws/scenes/town/"
    assert data["doors"]["manifest"] == "/scenes/town/manifest.json"
    assert data["words"]["class_0"] == "no clear change"
    assert data["words"]["class_not_modelled"] == "not modelled"
    assert data["units"]["ug/m3"] == "µg/m³"


def test_the_page_carries_no_inline_script_or_style(scene: Scene, client: Client) -> None:
    page = client.get("/scenes/town/").text
    assert " style=" not in page
    assert " onclick=" not in page
    assert page.count("<script") == page.count('<script id="scene-data" type="application/json"') + page.count(
        '<script type="module" src='
    )


@pytest.mark.parametrize("path", ["", "list/", "map/", "feature/?id=way/3", "pins/new/"])
def test_an_unpublished_scene_looks_absent_to_the_outsider(
    scene: Scene, client: Client, outsider: User, path: str
) -> None:
    scene.published = False
    scene.save()
    client.force_login(outsider)
    assert client.get(f"/scenes/town/{path}").status_code == 404


def test_the_list_tells_heights_and_where_they_are_from(scene: Scene, client: Client) -> None:
    page = client.get("/scenes/town/list/?q=talo 1")
    titles = [row.title for row in page.context["rows"]]
    assert titles == ["Talo 1", "Talo 10", "Talo 11", "Talo 12", "Talo 13", "Talo 14", "Talo 15", "Talo 16", "Talo 17",
                      "Talo 18", "Talo 19"]  # fmt: skip
    assert (page.context["rows"][0].height, page.context["rows"][0].source) == ("7.0 m", "as mapped")
    assert (page.context["rows"][1].height, page.context["rows"][1].source) == (
        "16.0 m",
        "assumed, usual for something this small",
    )


def test_a_building_without_a_name_is_called_after_its_address(scene: Scene, client: Client) -> None:
    entry = catalogue.of(scene).by_id["way/100"]
    Place.objects.create(
        kind="address", name="Rantatie", number="3", normalised="rantatie 3", source="town",
        point=geo.point(entry.feature.lon, entry.feature.lat),
    )  # fmt: skip
    assert catalogue._called("building", "Rantatie 3") == "Rantatie 3"
    assert catalogue._called("street", "Rantatie 3") == "Street near Rantatie 3"
    assert catalogue._called("street", "") == "Street"
    addresses = catalogue._addresses(np.array([[entry.feature.lon, entry.feature.lat], [LON + 0.01, LAT]]), "en")
    assert addresses == ["Rantatie 3", ""]


def test_the_list_asks_the_database_a_fixed_number_of_times(
    scene: Scene, client: Client, django_assert_max_num_queries: pytest.FixtureRequest
) -> None:
    client.get("/scenes/town/list/")  # the catalogue is read once per process
    with django_assert_max_num_queries(6):  # type: ignore[operator]
        client.get("/scenes/town/list/")


def test_the_list_of_a_run_says_classes_in_words_and_closed_first(run: Overlay, client: Client) -> None:
    page = client.get(f"/scenes/town/list/?overlay={run.pk}")
    told = [(row.title, row.word.label, row.before, row.after, row.sure) for row in page.context["rows"]]
    assert told == [
        ("Silta", "closed", "40", "0", ""),
        ("Ylätie", "much more", "100", "240", "97 % sure"),
        ("Street", "not modelled", "", "–", ""),
    ]
    assert "Bridge closed, compared with today, vehicles/h" in page.text


@pytest.mark.parametrize("wanted", ["not-a-uuid", "00000000-0000-4000-8000-000000000000"])
def test_a_run_that_is_not_there_is_absent(scene: Scene, client: Client, wanted: str) -> None:
    assert client.get(f"/scenes/town/list/?overlay={wanted}").status_code == 404


def test_sensors_are_listed_with_value_unit_time_and_what_is_simulated(
    area: Project, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = {
        "site": "s1", "name": "Ranta 1", "lon": LON + 0.001, "lat": LAT + 0.0005, "phenomenon": "pm2_5", "value": 8.26, "unit": "ug/m3",
        "time": "2026-11-22T09:40:00+00:00", "flags": [], "simulated": True,
    }  # fmt: skip
    monkeypatch.setattr("engagement.live.snapshot", lambda topic: [dict(reading)] if topic == "values.bridge" else [])
    page = client.get("/scenes/town/list/?what=sensors")
    (row,) = page.context["rows"]
    assert (row.name, row.what, row.value, row.simulated) == ("Ranta 1", "PM2.5", "8.3 µg/m³", True)
    assert '<span class="tag simulated">simulated</span>' in page.text
    plan = client.get("/scenes/town/map/").text
    assert "8.3 µg/m³" in plan


def test_the_map_shows_what_the_model_shows(run: Overlay, client: Client) -> None:
    page = client.get(f"/scenes/town/map/?overlay={run.pk}")
    assert '<path class="bridge closed"' in page.text
    assert '<path class="street c2"' in page.text
    assert 'aria-label="Ylätie: much more"' in page.text
    assert "no clear change" in page.text


def test_a_building_of_a_map_leads_to_its_facts(scene: Scene, client: Client) -> None:
    assert 'href="/scenes/town/feature/?id=way%2F107"' in client.get("/scenes/town/map/").text
    page = client.get("/scenes/town/feature/?id=way/107")
    assert "Talo 7" in page.text
    assert "13.0 m" in page.text


def test_the_sheet_is_told_the_same_facts_as_the_page(scene: Scene, client: Client) -> None:
    told = client.get("/api/v1/scenes/town/feature/?id=way/108").json()
    assert (told["title"], told["kind"], told["pin"]) == ("Talo 8", "Building", None)
    assert told["facts"][1] == {"label": "Height", "value": "14.0 m", "note": "assumed, usual for something this small"}
    assert told["slots"]
    assert client.get("/api/v1/scenes/town/feature/?id=way/999").status_code == 404


def test_what_is_in_view_is_named_in_one_question(scene: Scene, client: Client) -> None:
    told = client.get("/api/v1/scenes/town/titles/?id=way/107&id=way/3&id=way/999").json()
    assert told == {"titles": {"way/107": "Talo 7", "way/3": "Silta"}}


def test_the_survey_map_is_small_geojson_that_is_sent_once(scene: Scene, client: Client) -> None:
    answer = client.get("/api/v1/scenes/town/map.json")
    assert answer["Content-Type"] == "application/geo+json"
    found = json.loads(answer.content)
    by_id = {feature["properties"]["id"]: feature for feature in found["features"]}
    assert by_id["way/107"]["properties"] == {"id": "way/107", "kind": "building", "name": "Talo 7", "height_m": 13.0}
    assert by_id["way/1"]["geometry"]["type"] == "LineString"
    assert "way/2" not in by_id  # a footpath
    again = client.get("/api/v1/scenes/town/map.json", headers={"If-None-Match": answer["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_survey_map_of_a_project_shows_its_surroundings(area: Project, client: Client) -> None:
    everything = json.loads(client.get("/api/v1/scenes/town/map.json").content)["features"]
    around = json.loads(client.get("/api/v1/scenes/town/map.json?project=bridge").content)["features"]
    assert 0 < len(around) <= len(everything)
    assert client.get("/api/v1/scenes/town/map.json?project=nowhere").status_code == 404


def test_the_picture_of_a_project_is_drawn_from_the_scene(area: Project) -> None:
    kinds = {shape["properties"]["kind"] for shape in pictures.shapes(area)}
    assert {"building", "street", "bridge"} <= kinds
    assert 'class="p-roof"' in site_pictures.of_project(area)
    area.scene_slug = "elsewhere"
    assert list(pictures.shapes(area)) == []


def test_the_picture_shows_what_the_newest_run_closes(area: Project, run: Overlay) -> None:
    assert 'class="p-closed"' in site_pictures.of_project(area)


def test_the_viewer_first_looks_at_the_projects_area(scene: Scene, area: Project) -> None:
    home = viewer.home(scene, area, None)
    assert (round(home["lon"], 4), round(home["lat"], 5)) == (24.9515, 60.17075)
    assert 120 <= home["radius_m"] <= 280


def test_the_viewer_first_looks_at_what_a_run_closes(scene: Scene, area: Project, run: Overlay) -> None:
    bridge = catalogue.of(scene).by_id["way/3"].feature
    home = viewer.home(scene, area, run)
    assert (home["lon"], home["lat"]) == (bridge.lon, bridge.lat)


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("height", "as mapped"),
        ("levels", "from the number of floors"),
        ("assumed: median of apartments here", "assumed, as most buildings of this kind here"),
        ("assumed: median of the buildings here", "assumed, as most buildings here"),
        ("assumed: a new reason", "assumed"),
    ],
)
def test_where_a_height_is_from_is_told_in_words(source: str, told: str) -> None:
    assert wording.height_note(source) == told


@pytest.mark.parametrize(
    ("buildings", "assumed", "told"),
    [
        (0, 0, "No buildings are mapped here."),
        (3, 0, "The heights of all 3 buildings are known."),
        (3, 1, "1 of 3 heights is assumed, because the map does not say it."),
        (1487, 1312, "1,312 of 1,487 heights are assumed, because the map does not say them."),
    ],
)
def test_how_much_is_assumed_is_said_in_one_sentence(buildings: int, assumed: int, told: str) -> None:
    with translation.override("en"):
        assert wording.readiness(buildings, assumed) == told
