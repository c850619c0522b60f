from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from engagement import jobs, periodic
from engagement.models import Job, PeriodicDeed

pytestmark = pytest.mark.django_db


@pytest.fixture
def deeds(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    done: list[str] = []
    monkeypatch.setattr(periodic, "_deeds", {})

    def sweep() -> dict[str, int]:
        done.append("swept")
        return {"swept": len(done)}

    periodic.register("sweep", timedelta(days=1), sweep)
    return done


def test_a_deed_is_started_when_its_time_has_come_and_by_one_worker(deeds: list[str]) -> None:
    now = timezone.now()
    assert periodic.tick(now) == ["sweep"]
    assert periodic.tick(now) == []
    assert periodic.tick(now + timedelta(hours=23)) == []
    assert periodic.tick(now + timedelta(hours=24)) == ["sweep"]
    assert Job.objects.count() == 1, "one that still waits is not queued twice"


def test_what_a_deed_did_is_written_down(deeds: list[str]) -> None:
    periodic.tick()
    job = Job.objects.get()
    jobs.run_job.call(str(job.pk), ["sweep"])
    assert deeds == ["swept"]
    assert PeriodicDeed.objects.get().counts == {"swept": 1}
    job.refresh_from_db()
    assert (job.state, job.message) == ("done", "swept: 1")


def test_nothing_is_queued_while_nothing_is_wanted(deeds: list[str]) -> None:
    periodic.register("letters", timedelta(minutes=5), dict, wanted=lambda: False)
    assert periodic.tick() == ["sweep"]
