"""The officer's survey pages."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook, load_workbook

from engagement.models import Project, Round, User
from surveys.demo import sheets
from surveys.models import Survey, SurveyVersion

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def file(data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile("form.xlsx", data, content_type=XLSX)


def broken_form() -> bytes:
    """Row 3 asks for a list that is not there."""
    workbook = Workbook()
    survey = workbook.active
    survey.title = "survey"
    for row in (["type", "name", "label"], ["text", "a", "A"], ["select_one nowhere", "b", "B"]):
        survey.append(row)
    choices = workbook.create_sheet("choices")
    for row in (["list_name", "name", "label"], ["colours", "red", "Red"]):
        choices.append(row)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


@pytest.fixture
def desk(client: Client, officer: User) -> Client:
    client.force_login(officer)
    return client


def upload(desk: Client, project: Project) -> Survey:
    desk.post("/desk/surveys/new/", {"project": project.slug, "file": file(sheets.xlsx("pitkasilta"))})
    return Survey.objects.get(slug="pitkasilta")


def test_an_uploaded_form_becomes_a_version_that_can_be_downloaded_again(desk: Client, project: Project) -> None:
    survey = upload(desk, project)
    page = desk.get(f"/desk/surveys/{survey.slug}/")
    assert b"The bridge may close for two years" in page.content
    again = load_workbook(io.BytesIO(desk.get("/desk/surveys/pitkasilta/v1.xlsx").content))
    assert again["survey"]["B2"].value == "cross_today"


def test_a_broken_form_is_refused_with_sheet_and_row_and_nothing_is_stored(desk: Client, project: Project) -> None:
    page = desk.post("/desk/surveys/new/", {"project": project.slug, "file": file(broken_form())})
    assert page.status_code == 422
    assert b"row 3" in page.content
    assert b"nowhere" in page.content
    assert not SurveyVersion.objects.exists()


def test_a_file_that_is_no_form_gets_a_sentence(desk: Client, project: Project) -> None:
    page = desk.post("/desk/surveys/new/", {"project": project.slug, "file": file(b"no spreadsheet")})
    assert page.status_code == 422
    assert b"Nothing was stored" in page.content


def test_a_round_opens_and_closes(desk: Client, project: Project) -> None:
    upload(desk, project)
    today = timezone.localdate()
    plan = {
        "population": "Everybody",
        "opens_on": today,
        "closes_on": today + timedelta(days=7),
        "expected_responses": 90,
    }
    assert desk.post("/desk/surveys/pitkasilta/", plan).status_code == 302
    round = Round.objects.get(survey_slug="pitkasilta")
    assert round.is_open()
    assert desk.post("/desk/surveys/pitkasilta/", plan).status_code == 422  # one at a time
    desk.post("/desk/surveys/pitkasilta/close/")
    round.refresh_from_db()
    assert not round.is_open()


def test_what_was_typed_is_kept_when_a_round_is_refused(desk: Client, project: Project) -> None:
    upload(desk, project)
    plan = {
        "population": "Everybody near",
        "opens_on": "2026-12-24",
        "closes_on": "2026-12-01",
        "expected_responses": 9,
    }
    page = desk.post("/desk/surveys/pitkasilta/", plan)
    assert page.status_code == 422
    assert b"Everybody near" in page.content
    assert b"2026-12-24" in page.content


def test_the_officer_reads_what_the_expected_answers_can_carry_before_a_round_opens(
    desk: Client, project: Project
) -> None:
    upload(desk, project)
    plan = {"population": "The village", "opens_on": "2026-12-01", "closes_on": "2026-12-24", "expected_responses": 60}
    page = desk.post("/desk/surveys/pitkasilta/", plan | {"step": "forecast"})
    text = " ".join(page.content.decode().split())
    assert page.status_code == 200
    assert "What 60 answers can carry" in text
    assert "pays for about 5 tables, ± 7 points of noise each" in text
    assert "± 6.7 points of noise, ± 12 of chance" in text
    assert "The village" in text
    assert not Round.objects.exists()


def test_a_round_that_can_carry_nothing_opens_only_when_the_officer_says_so(desk: Client, project: Project) -> None:
    upload(desk, project)
    plan = {"population": "A street", "opens_on": "2026-12-01", "closes_on": "2026-12-24", "expected_responses": 12}
    page = desk.post("/desk/surveys/pitkasilta/", plan)
    assert page.status_code == 422
    text = " ".join(page.content.decode().split())
    assert "With 12 answers no question could be released" in text
    assert "27 answers would do for at least one" in text
    assert not Round.objects.exists()
    assert desk.post("/desk/surveys/pitkasilta/", plan | {"without_figures": "on"}).status_code == 302
    assert Round.objects.get().expected_responses == 12


@pytest.mark.parametrize("path", ["/desk/surveys/pitkasilta/", "/desk/surveys/pitkasilta/v1.xlsx"])
def test_an_outsider_sees_no_survey_page(desk: Client, project: Project, outsider: User, path: str) -> None:
    upload(desk, project)
    desk.force_login(outsider)
    assert desk.get(path).status_code == 403
