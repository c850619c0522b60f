from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from engagement import desk
from engagement.models import Job, Receipt, Round, User
from privacy import models, proposing, publishing, registering, snapshot
from privacy.counts import TableSpec
from privacy.proposing import propose
from tests.privacy.conftest import Answers, answers, work_off


@pytest.fixture
def release(open_round: Round, given: Answers, officer: User, second_officer: User) -> models.Release:
    draft = propose(open_round, [TableSpec("mode"), TableSpec("safe")], officer)
    publishing.sign(draft, officer)
    return publishing.countersign(draft, second_officer)


def as_person(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def test_the_way_from_question_to_release_through_the_pages(
    open_round: Round, given: Answers, officer: User, second_officer: User
) -> None:
    first, second = as_person(officer), as_person(second_officer)
    assert f"/desk/releases/rounds/{open_round.pk}/" in page(first, "/desk/releases/")
    choose = f"/desk/releases/rounds/{open_round.pk}/"
    text = page(first, choose)
    assert "400 answers so far" in text
    assert "± 1.0 points of noise beside ± 4.8 of chance" in text
    proposed = first.post(choose, {"question": ["mode"], "by_mode": "", "spend": "0.8"})
    assert proposed.status_code == 302
    draft = models.Draft.objects.get()
    text = page(first, proposed["Location"])
    assert "The answers are frozen." in text and "loggia/job.js" in text
    assert "Sign and ask" not in text
    assert work_off() == ["done"]
    text = page(first, proposed["Location"])
    assert "Sign and ask for the second signature" in text
    assert "Transit" in text and "Checks before it leaves" in text
    assert first.post(proposed["Location"], {"step": "sign"}).status_code == 302
    assert "it waits on their desk" in page(first, proposed["Location"])
    again = first.post(proposed["Location"], {"step": "countersign"})
    assert again.status_code == 409
    assert "Ask a colleague" in again.content.decode()
    assert registering.waiting_drafts(second_officer) == 1
    assert registering.waiting_drafts(officer) == 0
    assert "releases" in {entry.name for entry in desk.entries_for(second_officer)}
    published = second.post(proposed["Location"], {"step": "countersign"})
    assert published["Location"] == f"/releases/{draft.pk}/"
    assert "Transit" in page(Client(), published["Location"])


def test_the_forecast_costs_nothing_and_freezes_nothing(open_round: Round, given: Answers, officer: User) -> None:
    given.taken = answers(60)
    text = page(as_person(officer), f"/desk/releases/rounds/{open_round.pk}/?question=mode&by_mode=district&spend=0.2")
    assert "± 55.0 points of noise" in text
    assert "Too few answers to carry it; 222 would do." in text
    assert not models.Snapshot.objects.exists()
    assert not models.LedgerEntry.objects.exists()


def test_a_small_town_reads_what_can_be_released_what_cannot_and_why(
    open_round: Round, given: Answers, officer: User
) -> None:
    given.taken = answers(60)
    client = as_person(officer)
    sent = {"question": ["mode", "safe"], "by_mode": "", "by_safe": "district", "spend": "0.8"}
    proposed = client.post(f"/desk/releases/rounds/{open_round.pk}/", sent)
    work_off()
    text = page(client, proposed["Location"])
    assert "Noise moves a share by at most 6.7 points" in text
    assert "1 group has fewer than 10 answers. Merge it with another, or wait for 8 more." in text
    assert "Merge small groups and propose again" in text
    assert {cell["question"] for cell in models.Draft.objects.get().document["cells"]} == {"mode"}


def test_small_groups_are_merged_with_one_button(open_round: Round, given: Answers, officer: User) -> None:
    given.taken = answers(200)
    client = as_person(officer)
    proposed = client.post(
        f"/desk/releases/rounds/{open_round.pk}/", {"question": ["safe"], "by_safe": "district", "spend": "0.8"}
    )
    work_off()
    merged = client.post(proposed["Location"], {"step": "merge"})
    work_off()
    text = page(client, merged["Location"])
    assert "Kamppi + Kruununhaka" in text
    assert "Sign and ask" in text


def test_what_is_refused_keeps_what_was_ticked_and_says_why(open_round: Round, given: Answers, officer: User) -> None:
    client = as_person(officer)
    answer = client.post(f"/desk/releases/rounds/{open_round.pk}/", {"spend": "0.4"})
    assert answer.status_code == 422
    assert "Tick at least one question." in answer.content.decode()
    answer = client.post(f"/desk/releases/rounds/{open_round.pk}/", {"question": ["mode", "income"], "spend": "0.4"})
    assert answer.status_code == 422
    text = answer.content.decode()
    assert "no question “income”" in text
    assert 'value="mode" checked' in text
    assert '<option value="0.4" selected>' in text


def test_preparing_that_fails_says_why_and_can_be_tried_again(
    open_round: Round, given: Answers, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = as_person(officer)
    sent = {"question": ["mode"], "spend": "0.8"}
    address = client.post(f"/desk/releases/rounds/{open_round.pk}/", sent)["Location"]
    snapshot.remove_unit(open_round, given.taken.units[0])
    given.taken = answers(399, skip=1)
    assert work_off() == ["failed"]
    text = page(client, address)
    assert "These frozen answers have changed" in text
    assert not models.LedgerEntry.objects.exists()
    again = client.post(address, {"step": "again"})["Location"]
    assert again != address
    assert work_off() == ["done"]
    assert "Sign and ask" in page(client, again)


def test_a_job_that_is_done_twice_prepares_the_draft_once(open_round: Round, given: Answers, officer: User) -> None:
    proposing.request(open_round, [TableSpec("mode")], officer)
    for _turn in range(2):
        assert work_off() == ["done"]
        Job.objects.update(state=Job.State.QUEUED)  # as the worker does after a crash
    assert models.LedgerEntry.objects.count() == 1
    assert models.Draft.objects.get().state == models.Draft.State.PROPOSED


def test_nobody_but_officers_of_the_project_opens_the_desk(
    open_round: Round, given: Answers, officer: User, planner: User, outsider: User
) -> None:
    draft = propose(open_round, [TableSpec("mode")], officer)
    addresses = ["/desk/releases/", f"/desk/releases/rounds/{open_round.pk}/", f"/desk/releases/drafts/{draft.pk}/"]
    for address in addresses:
        assert Client().get(address).status_code == 302
        for stranger in (planner, outsider):
            assert as_person(stranger).get(address).status_code == 403
    elsewhere = User.objects.create_user("elsewhere@city.example", "a-long-password")
    elsewhere.memberships.create(role="officer", project=type(open_round.project).objects.create(slug="other"))
    for address in addresses[1:]:
        assert as_person(elsewhere).get(address).status_code == 404


def test_everybody_reads_the_register_and_an_unpublished_project_looks_absent(
    release: models.Release, project: Any
) -> None:
    assert "How do you cross?" in page(Client(), "/releases/")
    assert "60 % of ε 4.0 is left" in page(Client(), "/releases/")
    assert "Where your answer goes" in page(Client(), "/about-your-data/")
    project.published = False
    project.save()
    assert "How do you cross?" not in page(Client(), "/releases/")
    assert page(Client(), f"/releases/{release.pk}/", 404)


def test_an_empty_register_says_what_comes(db: None) -> None:
    assert "Nothing has been released yet." in page(Client(), "/releases/")


def test_a_release_page_shows_words_ranges_and_the_worst_case(release: models.Release) -> None:
    text = page(Client(), f"/releases/{release.pk}/")
    assert "Open link: what is protected and counted is the response." in text
    assert "every count moved by at most ± 4 in 95 of 100 cases" in text
    assert "mean 3.0 ± 0.1" in text
    assert "by two people" in text
    assert 'style="' not in text


def test_a_downloaded_release_is_verified_without_the_database(
    release: models.Release, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = Client().get(f"/releases/{release.pk}/release.json")
    assert answer["Content-Type"] == "application/ld+json"
    assert hashlib.sha256(answer.content).hexdigest() == release.sha256
    file, keys = tmp_path / "release.json", tmp_path / "keys.json"
    file.write_bytes(answer.content)
    keys.write_bytes(Client().get("/.well-known/loggia-keys.json").content)
    call_command("verify_release", file, keys=keys)
    assert "The certificate holds: bridge" in capsys.readouterr().out
    file.write_bytes(answer.content.replace(b'"count":', b'"count":1', 1))
    with pytest.raises(CommandError, match="changed after it was signed"):
        call_command("verify_release", file)
    file.write_text("not a release")
    with pytest.raises(CommandError, match="not a JSON document"):
        call_command("verify_release", file)
    with pytest.raises(CommandError, match="could not be verified"):
        call_command("verify_release", tmp_path / "absent.json")


def test_the_csv_holds_every_cell(release: models.Release) -> None:
    text = Client().get(f"/releases/{release.pk}/release.csv").content.decode()
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["option"] for row in rows[:4]] == ["transit", "foot", "bike", "car"]
    assert len(rows) == 9
    assert int(rows[0]["count"]) == pytest.approx(164, abs=25)


def test_programs_list_releases_and_read_the_signed_document(release: models.Release) -> None:
    listed = Client().get("/api/v1/releases/?project=bridge").json()["results"]
    assert [(row["id"], row["project"], row["unit"]) for row in listed] == [(str(release.pk), "bridge", "response")]
    assert Client().get("/api/v1/releases/?project=elsewhere").json()["results"] == []
    document = Client().get(f"/api/v1/releases/{release.pk}/").json()
    assert document == json.loads(release.document)
    assert Client().post("/api/v1/releases/", {}).status_code in {401, 403, 405}


def test_the_register_asks_the_database_as_often_for_three_releases_as_for_one(
    release: models.Release, open_round: Round, given: Answers, officer: User, second_officer: User,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    with django_assert_max_num_queries(8):
        Client().get("/releases/")
    for n in (500, 700):
        given.taken = answers(n)
        draft = propose(open_round, [TableSpec("mode")], officer, fraction=0.05)
        publishing.countersign(publishing.sign(draft, officer), second_officer)
    with django_assert_max_num_queries(8):
        Client().get("/releases/")


def test_every_receipt_of_the_round_shows_what_was_added_up(release: models.Release, open_round: Round) -> None:
    receipt = Receipt(project=open_round.project, round=open_round, kind="survey")
    outcome = registering.outcomes_of(receipt)[0]
    assert outcome.kind == "release"
    assert outcome.url == f"/releases/{release.pk}/"
    assert outcome.text.startswith("“How do you cross?” Transit 4")
    assert registering.outcomes_of(Receipt(project=open_round.project, round=None)) == []


def test_the_key_command_makes_rotates_and_lists(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("keys", "init")
    call_command("keys", "init")
    call_command("keys", "rotate")
    call_command("keys", "list")
    call_command("keys", "destroy")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == lines[1]
    assert sum("in use" in line for line in lines) == 1
    assert sum("retired" in line for line in lines) == 1
    assert lines[-1] == "Destroyed the keys of 0 rounds: none was due."
