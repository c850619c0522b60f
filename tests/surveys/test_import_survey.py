from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from engagement.models import Project
from surveys.demo import sheets
from surveys.models import SurveyVersion
from surveys.xlsform.reading import read

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "bridge.xlsx"
    path.write_bytes(sheets.xlsx("pitkasilta"))
    return path


def run(*arguments: object) -> str:
    out = io.StringIO()
    call_command("import_survey", *map(str, arguments), stdout=out, stderr=io.StringIO())
    return out.getvalue()


def test_a_form_is_checked_without_being_stored_and_written_out_equal(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "again.xlsx"
    told = run(file, "--survey", "bridge", "--check", "--export", out)
    assert "pitkasilta: 6 questions in fi, en, sv" in told
    assert read(out.read_bytes()).form == read(file.read_bytes()).form
    assert not SurveyVersion.objects.exists()


def test_a_form_becomes_a_version_once(file: Path, project: Project) -> None:
    assert "Stored version 1 of survey bridge." in run(file, "--survey", "bridge")
    assert "Known already: version 1 of survey bridge." in run(file, "--survey", "bridge")
    assert SurveyVersion.objects.get().survey.project == project


@pytest.mark.parametrize(
    ("content", "told"), [(b"", "This file is empty."), (b"no form", "cannot be read as a spreadsheet")]
)
def test_a_refused_form_is_told_with_its_reasons(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "bad.xlsx"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=told):
        run(path, "--survey", "bridge", "--check")


def test_a_missing_file_and_an_unknown_project_are_named(tmp_path: Path, file: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        run(tmp_path / "nothing.xlsx", "--check")
    with pytest.raises(CommandError, match=r"No project 'nowhere'\. Known projects: none yet"):
        run(file, "--survey", "nowhere")
