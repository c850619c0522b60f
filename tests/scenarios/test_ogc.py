from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from django.contrib.gis.gdal import DataSource
from django.test import Client

from engagement.models import User
from scenarios import decisions, planning
from scenarios.models import Scenario
from scenarios.ogc import geopackage
from scenarios.ogc.tables import FeatureRows
from sources.report import Unreadable
from tests.scenarios.conftest import BRIDGE, computed

pytestmark = pytest.mark.django_db


@pytest.fixture
def shown(bridge_closed: Scenario, planner: User) -> Scenario:
    computed(bridge_closed)
    planning.publish_scenario(planner, bridge_closed, published=True)
    return bridge_closed


def got(client: Client, path: str) -> Any:
    response = client.get(path)
    assert response.status_code == 200, response.content
    return response.json()


def every_feature(client: Client, collection: str, limit: int) -> list[Any]:
    """All features by following ``next``."""
    features, path = [], f"/ogc/collections/{collection}/items?limit={limit}"
    while path:
        page = got(client, path)
        assert page["numberReturned"] == len(page["features"]) <= limit
        features += page["features"]
        path = next((link["href"] for link in page["links"] if link["rel"] == "next"), "")
    return features


@pytest.mark.parametrize("path", ["/ogc", "/ogc/"])
def test_the_landing_page_leads_everywhere(client: Client, path: str) -> None:
    links = {link["rel"]: link["href"] for link in got(client, path)["links"]}
    assert {"self", "service-desc", "conformance", "data"} <= set(links)
    assert (
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in got(client, links["conformance"])["conformsTo"]
    )
    assert got(client, links["service-desc"])["openapi"] == "3.0.3"


def test_streets_and_results_are_collections_of_their_own(client: Client, shown: Scenario) -> None:
    found = {one["id"]: one for one in got(client, "/ogc/collections")["collections"]}
    slug = shown.project.slug
    assert set(found) == {f"{slug}-streets", *(f"what-if-{shown.pk}-{layer}" for layer in ("traffic", "air", "noise"))}
    west, south, east, north = found[f"{slug}-streets"]["extent"]["spatial"]["bbox"][0]
    assert 24 < west < east < 26 and 60 < south < north < 61


def test_what_is_not_published_is_absent_for_outsiders_and_there_for_planners(
    client: Client, bridge_closed: Scenario, planner: User
) -> None:
    computed(bridge_closed)
    path = f"/ogc/collections/what-if-{bridge_closed.pk}-traffic/items"
    assert client.get(path).status_code == 404
    client.force_login(planner)
    assert got(client, path)["numberMatched"] > 0


def test_paging_gives_every_feature_exactly_once(client: Client, shown: Scenario) -> None:
    collection = f"what-if-{shown.pk}-traffic"
    whole = got(client, f"/ogc/collections/{collection}/items")
    assert [f["id"] for f in every_feature(client, collection, 3)] == [f["id"] for f in whole["features"]]
    assert len({f["id"] for f in whole["features"]}) == whole["numberMatched"]


def test_a_closed_bridge_carries_nothing_afterwards(client: Client, shown: Scenario) -> None:
    feature = got(client, f"/ogc/collections/what-if-{shown.pk}-traffic/items/way-{BRIDGE[0]}")
    assert feature["properties"]["feature"] == f"way/{BRIDGE[0]}"
    assert feature["properties"]["after_vph"] == 0.0 < feature["properties"]["before_vph"]
    assert client.get(f"/ogc/collections/what-if-{shown.pk}-traffic/items/way-1").status_code == 404


def test_a_box_keeps_what_touches_it(client: Client, shown: Scenario) -> None:
    collection = f"{shown.project.slug}-streets"
    features = got(client, f"/ogc/collections/{collection}/items")["features"]
    lon, lat = features[0]["geometry"]["coordinates"][0]
    box = (lon - 1e-5, lat - 1e-5, lon + 1e-5, lat + 1e-5)
    expected = [f["id"] for f in features if shapely.box(*box).intersects(shapely.geometry.shape(f["geometry"]))]
    found = got(client, f"/ogc/collections/{collection}/items?bbox={','.join(map(str, box))}")
    assert [f["id"] for f in found["features"]] == expected
    assert 0 < len(expected) < len(features)


def test_properties_filter(client: Client, shown: Scenario) -> None:
    path = f"/ogc/collections/{shown.project.slug}-streets/items?name=Pitkasilta"
    assert {f["properties"]["way"] for f in got(client, path)["features"]} == set(BRIDGE)


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("limit=0", "“limit” is a whole number from 1 on."),
        ("limit=ten", "“limit” is a whole number from 1 on."),
        ("offset=-1", "“offset” is a whole number from 0 on."),
        ("bbox=1,2,3", "“bbox” is west,south,east,north in degrees, for example 24.93,60.16,24.96,60.18."),
        ("bbox=25,60,24,61", "“bbox” is west,south,east,north in degrees, for example 24.93,60.16,24.96,60.18."),
        (
            "datetime=yesterday",
            "“datetime” is a date or a time such as 2026-11-22, or two of them with a slash between.",
        ),
        ("crs=EPSG:3067", "Only http://www.opengis.net/def/crs/OGC/1.3/CRS84 is served."),
    ],
)
def test_a_question_that_cannot_be_answered_is_refused_with_a_sentence(
    client: Client, shown: Scenario, query: str, told: str
) -> None:
    response = client.get(f"/ogc/collections/{shown.project.slug}-streets/items?{query}")
    assert (response.status_code, response.json()["detail"]) == (400, told)


