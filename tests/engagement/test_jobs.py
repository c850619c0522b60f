"""Jobs end once, whatever happens to their worker."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from engagement import jobs
from engagement.jobs import Progress
from engagement.models import Job, LiveEvent
from engagement.problems import Refused

pytestmark = pytest.mark.django_db(transaction=True)
runs: list[str] = []


@jobs.job("test.count")
def count(progress: Progress, name: str) -> None:
    progress(0.5, "half way")
    runs.append(name)


@jobs.job("test.refuse")
def refuse(progress: Progress) -> None:
    raise Refused("The bridge is not in this network. Choose a street that is.")


@jobs.job("test.cancelled")
def cancelled(progress: Progress, job_ref: str) -> None:
    jobs.cancel(Job.objects.get(ref=job_ref))
    progress(0.9, "too late")


@pytest.fixture(autouse=True)
def no_runs() -> None:
    runs.clear()


def work() -> None:
    call_command("worker", batch=True)


def test_a_job_runs_in_the_worker_and_says_how_far_it_is() -> None:
    job = jobs.enqueue(count, "pitkasilta", ref="run-1")
    assert runs == []
    work()
    job.refresh_from_db()
    assert (job.state, job.fraction, runs) == ("done", 1.0, ["pitkasilta"])
    told = LiveEvent.objects.filter(topic=f"job.{job.pk}").values_list("payload__state", "payload__fraction")
    assert list(told) == [("queued", 0.0), ("running", 0.0), ("running", 0.5), ("done", 1.0)]


def test_the_same_work_waits_once() -> None:
    first = jobs.enqueue(count, "a", ref="run-1")
    assert jobs.enqueue(count, "a", ref="run-1") == first
    work()
    assert runs == ["a"]


def test_a_refusal_becomes_the_sentence_people_read() -> None:
    job = jobs.enqueue(refuse, ref="run-2")
    work()
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "The bridge is not in this network. Choose a street that is.")


def test_a_cancelled_job_stops_at_its_next_sign_of_progress() -> None:
    job = jobs.enqueue(cancelled, "run-3", ref="run-3")
    work()
    job.refresh_from_db()
    assert job.state == "cancelled"


def left_by_a_killed_worker(attempts: int) -> Job:
    job = jobs.enqueue(count, "b", ref="run-4")
    long_ago = timezone.now() - timedelta(minutes=1)
    DBTaskResult.objects.filter(id=job.task_id).update(status="RUNNING", started_at=long_ago)
    Job.objects.filter(pk=job.pk).update(state="running", heard_at=long_ago, attempts=attempts)
    return job


def test_what_a_killed_worker_left_runs_again_and_ends_once() -> None:
    job = left_by_a_killed_worker(attempts=1)
    assert jobs.revive_orphans() == 1
    assert jobs.revive_orphans() == 0
    work()
    job.refresh_from_db()
    assert (job.state, job.attempts, runs) == ("done", 2, ["b"])


def test_work_that_kills_its_worker_three_times_is_given_up() -> None:
    job = left_by_a_killed_worker(attempts=3)
    jobs.revive_orphans()
    job.refresh_from_db()
    assert job.state == "failed"
    assert "cut off three times" in job.error


def test_a_job_that_waits_long_behind_others_is_no_orphan() -> None:
    job = jobs.enqueue(count, "c", ref="run-5")
    Job.objects.filter(pk=job.pk).update(heard_at=timezone.now() - timedelta(hours=1))
    assert jobs.revive_orphans() == 0
