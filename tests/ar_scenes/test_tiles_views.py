from __future__ import annotations

import gzip
import json

import pytest
from django.test import Client

from ar_scenes import overlays
from ar_scenes.features import manifest_of
from ar_scenes.models import Scene
from ar_scenes.storage import store
from ar_scenes.tiles3d import check
from engagement.models import Project, User
from scenarios.running import OverlayInput

pytestmark = pytest.mark.django_db


@pytest.fixture
def tile(scene: Scene) -> str:
    manifest = manifest_of(scene.manifest_hash)
    assert manifest is not None
    return str(manifest["tiles"][0]["hash"])


def test_a_tile_is_immutable_and_its_name_is_its_tag(client: Client, tile: str) -> None:
    response = client.get(f"/tiles/{tile}.glb")
    assert response.status_code == 200
    assert response["Content-Type"] == "model/gltf-binary"
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response["ETag"] == f'"{tile}"'
    assert "Accept-Encoding" in response["Vary"]
    assert response["Access-Control-Allow-Origin"] == "*"
    assert response.content == store().read(tile, "glb")
    assert "Set-Cookie" not in response


@pytest.mark.parametrize("accepts", ["gzip", "br, gzip;q=0.5", "*", "deflate,gzip"])
def test_a_tile_travels_compressed_where_that_is_accepted(client: Client, tile: str, accepts: str) -> None:
    response = client.get(f"/tiles/{tile}.glb", headers={"accept-encoding": accepts})
    assert response["Content-Encoding"] == "gzip"
    assert response["ETag"] == f'W/"{tile}"'
    assert gzip.decompress(response.content) == store().read(tile, "glb")


@pytest.mark.parametrize("refuses", ["", "identity", "gzip;q=0", "br"])
def test_a_tile_travels_plain_where_gzip_is_not_accepted(client: Client, tile: str, refuses: str) -> None:
    response = client.get(f"/tiles/{tile}.glb", headers={"accept-encoding": refuses})
    assert "Content-Encoding" not in response
    assert response.content[:4] == b"glTF"


@pytest.mark.parametrize("given", ['"{}"', 'W/"{}"', '"x", "{}"'])
def test_a_repeat_visit_gets_304_and_no_body(client: Client, tile: str, given: str) -> None:
    response = client.get(f"/tiles/{tile}.glb", headers={"if-none-match": given.format(tile)})
    assert (response.status_code, response.content) == (304, b"")


def test_an_unknown_tile_is_a_sentence(client: Client) -> None:
    response = client.get("/tiles/0123456789abcdef.glb", headers={"accept": "application/json"})
    assert response.status_code == 404
    assert response.json()["code" if "code" in response.json() else "type"].endswith("no-such-tile")
    assert response.json()["detail"] == (
        "There is no tile 0123456789abcdef here. It may belong to an older build: load the tileset again."
    )
    assert client.get("/tiles/../../etc/passwd.glb").status_code == 404


def test_the_tileset_passes_our_checker_and_every_uri_leads_to_a_tile(client: Client, scene: Scene) -> None:
    response = client.get("/scenes/town/tileset.json")
    assert response["ETag"] == f'"{scene.manifest_hash}"'
    assert check(response.json(), lambda uri: len(client.get(uri).content)) == []
    again = client.get("/scenes/town/tileset.json", headers={"if-none-match": response["ETag"]})
    assert again.status_code == 304


def test_the_schema_lies_where_the_tiles_look_for_it(client: Client, scene: Scene, tile: str) -> None:
    manifest = client.get("/scenes/town/manifest.json").json()
    assert set(client.get(manifest["schema"]).json()["classes"]["feature"]["properties"]) == {
        "id", "name", "kind", "height", "height_source",
    }  # fmt: skip
    assert client.get(f"/tiles/{scene.manifest_hash}.json").status_code == 404  # a manifest is no schema


