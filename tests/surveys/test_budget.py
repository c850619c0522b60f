"""What a phone has to fetch before the first question, and when a map is opened. Bytes after gzip."""

from __future__ import annotations

import gzip
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from django.utils import timezone

from engagement.models import Project
from surveys import opening, versions
from surveys.demo import sheets
from surveys.xlsform.reading import read

WHOLE_PAGE, SCRIPTS, MAP = 60_000, 25_000, 85_000

pytestmark = pytest.mark.django_db


def weight(name: str) -> int:
    found = finders.find(f"loggia/{name}")
    if not isinstance(found, str):
        pytest.skip(f"{name} is not bundled; bin/setup makes it")
    return len(gzip.compress(Path(found).read_bytes(), 9))


@pytest.mark.parametrize("name", sheets.names())
def test_a_survey_with_its_sheets_and_scripts_stays_within_its_budget(
    name: str, project: Project, client: Client
) -> None:
    version, _new = versions.store(None, project, read(sheets.xlsx(name)).form, slug="weighed")
    now = timezone.now()
    opening.open_round(None, version, opening.Plan("Everybody", now - timedelta(1), now + timedelta(9), 400))
    html = len(gzip.compress(client.get("/surveys/weighed/").content, 9))
    script = weight("survey.js")
    assert script <= SCRIPTS
    assert html + script <= WHOLE_PAGE, f"{html} bytes of HTML with CSS, {script} of JavaScript"


def test_opening_a_map_costs_no_more_than_promised() -> None:
    assert weight("survey-map.js") + weight("survey-map.css") <= MAP
