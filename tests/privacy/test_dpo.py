"""What a data protection officer reads, and who else may."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from engagement import periodic
from engagement.models import LogEntry, PeriodicDeed, Project, Round, User
from privacy import dpo, retention
from privacy.record_models import ProcessingRecord

pytestmark = pytest.mark.django_db(databases=["default", "contacts"])
STATED = {
    "basis": "public-task",
    "law": "Land Use Act § 62",
    "children": "not-asked",
    "controller": "City of Harbour",
    "contact": "dpo@harbour.example",
}


@pytest.fixture
def desk(client: Client, officer: User) -> Client:
    client.force_login(officer)
    return client


def test_the_record_follows_the_letters_of_article_30(project: Project, open_round: Round) -> None:
    ProcessingRecord.objects.create(project=project, **STATED)
    paper = dpo.article_30(project)
    assert [section.title[:3] for section in paper.sections] == ["(a)", "(b)", "(c)", "(d)", "(e)", "(f)", "(g)"]
    text = paper.markdown()
    for words in ("City of Harbour", "The bridge is worn.", "Land Use Act § 62", "183 days after the decision"):
        assert words in text


def test_what_is_not_stated_is_said_to_be_missing(project: Project) -> None:
    text = dpo.article_30(project).markdown()
    assert "Legal basis: — not stated yet —" in text
    assert text.startswith("# Record of processing: What if the bridge closed?")


def test_the_assessment_names_unit_and_the_day_of_the_keys_end(project: Project, open_round: Round) -> None:
    text = dpo.impact_assessment(project).markdown()
    assert "| bridge | response |" in text
    assert "Singling out" in text


def test_five_safes_are_five(project: Project) -> None:
    [summary] = dpo.five_safes(project).sections
    assert [row[0] for row in summary.rows] == [
        "Safe project",
        "Safe people",
        "Safe setting",
        "Safe data",
        "Safe outputs",
    ]


def test_the_breach_runbook_names_every_kind_of_personal_rows() -> None:
    text = dpo.breach_runbook().markdown()
    assert "72 hours" in text
    for model in ("surveys.Response", "contacts.Contact", "engagement.User", "sensors.Site"):
        assert f"| {model} |" in text


def test_an_officer_states_the_basis_and_the_papers_carry_it(desk: Client, project: Project) -> None:
    assert dpo.without_record(User.objects.get()) == 1
    wrong = desk.post("/desk/data-protection/bridge/", STATED | {"law": ""})
    assert wrong.status_code == 422
    assert "Name the law that gives the task" in wrong.text
    assert 'value="City of Harbour"' in wrong.text
    assert desk.post("/desk/data-protection/bridge/", STATED).status_code == 302
    assert "Land Use Act § 62" in desk.get("/desk/data-protection/bridge/").text
    assert LogEntry.objects.get().verb == "processing-record.changed"
    assert dpo.without_record(User.objects.get()) == 0
    file = desk.get("/desk/data-protection/bridge/papers.md")
    assert file["Content-Disposition"] == 'attachment; filename="data-protection-bridge.md"'
    assert file.text.count("\n# ") == 2
    assert "Land Use Act § 62" in file.text


def test_a_public_task_without_a_law_is_refused_by_the_database(project: Project) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ProcessingRecord.objects.create(project=project, basis="public-task", law="")


def test_the_page_shows_numbers_and_the_proof_of_the_last_run(desk: Client, project: Project) -> None:
    assert "Not carried out yet" in desk.get("/desk/data-protection/").text
    periodic.register("retention", timedelta(days=1), retention.run)
    PeriodicDeed.objects.create(name="retention", started_at=timezone.now())
    periodic.run(lambda *_said: None, "retention")
    page = desk.get("/desk/data-protection/").text
    assert "Last carried out on" in page
    assert "no legal basis stated" in page


@pytest.mark.parametrize("name", ["inventory", "breach"])
def test_papers_are_pages_and_files(desk: Client, name: str) -> None:
    assert desk.get(f"/desk/data-protection/papers/{name}/").status_code == 200
    assert desk.get(f"/desk/data-protection/papers/{name}/?as=markdown")["Content-Type"].startswith("text/markdown")
    assert desk.get("/desk/data-protection/papers/nothing/").status_code == 404


@pytest.mark.parametrize("path", ["", "bridge/", "bridge/papers.md", "papers/inventory/"])
def test_planners_and_outsiders_read_none_of_it(client: Client, planner: User, outsider: User, path: str) -> None:
    for person in (planner, outsider):
        client.force_login(person)
        assert client.get(f"/desk/data-protection/{path}").status_code == 403
    client.logout()
    assert client.get(f"/desk/data-protection/{path}").status_code == 302