def test_a_scene_without_tiles_says_so(client: Client, scene: Scene) -> None:
    Scene.objects.update(tileset=None)
    response = client.get("/scenes/town/tileset.json", headers={"accept": "application/json"})
    assert response.status_code == 404
    assert response.json()["detail"] == "Ask the operator to run build_tiles --scene town."
    assert client.get("/api/v1/scenes/town/").json()["manifest"] is None


PATHS = ["/scenes/town/tileset.json", "/scenes/town/manifest.json", "/api/v1/scenes/town/",
         "/api/v1/scenes/town/features/", "/api/v1/scenes/town/values/"]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_an_unpublished_scene_looks_absent_to_all_but_the_team(
    client: Client, scene: Scene, path: str, project: Project, officer: User, outsider: User
) -> None:
    Project.objects.filter(pk=project.pk).update(scene_slug="town")
    Scene.objects.update(published=False)
    assert client.get(path).status_code == 404
    client.force_login(outsider)
    assert client.get(path).status_code == 404
    client.force_login(officer)
    assert client.get(path).status_code == 200


def test_the_list_has_the_facts_of_the_tiles(client: Client, scene: Scene) -> None:
    body = client.get("/api/v1/scenes/town/features/?kind=building&limit=2").json()
    assert body["count"] == 36
    assert body["next"] == "/api/v1/scenes/town/features/?kind=building&limit=2&offset=2"
    first = body["results"][0]
    assert (first["id"], first["name"], first["height_m"]) == ("way/100", "Talo 0", 6.0)
    assert first["height_source"] == "assumed: small"
    assert (first["lon"], first["lat"]) == (pytest.approx(24.95009, abs=1e-5), pytest.approx(60.17004, abs=1e-5))
    assert len(first["slots"]) == 1


def test_the_list_is_searched_by_name_and_id_in_any_case(client: Client, scene: Scene) -> None:
    def ids(query: str) -> list[str]:
        return [f["id"] for f in client.get(f"/api/v1/scenes/town/features/?{query}").json()["results"]]

    assert ids("q=SILTA") == ["way/3"]
    assert ids("q=relation/4") == ["relation/4"]
    assert ids("q=talo 35") == ["way/135"]
    assert ids("q=nothing") == []
    assert len(ids("offset=40")) == 1


@pytest.mark.parametrize("query", ["limit=1001", "limit=0", "offset=-1", "kind=tree", "limit=many"])
def test_a_wrong_question_is_answered_with_what_is_wrong(client: Client, scene: Scene, query: str) -> None:
    response = client.get(f"/api/v1/scenes/town/features/?{query}")
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert query.split("=", maxsplit=1)[0] in response.json()["errors"]


def test_an_overlay_is_a_file_and_a_table(town_run: OverlayInput, client: Client, scene: Scene) -> None:
    overlay = overlays.lay(town_run)
    assert overlay is not None
    payload = client.get(f"/scenes/town/overlays/{overlay.pk}.bin")
    assert payload["ETag"] == f'"{overlay.payload_hash}"'
    size = int.from_bytes(payload.content[:4], "little")
    assert json.loads(payload.content[4 : 4 + size])["run"] == "run-1"
    body = client.get(f"/api/v1/scenes/town/overlays/{overlay.pk}/").json()
    assert body["overlay"]["title"] == {"en": "Bridge closed"}
    assert body["results"] == [
        {"id": "way/1", "before": 100.0, "after": 300.0, "class": 2, "p_sign": 0.99, "closed": False, "name": "Ylätie"},
        {"id": "way/2", "before": 50.0, "after": 50.0, "class": None, "p_sign": 0.5, "closed": False, "name": ""},
        {"id": "way/3", "before": 400.0, "after": 0.0, "class": -2, "p_sign": 1.0, "closed": True, "name": "Silta"},
    ]


def test_values_without_a_project_are_an_empty_snapshot(client: Client, scene: Scene) -> None:
    body = client.get("/api/v1/scenes/town/values/").json()
    assert (body["snapshot"], body["values"]) == (True, [])


def test_a_page_of_the_list_costs_a_handful_of_queries(
    client: Client, scene: Scene, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        client.get("/api/v1/scenes/town/features/")