def test_a_property_that_is_not_there_is_named(client: Client, shown: Scenario) -> None:
    response = client.get(f"/ogc/collections/{shown.project.slug}-streets/items?colour=red")
    assert response.status_code == 400
    assert response.json()["detail"].startswith("There is no “colour” to ask for. There are: way, name,")


def test_decisions_are_found_by_their_day(client: Client, shown: Scenario, officer: User) -> None:
    from datetime import date

    assert shown.latest_run is not None
    draft = decisions.draft(
        officer, shown.project, title={"en": "Closed"}, outcome="done", reason="safety", plain_text={"en": "Why"},
        decided_on=date(2026, 11, 1), runs=[shown.latest_run],
    )  # fmt: skip
    path = f"/ogc/collections/{shown.project.slug}-decisions"
    assert client.get(path).status_code == 404
    decisions.publish(officer, draft)
    for when, count in (("2026-11-01", 1), ("2026-10-01/2026-11-30", 1), ("2026-11-02/..", 0), ("../2026-10-31", 0)):
        assert got(client, f"{path}/items?datetime={when}")["numberMatched"] == count
    feature = got(client, f"{path}/items/{draft.pk}")
    assert feature["geometry"] is None
    assert feature["properties"]["outcome"] == "done"


def test_gdal_reads_the_geopackage_of_every_collection_completely(
    client: Client, shown: Scenario, tmp_path: Path
) -> None:
    for one in got(client, "/ogc/collections")["collections"]:
        path = tmp_path / f"{one['id']}.gpkg"
        path.write_bytes(client.get(f"/ogc/collections/{one['id']}.gpkg").content)
        expected = got(client, f"/ogc/collections/{one['id']}/items?limit=10000")
        layer = DataSource(path)[0]
        assert len(layer) == expected["numberMatched"]
        assert layer.srs.srid == 4326
        for feature, wanted in zip(layer, expected["features"], strict=True):
            assert feature.get("feature_id") == wanted["id"]
            here = shapely.from_wkb(bytes(feature.geom.wkb))
            assert here.equals(shapely.geometry.shape(wanted["geometry"]))


def test_a_table_has_a_line_per_feature(client: Client, shown: Scenario) -> None:
    text = client.get(f"/ogc/collections/what-if-{shown.pk}-air.csv").content.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    expected = got(client, f"/ogc/collections/what-if-{shown.pk}-air/items")
    assert [row["id"] for row in rows] == [feature["id"] for feature in expected["features"]]
    assert rows[0]["wkt"].startswith("MULTILINESTRING")


class TestGeoPackage:
    ROWS = FeatureRows(
        ["a", "b", "c"],
        np.array([shapely.Point(24.9, 60.1), shapely.LineString([(24, 60), (25, 61)]), None], dtype=object),
        {"words": ["Ä", None, 'a"b'], "whole": [1, -2, None], "real": [0.1, 1e-300, None], "yes": [True, False, None]},
    )

    def test_a_round_trip_is_equal(self, tmp_path: Path) -> None:
        path = tmp_path / "file.gpkg"
        geopackage.write(path, "some-rows", "Rows", self.ROWS, changed="2026-11-22T00:00:00.000Z")
        back = geopackage.read(path)
        assert back.ids == self.ROWS.ids
        assert {name: list(column) for name, column in back.properties.items()} == self.ROWS.properties
        assert [
            g is None if h is None else g.equals(h) for g, h in zip(back.geometries, self.ROWS.geometries, strict=True)
        ]
        assert shapely.equals_exact(back.geometries[:2], self.ROWS.geometries[:2]).all()

    def test_the_same_content_is_the_same_file(self, tmp_path: Path) -> None:
        for name in ("one.gpkg", "two.gpkg"):
            geopackage.write(tmp_path / name, "rows", "Rows", self.ROWS, changed="2026-11-22T00:00:00.000Z")
        assert (tmp_path / "one.gpkg").read_bytes() == (tmp_path / "two.gpkg").read_bytes()

    def test_what_is_no_geopackage_is_refused_with_a_sentence(self, tmp_path: Path) -> None:
        path = tmp_path / "broken.gpkg"
        path.write_bytes(b"no database at all, but longer than a header of a hundred bytes" * 3)
        with pytest.raises(Unreadable, match=r"broken\.gpkg is no GeoPackage"):
            geopackage.read(path)
