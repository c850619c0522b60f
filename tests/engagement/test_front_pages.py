"""Front page and project page, as residents see them."""

from __future__ import annotations

import re
from datetime import date

import pytest
from django.test import Client

from engagement import geo, pictures
from engagement.models import Charter, Phase, Place, Project, Round, User
from tests.conftest import person

pytestmark = pytest.mark.django_db


def test_the_front_page_lists_what_is_open_without_account_or_location(client: Client, project: Project) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "What if the bridge closed?" in page.text
    assert "City council decides by 30 January 2027" in page.text
    assert "sessionid" not in page.cookies


def test_an_unpublished_project_is_not_listed(client: Client, project: Project) -> None:
    Project.objects.update(published=False)
    assert "What if the bridge closed?" not in client.get("/").text


def test_a_street_search_puts_the_nearest_project_first(client: Client, project: Project) -> None:
    Project.objects.update(area=geo.square(24.95, 60.175, 300))
    Project.objects.create(slug="far", title={"en": "A far question"}, published=True, area=geo.square(25.4, 60.3, 300))
    Place.objects.create(
        kind="street", name="Far Road", normalised="far road", point=geo.point(25.41, 60.3), source="t"
    )
    page = client.get("/", {"q": "far road"}).text
    assert page.index("A far question") < page.index("What if the bridge closed?")
    assert "Nearest to <strong>Far Road</strong> first." in page


def test_an_unknown_street_says_what_to_do_and_keeps_what_was_typed(client: Client, project: Project) -> None:
    page = client.get("/", {"q": "Nowhere <i>"}).text
    assert "No street or place called “Nowhere &lt;i&gt;” is in our map." in page
    assert 'value="Nowhere &lt;i&gt;"' in page
    assert "What if the bridge closed?" in page


def test_the_language_of_the_page_follows_the_reader(client: Client, project: Project) -> None:
    english, arabic = client.get("/"), client.get("/", headers={"Accept-Language": "ar"})
    assert '<html lang="en" dir="ltr">' in english.text
    assert '<html lang="ar" dir="rtl">' in arabic.text


def test_a_text_in_another_language_than_the_page_says_so(client: Client, project: Project) -> None:
    page = client.get("/projects/bridge/", headers={"Accept-Language": "ar"}).text
    assert '<h1 lang="en" dir="ltr">What if the bridge closed?</h1>' in page


def test_choosing_a_language_needs_no_javascript_and_leads_back(client: Client, project: Project) -> None:
    answer = client.get("/language/", {"to": "fi", "next": "/projects/bridge/"})
    assert (answer.status_code, answer["Location"]) == (302, "/projects/bridge/")
    assert '<html lang="fi" dir="ltr">' in client.get("/projects/bridge/").text
    assert "Mitä jos silta suljettaisiin?" in client.get("/projects/bridge/").text


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_choosing_a_language_never_leads_to_another_site(client: Client, target: str) -> None:
    assert client.get("/language/", {"to": "fi", "next": target})["Location"] == "/"


def test_a_project_shows_its_promise_and_the_way_to_a_decision(client: Client, open_round: Round) -> None:
    project = open_round.project
    today = open_round.opens_at.date()
    Phase.objects.create(project=project, kind="ask", opens_on=today, closes_on=open_round.closes_at.date())
    page = client.get("/projects/bridge/").text
    assert "<h1>What if the bridge closed?</h1>" in page
    assert 'href="/surveys/bridge/"' in page
    assert 'href="/scenes/harbour/"' in page
    assert "City council" in page
    steps = re.findall(r'<li class="(\w+)"><strong>(\w+)</strong>', page)
    assert steps == [("next", "Measure"), ("now", "Ask"), ("next", "Compare"), ("next", "Decide")]


def test_a_decision_stands_on_the_project_page(client: Client, project: Project, council_decided: None) -> None:
    page = client.get("/projects/bridge/").text
    assert "The bridge closes for cars only" in page
    assert 'href="/decisions/1/brief"' in page


def test_an_overdue_answer_is_said_publicly(client: Client, project: Project) -> None:
    project.charter.decide_by = project.created_on.replace(year=2020)
    project.charter.save()
    assert "the answer is overdue" in client.get("/projects/bridge/").text


def test_simulated_data_are_labelled_and_real_ones_are_not(client: Client, project: Project) -> None:
    assert "Simulated data" not in client.get("/projects/bridge/").text
    Project.objects.update(simulated=True)
    assert "Simulated data" in client.get("/projects/bridge/").text
    assert "Simulated data" in client.get("/").text


def test_an_unpublished_project_is_absent_but_for_its_team(project: Project, officer: User, outsider: User) -> None:
    Project.objects.update(published=False)
    expected = {None: 404, outsider: 404, officer: 200, person("other@city.example", "volunteer", project): 404}
    for user, status in expected.items():
        client = Client()
        if user is not None:
            client.force_login(user)
        assert client.get("/projects/bridge/").status_code == status, user


def test_the_place_is_drawn_from_registered_geometry_with_its_credit(client: Client, project: Project) -> None:
    Project.objects.update(area=geo.square(24.95, 60.175, 300))
    house = {
        "type": "Feature",
        "properties": {"kind": "building", "height_m": 20},
        "geometry": {"type": "Polygon", "coordinates": [[[24.949, 60.175], [24.951, 60.175], [24.951, 60.1755], [24.949, 60.1755], [24.949, 60.175]]]},
    }  # fmt: skip
    provider = pictures.register(lambda shown: [house])
    try:
        page = client.get("/projects/bridge/").text
    finally:
        pictures._providers.remove(provider)
    assert page.count('class="p-roof"') == 1
    assert 'aria-label="The place as it stands, drawn from map data: Old Harbour"' in page
    assert "© OpenStreetMap contributors" in page


@pytest.mark.parametrize("path", ["/", "/projects/bridge/", "/r/", "/accessibility/", "/accounts/login/", "/nowhere/"])
def test_no_page_has_inline_style_or_script(client: Client, project: Project, path: str) -> None:
    page = client.get(path).text
    assert not re.search(r"\sstyle=", page)
    assert not re.search(r"\son\w+=", page)
    assert not re.search(r'<script(?![^>]*(\bsrc=|type="application/json"))', page)
    assert "http://" not in page.replace("http://www.w3.org/2000/svg", "")


def test_the_front_page_asks_the_database_little(
    client: Client, project: Project, django_assert_max_num_queries: object
) -> None:
    for number in range(12):
        Project.objects.create(slug=f"p{number}", title={"en": f"Question {number}"}, published=True)
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        assert client.get("/").status_code == 200


def test_an_answer_that_is_overdue_is_listed_for_everybody_until_it_is_decided(project: Project) -> None:
    assert "Answers that are overdue" not in Client().get("/").text
    Charter.objects.filter(project=project).update(decide_by=date(2026, 1, 31))
    page = Client().get("/").text
    assert "City council promised to decide by 31 January 2026 and has not." in page
    Project.objects.update(published=False)
    assert "promised to decide" not in Client().get("/").text


def test_a_decided_question_is_not_overdue(project: Project, open_round: Round, council_decided: None) -> None:
    Charter.objects.filter(project=project).update(decide_by=date(2026, 1, 31))
    assert "Answers that are overdue" not in Client().get("/").text
