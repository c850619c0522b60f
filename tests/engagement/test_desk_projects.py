"""Making and opening a project: nothing opens without a decider and a day."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from engagement import geo
from engagement.models import LogEntry, Place, Project, User

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]

FILLED = {
    "decider": "Transport board",
    "decide_by": "2030-01-30",
    "dimension": "3d",
    "title_en": "What if Quay Street closed?",
    "title_fi": "Mitä jos Laiturikatu suljettaisiin?",
    "problem_en": "The quay is crumbling.",
    "use_of_answers_en": "They weigh the options.",
    "ask_opens": "2029-11-01",
    "ask_closes": "2029-12-14",
    "middle": "Quay Street 3",
    "radius_m": "500",
}


@pytest.fixture
def quay_street(db: None) -> Place:
    return Place.objects.create(
        kind="address",
        name="Quay Street",
        number="3",
        normalised="quay street 3",
        point=geo.point(24.95, 60.17),
        source="t",
    )


def test_a_project_is_made_with_its_charter_place_and_phases(
    desk_of: SignIn, officer: User, quay_street: Place
) -> None:
    browser = desk_of(officer)
    answer = browser.post("/desk/projects/new/", FILLED)
    assert answer["Location"] == "/desk/projects/what-if-quay-street-closed/"
    made = Project.objects.get(slug="what-if-quay-street-closed")
    assert made.languages == ["en", "fi"]
    assert (made.published, made.charter.decider) == (False, "Transport board")
    assert made.area is not None and made.area.contains(quay_street.point)
    assert [(phase.kind, str(phase.opens_on)) for phase in made.phases.all()] == [("ask", "2029-11-01")]
    assert browser.get("/desk/projects/what-if-quay-street-closed/").status_code == 200
    assert Client().get("/projects/what-if-quay-street-closed/").status_code == 404


def test_a_wrong_form_says_what_to_do_and_keeps_what_was_typed(desk_of: SignIn, officer: User) -> None:
    typed = FILLED | {
        "decide_by": "soon",
        "ask_closes": "2029-10-01",
        "middle": "Nowhere 9",
        "title_en": "",
        "title_fi": "",
        "slug": "q",
    }
    answer = desk_of(officer).post("/desk/projects/new/", typed)
    assert answer.status_code == 422
    for sentence in (
        "Enter a valid date.",
        "This phase would end before it begins.",
        "No street or place of this name",
        "Write the question",
    ):
        assert sentence in answer.text
    assert 'value="Transport board"' in answer.text
    assert not Project.objects.filter(slug="q").exists()


def test_a_project_opens_only_with_a_decider_and_a_day_to_come(
    desk_of: SignIn, officer: User, project: Project
) -> None:
    Project.objects.update(published=False)
    project.charter.decide_by = project.charter.decide_by.replace(year=2020)
    project.charter.save()
    browser = desk_of(officer)
    refused = browser.post("/desk/projects/bridge/publish/")
    assert refused.status_code == 409
    assert "Name a day in the future by which it is decided." in refused.text
    assert not Project.objects.get(slug="bridge").published
    project.charter.decide_by = project.charter.decide_by.replace(year=2030)
    project.charter.save()
    assert browser.post("/desk/projects/bridge/publish/").status_code == 302
    assert Project.objects.get(slug="bridge").published
    assert LogEntry.objects.filter(verb="project.published", actor=officer).exists()


def test_changing_a_project_keeps_its_address(
    desk_of: SignIn, officer: User, project: Project, quay_street: Place
) -> None:
    desk_of(officer).post("/desk/projects/bridge/", FILLED | {"slug": "other", "title_en": "A better question?"})
    project.refresh_from_db()
    assert (project.slug, project.title["en"]) == ("bridge", "A better question?")


def test_who_makes_a_project_becomes_its_officer(
    desk_of: SignIn, officer: User, second_officer: User, quay_street: Place
) -> None:
    desk_of(second_officer).post("/desk/projects/new/", FILLED)
    path = "/desk/projects/what-if-quay-street-closed/"
    assert desk_of(second_officer).get(path).status_code == 200
    assert desk_of(officer).get(path).status_code == 404


@pytest.mark.parametrize("path", ["/desk/projects/", "/desk/projects/new/", "/desk/projects/bridge/"])
def test_projects_are_made_by_officers_only(
    desk_of: SignIn, project: Project, outsider: User, planner: User, client: Client, path: str
) -> None:
    assert client.get(path)["Location"] == f"/accounts/login/?next={path}"
    assert desk_of(outsider).get(path).status_code == 403
    assert desk_of(planner).get(path).status_code == 403


def test_an_outsider_opens_nothing(desk_of: SignIn, project: Project, outsider: User, planner: User) -> None:
    for user in (outsider, planner):
        assert desk_of(user).post("/desk/projects/bridge/publish/", {"hide": "yes"}).status_code == 403
    assert Project.objects.get(slug="bridge").published


def test_office_hours_of_a_project_are_kept_and_nonsense_is_refused(officer: User, project: Project) -> None:
    browser = Client()
    browser.force_login(officer)
    path = f"/desk/projects/{project.slug}/"
    shown = browser.get(path).context["form"].initial
    given = {name: value for name, value in shown.items() if value not in (None, "")}
    hours = {
        "office_days": ["0", "2"],
        "office_opens": "09:00",
        "office_closes": "12:00",
        "holidays": "2026-12-24, 2026-12-25",
    }
    assert browser.post(path, {**given, **hours}).status_code == 302
    project.refresh_from_db()
    assert project.office_hours == {
        "days": [0, 2],
        "opens": "09:00",
        "closes": "12:00",
        "holidays": ["2026-12-24", "2026-12-25"],
    }
    refused = browser.post(path, {**given, **hours, "office_closes": "08:00"})
    assert refused.status_code == 422
    assert "a closing hour after the opening hour" in refused.text
