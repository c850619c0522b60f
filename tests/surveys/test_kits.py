"""Starter kits: from choosing one to an open survey with its poster, in one guided page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from engagement.models import Poster, Project, User
from surveys.building import kits, linting
from surveys.models import Survey
from surveys.xlsform.reading import read
from surveys.xlsform.writing import write

ALL = ("bridge-works", "digital-skills", "park", "school-street")
pytestmark = pytest.mark.django_db


def local(**more: Any) -> dict[str, Any]:
    today = timezone.localdate()
    return {"place_name": "the Old Bridge", "slug": "old-bridge", "decider": "City council", "population": "Everybody here",
            "opens_on": today, "closes_on": today + timedelta(20), "decide_by": today + timedelta(90), "expected": 400,
            "languages": ["en", "fi"], **more}  # fmt: skip


def test_these_are_the_kits() -> None:
    assert kits.names() == ALL


@pytest.mark.parametrize("name", ALL)
def test_a_kit_is_whole_in_four_languages_and_has_nothing_to_mend(name: str) -> None:
    kit = kits.kit(name)
    assert linting.lint(kit.form) == []
    assert read(write(kit.form)).form == kit.form, "as XLSForm and back"
    assert {question.pii for question in kit.form.questions.values()} <= {"none", "indirect"}, "nothing personal"
    for texts in (*kit.project.values(), *kit.charter.values()):
        assert set(texts) == set(kits.LANGUAGES)


def test_an_officer_opens_a_survey_with_its_poster_from_one_page(officer: User, client: Client) -> None:
    client.force_login(officer)
    assert "Bridge works" in client.get("/desk/forms/kits/").content.decode()
    assert "The charter" in client.get("/desk/forms/kits/bridge-works/").content.decode()
    opened = client.post("/desk/forms/kits/bridge-works/", local())
    assert opened.headers["Location"] == "/desk/surveys/old-bridge/", opened.content.decode()[-3000:]
    project = Project.objects.get(slug="old-bridge")
    assert project.title["en"] == "How do we keep the Old Bridge usable while it is repaired?"
    assert set(project.title) == {"en", "fi"}
    assert project.published
    survey = Survey.objects.get(slug="old-bridge")
    assert survey.current_opening() is not None
    assert project.rounds.get().privacy_policy.k == 12
    resident = Client()
    page = resident.get(f"/p/{Poster.objects.get(project=project).code}")
    assert "How do you cross the bridge today?" in page.content.decode()


def test_days_that_make_no_sense_and_names_that_are_taken_are_told(officer: User, client: Client) -> None:
    client.force_login(officer)
    today = timezone.localdate()
    page = client.post("/desk/forms/kits/park/", local(decide_by=today, slug="bridge"))
    assert page.status_code == 422
    text = page.content.decode()
    assert "It is decided after the last day on which people can answer." in text
    assert "the Old Bridge" in text, "what was typed stays"
    assert client.get("/desk/forms/kits/palace/").status_code == 404
