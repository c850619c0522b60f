"""What service managers ask."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from engagement.models import Job, WorkerHeartbeat
from engagement.views import health

pytestmark = pytest.mark.django_db(databases=["default", "contacts"])


def test_alive_needs_no_database(client: Client) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")


def test_ready_says_so_check_by_check(client: Client) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "ready": True,
        "checks": {"database": "ok", "schema": "ok", "storage": "ok", "worker": "ok"},
    }


def test_a_waiting_job_without_a_worker_is_said_with_the_command_that_helps(client: Client) -> None:
    Job.objects.create(kind="test.work", ref="x")
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["worker"] == "Jobs wait and no worker is alive. Start one: bin/manage worker"
    WorkerHeartbeat.objects.create(worker_id="w1")
    assert client.get("/readyz").status_code == 200


def test_a_worker_that_fell_silent_does_not_count(client: Client) -> None:
    Job.objects.create(kind="test.work", ref="x")
    WorkerHeartbeat.objects.create(worker_id="w1", heard_at=timezone.now() - timedelta(minutes=5))
    assert client.get("/readyz").status_code == 503


def test_a_data_folder_that_is_gone_is_noticed(settings: object, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "gone"  # type: ignore[attr-defined]
    assert health.storage_reason() == "The data folder cannot be written: No such file or directory."
