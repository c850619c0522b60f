"""What operators rely on: figures without persons, logs without paths, a table of variables that is true."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site_settings
from django.test import Client

from engagement.logs import FIELDS, JsonFormatter
from engagement.management.operations import environment_table
from engagement.models import Project, QueueItem

ROOT = Path(site_settings.BASE_DIR)
SETTINGS = ROOT / "engagement" / "settings.py"


def test_the_table_of_variables_is_what_the_settings_read() -> None:
    written = (ROOT / "docs" / "reference" / "environment.md").read_text(encoding="utf-8")
    assert written == environment_table.table(SETTINGS), "Run bin/manage environment_table."


def test_every_word_of_the_table_is_about_a_variable() -> None:
    assert set(environment_table.WORDS) == {one.name for one in environment_table.variables(SETTINGS)}


@pytest.mark.django_db
def test_metrics_are_absent_without_the_token_and_name_routes_with_it(
    project: Project, waiting_remark: QueueItem, settings: Any
) -> None:
    client = Client()
    assert client.get("/metrics").status_code == 404
    settings.LOGGIA_METRICS_TOKEN = "a-long-token"
    assert client.get("/metrics", headers={"Authorization": "Bearer another"}).status_code == 404
    client.get("/projects/bridge/")
    page = client.get("/metrics", headers={"Authorization": "Bearer a-long-token"}).text
    assert 'loggia_requests_total{route="engagement:project",method="GET",status="200"} ' in page
    assert 'loggia_request_seconds_bucket{route="engagement:project",le="+Inf"} ' in page
    assert "loggia_moderation_waiting 1" in page
    assert 'loggia_jobs{state="queued"} 0' in page
    assert "/projects/" not in page


@pytest.mark.django_db
def test_the_access_log_names_the_route_and_never_the_path(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="loggia.access"):
        Client().get(
            "/p/secret-poster-code?token=abc", headers={"User-Agent": "A phone", "X-Forwarded-For": "192.0.2.7"}
        )
    lines = [json.loads(JsonFormatter().format(record)) for record in caplog.records if record.name == "loggia.access"]
    assert [(line["route"], line["method"], line["status"]) for line in lines] == [("surveys:poster", "GET", 404)]
    written = json.dumps(lines)
    for private in ("secret-poster-code", "abc", "A phone", "192.0.2.7"):
        assert private not in written


def test_a_log_line_has_no_field_beyond_the_list() -> None:
    record = logging.LogRecord("loggia.test", logging.INFO, "f.py", 1, "met %s", ("anna@posti.example",), None)
    record.answer, record.route = "I live at number 12", "engagement:home"
    line = json.loads(JsonFormatter().format(record))
    assert set(line) <= {"time", "level", "logger", "event", "error", *FIELDS}
    assert (line["event"], line["route"]) == ("met %s", "engagement:home")


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"LOGGIA_BASE_URL": "http://town.example"}, "answers would travel unprotected"),
        (
            {"LOGGIA_DEBUG": "maybe"},
            "LOGGIA_DEBUG='maybe' is neither yes nor no. Write LOGGIA_DEBUG=1 or LOGGIA_DEBUG=0.",
        ),
        ({"DATABASE_URL": "mysql://town/answers"}, "Write postgis://user:password@host:port/name."),
        (
            {"LOGGIA_BASE_URL": "https://town.example", "LOGGIA_INSECURE_HTTP": "0", "LOGGIA_DEBUG": "1"},
            "LOGGIA_DEBUG shows the inside of the site to everybody",
        ),
        (
            {"LOGGIA_BASE_URL": "https://town.example", "LOGGIA_INSECURE_HTTP": "0", "LOGGIA_HOSTS": "*"},
            "LOGGIA_HOSTS is *",
        ),
    ],
)
def test_a_site_refuses_to_start_insecurely_with_a_sentence(
    variables: dict[str, str], told: str, tmp_path: Path
) -> None:
    known = {
        name: value for name, value in os.environ.items() if not name.startswith(("LOGGIA_", "DATABASE_", "CONTACTS_"))
    }
    environment = {
        **known,
        "LOGGIA_DATA_DIR": str(tmp_path),
        "DJANGO_SETTINGS_MODULE": "engagement.settings",
        **variables,
    }
    done = subprocess.run(
        [sys.executable, "-c", "import engagement.settings"], cwd=ROOT, env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert told in done.stderr
