from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction

from engagement import audit, live
from engagement.models import Job, LogEntry, Project, QueueItem, Receipt, Round
from privacy import models
from privacy.firewall import RawDataRefused, is_planning, may_read, may_write, planning_only


def sql(statement: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


RAW_READS: dict[str, Callable[[], object]] = {
    "the ORM": lambda: list(Receipt.objects.all()),
    "a count": Receipt.objects.count,
    "exists": Receipt.objects.exists,
    "apps.get_model": lambda: list(apps.get_model("engagement", "Receipt").objects.values_list("digest")),
    "raw SQL": lambda: sql("SELECT digest FROM engagement_receipt"),
    "a count in raw SQL": lambda: sql("SELECT count(*) FROM engagement_receipt"),
    "a join": lambda: list(Project.objects.filter(receipts__kind="survey")),
    "a subquery": lambda: list(Project.objects.filter(pk__in=Receipt.objects.values("project_id"))),
    "a subquery in raw SQL": lambda: sql("SELECT (SELECT max(digest) FROM engagement_receipt)"),
    "a common table expression": lambda: sql(
        "WITH engagement_job AS (SELECT digest FROM engagement_receipt) SELECT * FROM engagement_job"
    ),
    "a union": lambda: sql("SELECT slug FROM engagement_project UNION SELECT digest FROM engagement_receipt"),
    "another schema name": lambda: sql('SELECT "digest" FROM "engagement_receipt" AS engagement_project'),
}


@pytest.mark.parametrize("way", RAW_READS)
def test_no_way_of_reading_a_raw_table_gets_through(project: Project, way: str) -> None:
    with pytest.raises(RawDataRefused) as refused, planning_only():
        RAW_READS[way]()
    assert refused.value.table == "engagement_receipt"
    assert refused.value.status == 403


@pytest.mark.parametrize(
    "model", [models.Snapshot, models.LedgerEntry, models.Draft, models.Policy, models.Budget, QueueItem, Receipt]
)
def test_raw_answers_and_the_ledger_are_out_of_reach(db: None, model: Any) -> None:
    table = model._meta.db_table
    with pytest.raises(RawDataRefused) as refused, planning_only():
        list(model.objects.all())
    assert refused.value.table == table


def test_planning_reads_projects_rounds_and_releases(open_round: Round) -> None:
    with planning_only():
        assert [found.project.slug for found in Round.objects.select_related("project")] == ["bridge"]
        assert list(models.Release.objects.all()) == []


def test_planning_cannot_write_what_it_may_only_read(project: Project) -> None:
    with pytest.raises(RawDataRefused) as refused, planning_only():
        Project.objects.update(published=False)
    assert refused.value.table == "engagement_project"
    assert Project.objects.get().published


def test_planning_writes_its_own_tables(project: Project) -> None:
    with planning_only():
        job = Job.objects.create(kind="scenarios.run", ref="1", project=project)
        Job.objects.filter(pk=job.pk).update(fraction=0.5)
        audit.record(None, "run.started", "run:1")
        live.publish("job.1", "job.progress", {"fraction": 0.5})
    assert Job.objects.get().fraction == 0.5
    assert LogEntry.objects.get().verb == "run.started"


def test_scenes_and_scenarios_are_writable_and_nothing_of_surveys_and_sensors_is() -> None:
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)}
    raw = {table for table in tables if table.startswith(("surveys_", "sensors_"))}
    planning = {table for table in tables if table.startswith(("scenarios_", "ar_scenes_"))}
    assert not any(may_read(table) or may_write(table) for table in raw)
    assert all(may_write(table) for table in planning)


def test_no_structure_can_be_changed_inside(db: None) -> None:
    with pytest.raises((RawDataRefused, DatabaseError)), planning_only(), transaction.atomic():
        sql("CREATE TABLE scenarios_copy AS SELECT digest FROM engagement_receipt")


def test_a_file_cannot_be_attached(db: None) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite attaches files")
    with pytest.raises(RawDataRefused), planning_only():
        sql("ATTACH DATABASE ':memory:' AS other")


def test_a_statement_that_was_compiled_before_is_refused_too(db: None) -> None:
    for _again in range(3):
        assert Receipt.objects.count() == 0
    with pytest.raises(RawDataRefused), planning_only():
        Receipt.objects.count()


def test_the_wall_is_gone_after_the_block(db: None) -> None:
    with planning_only():
        assert is_planning()
    assert not is_planning()
    assert Receipt.objects.count() == 0


def test_the_wall_is_gone_after_an_exception(db: None) -> None:
    with pytest.raises(RuntimeError, match="planned"), planning_only():
        raise RuntimeError("planned")
    assert Receipt.objects.count() == 0


def test_the_wall_is_gone_after_a_refusal(db: None) -> None:
    with pytest.raises(RawDataRefused), transaction.atomic(), planning_only():
        Receipt.objects.count()
    assert Receipt.objects.count() == 0


def test_an_inner_block_does_not_lift_the_outer_wall(db: None) -> None:
    with planning_only():
        with planning_only():
            assert Project.objects.count() == 0
        with pytest.raises(RawDataRefused), transaction.atomic():
            Receipt.objects.count()


def test_a_refusal_inside_a_savepoint_leaves_planning_usable_and_walled(project: Project) -> None:
    with planning_only():
        with pytest.raises(RawDataRefused), transaction.atomic():
            Receipt.objects.count()
        assert Project.objects.count() == 1
        with pytest.raises(RawDataRefused), transaction.atomic():
            Receipt.objects.count()


def test_an_ordinary_database_error_keeps_its_own_name(db: None) -> None:
    with pytest.raises(DatabaseError), planning_only(), transaction.atomic():
        sql("SELECT nonsense FROM engagement_project")


@pytest.mark.django_db(transaction=True)
def test_outside_a_transaction_progress_is_stored_at_once_and_the_wall_survives_reconnecting() -> None:
    with planning_only():
        job = Job.objects.create(kind="scenarios.run", ref="1")
        connection.close()
        assert Job.objects.get() == job
        with pytest.raises(RawDataRefused):
            Receipt.objects.count()
        with pytest.raises(RawDataRefused), transaction.atomic():
            Receipt.objects.count()
    assert Receipt.objects.count() == 0
