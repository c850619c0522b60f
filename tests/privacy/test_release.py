from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from engagement.models import LiveEvent, LogEntry, Round, User
from privacy import ledger, models, policy, publishing, release
from privacy.certificate import CertificateRefused
from privacy.counts import SpecRefused, TableSpec
from privacy.firewall import planning_only
from privacy.proposing import NotAnOfficer, propose
from tests.privacy.conftest import Answers, answers

MODE = TableSpec("mode")
BY_DISTRICT = TableSpec("mode", by="district")
State = models.Draft.State


def publish(round: Round, specs: list[TableSpec], first: User, second: User, **wishes: Any) -> models.Release:
    draft = propose(round, specs, first, **wishes)
    publishing.sign(draft, first)
    return publishing.countersign(draft, second)


def test_a_release_says_what_people_answered_with_a_range_on_every_cell(
    open_round: Round, given: Answers, officer: User, second_officer: User
) -> None:
    published = publish(open_round, [MODE], officer, second_officer)
    loaded = release.load(published.pk)
    table = loaded.table("mode")
    assert list(table) == ["transit", "foot", "bike", "car"]
    # 400 answers: 164, 108, 76, 52; ε = 0.8 moves a count by more than 25 once in 500 million.
    exact = {"transit": 164, "foot": 108, "bike": 76, "car": 52}
    assert all(abs(cell.count - exact[option]) <= 25 for option, cell in table.items())
    transit = table["transit"]
    assert transit.count_error95 == 4
    assert transit.n == sum(cell.count for cell in table.values())
    assert transit.estimate == pytest.approx(transit.count / transit.n, abs=1e-6)
    assert transit.low is not None and transit.high is not None
    assert transit.low < 0.41 + 0.1 and transit.high > 0.41 - 0.1
    assert 0.04 < (transit.error95 or 0) < 0.06
    assert (loaded.project, loaded.population, loaded.unit) == ("bridge", "Residents of Old Harbour", "response")
    assert loaded.epsilon == pytest.approx(0.8)


def test_planning_loads_a_release_behind_the_wall(
    open_round: Round, given: Answers, officer: User, second_officer: User
) -> None:
    published = publish(open_round, [MODE], officer, second_officer)
    with planning_only():
        assert release.load(published.pk).id == published.pk


def test_a_loaded_release_cannot_be_changed(
    open_round: Round, given: Answers, officer: User, second_officer: User
) -> None:
    loaded = release.load(publish(open_round, [MODE], officer, second_officer).pk)
    with pytest.raises(FrozenInstanceError):
        loaded.epsilon = 0.1  # type: ignore[misc]
    with pytest.raises(TypeError):
        loaded.document["epsilon"] = 0.1  # type: ignore[index]


def test_a_table_in_two_directions_a_mean_and_ticked_options(
    open_round: Round, given: Answers, officer: User, second_officer: User
) -> None:
    given.taken = answers(4000)
    specs = [BY_DISTRICT, TableSpec("safe"), TableSpec("keep")]
    loaded = release.load(publish(open_round, specs, officer, second_officer).pk)
    kallio = loaded.table("mode", "kallio", by="district")
    assert sum(cell.count for cell in kallio.values()) == pytest.approx(2400, abs=60)
    assert set(loaded.questions["mode/district"].strata) == {"kallio", "kamppi", "kruununhaka"}
    safe = loaded.questions["safe"]
    # Shares 41, 27, 19, 13 of the steps 2, 3, 4, 5: (82 + 81 + 76 + 65) / 100 = 3.04.
    assert safe.mean == pytest.approx(3.04, abs=0.15)
    assert safe.mean_error95 == pytest.approx(0.034, abs=0.02)
    keep = loaded.table("keep")
    assert keep["tram"].n == pytest.approx(4000, abs=80)
    assert keep["tram"].estimate == pytest.approx(0.68, abs=0.05)


def test_a_release_of_an_unknown_id_and_a_question_it_does_not_have_are_refused_by_name(
    open_round: Round, given: Answers, officer: User, second_officer: User
) -> None:
    with pytest.raises(release.NoSuchRelease) as unknown:
        release.load("5b0c9a52-8a6e-4a0e-9d0b-0d6a5d6d2f11")
    assert unknown.value.status == 404
    loaded = release.load(publish(open_round, [MODE], officer, second_officer).pk)
    with pytest.raises(release.NoSuchRelease, match=r"“income”. It has: mode"):
        loaded.table("income")


def test_one_person_cannot_sign_twice(open_round: Round, given: Answers, officer: User) -> None:
    draft = publishing.sign(propose(open_round, [MODE], officer), officer)
    with pytest.raises(publishing.SameSigner) as refused:
        publishing.countersign(draft, officer)
    assert refused.value.status == 409
    assert not models.Release.objects.exists()
    assert models.Draft.objects.get().state == State.SIGNED


def test_the_database_refuses_a_release_signed_twice_by_one_person(open_round: Round, officer: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        models.Release.objects.create(
            project=open_round.project,
            round=open_round,
            document="{}",
            sha256="0" * 64,
            first_signer=officer,
            second_signer=officer,
        )


def test_outsiders_and_planners_neither_propose_nor_sign(
    open_round: Round, given: Answers, officer: User, planner: User, outsider: User
) -> None:
    for stranger in (planner, outsider):
        with pytest.raises(NotAnOfficer):
            propose(open_round, [MODE], stranger)
    draft = propose(open_round, [MODE], officer)
    for stranger in (planner, outsider):
        with pytest.raises(NotAnOfficer):
            publishing.sign(draft, stranger)
    publishing.sign(draft, officer)
    for stranger in (planner, outsider):
        with pytest.raises(NotAnOfficer):
            publishing.countersign(draft, stranger)


def test_a_draft_is_signed_in_order_and_published_once(
    open_round: Round, given: Answers, officer: User, second_officer: User
) -> None:
    draft = propose(open_round, [MODE], officer)
    with pytest.raises(publishing.WrongState):
        publishing.countersign(draft, second_officer)
    publishing.sign(draft, officer)
    publishing.countersign(draft, second_officer)
    with pytest.raises(publishing.WrongState):
        publishing.countersign(draft, second_officer)
    with pytest.raises(publishing.WrongState):
        publishing.drop(draft, officer)


def test_publishing_is_announced_and_logged(
    open_round: Round, given: Answers, officer: User, second_officer: User
) -> None:
    published = publish(open_round, [MODE], officer, second_officer)
    event = LiveEvent.objects.get(topic="project.bridge")
    assert event.kind == "release.published"
    assert event.payload["release"] == str(published.pk)
    verbs = list(LogEntry.objects.values_list("verb", flat=True))
    assert verbs == ["snapshot.frozen", "release.proposed", "release.signed", "release.published"]


def test_a_published_release_is_never_edited_nor_deleted(
    open_round: Round, given: Answers, officer: User, second_officer: User
) -> None:
    published = publish(open_round, [MODE], officer, second_officer)
    published.sha256 = "0" * 64
    with pytest.raises(ValidationError):
        published.save()
    with pytest.raises(ValidationError):
        published.delete()
    with pytest.raises(IntegrityError, match="never edited"), transaction.atomic():
        models.Release.objects.update(document="{}")


def test_what_was_changed_in_the_database_is_not_loaded(
    open_round: Round, given: Answers, officer: User, second_officer: User
) -> None:
    published = publish(open_round, [MODE], officer, second_officer)
    document = json.loads(published.document)
    document["cells"][0]["count"] += 1
    forged = models.Release(
        project=published.project,
        round=published.round,
        document=json.dumps(document),
        sha256="1" * 64,
        first_signer=officer,
        second_signer=second_officer,
    )
    forged.save()
    with pytest.raises(CertificateRefused, match="changed after it was signed"):
        release.load(forged.pk)


def test_a_later_release_supersedes_and_both_stay(
    open_round: Round, given: Answers, officer: User, second_officer: User
) -> None:
    first = publish(open_round, [MODE], officer, second_officer)
    given.taken = answers(800)
    second = publish(open_round, [MODE], officer, second_officer, supersedes=first)
    first.refresh_from_db()
    assert first.superseded_by == second
    assert json.loads(second.document)["supersedes"] == f"urn:uuid:{first.pk}"
    assert release.load(first.pk).id == first.pk


def test_asking_the_same_again_gives_the_same_figures_and_costs_nothing(
    open_round: Round, given: Answers, officer: User
) -> None:
    first = propose(open_round, [MODE], officer)
    second = propose(open_round, [MODE], officer, fraction=0.4)
    assert first.document["cells"] == second.document["cells"]
    assert models.LedgerEntry.objects.count() == 1
    assert ledger.fraction_left(models.Budget.objects.get()) == pytest.approx(0.8)


def test_five_questions_fit_into_the_budget_and_the_sixth_is_refused(
    open_round: Round, given: Answers, officer: User
) -> None:
    five = [
        MODE,
        TableSpec("district"),
        TableSpec("safe"),
        TableSpec("safe", by="mode"),
        TableSpec("district", by="safe"),
    ]
    given.taken = answers(4000)
    draft = propose(open_round, five, officer)
    assert [table["outcome"] for table in draft.verdict["tables"]] == ["pass"] * 5
    sixth = propose(open_round, [TableSpec("keep")], officer)
    assert sixth.state == State.REFUSED
    assert sixth.verdict["tables"][0]["checks"] == [{"code": "budget", "outcome": "refuse", "facts": {}}]
    assert models.LedgerEntry.objects.count() == 5


def test_what_is_held_is_left_out_costs_nothing_and_stays_on_record(
    open_round: Round, given: Answers, officer: User
) -> None:
    given.taken = answers(200)  # 8 answers from Kruununhaka, fewer than 10
    draft = propose(open_round, [MODE, BY_DISTRICT], officer)
    assert [table["outcome"] for table in draft.verdict["tables"]] == ["pass", "hold"]
    assert {cell["stratum"] for cell in draft.document["cells"]} == {None}
    assert models.LedgerEntry.objects.count() == 1
    groups = next(c for c in draft.verdict["tables"][1]["checks"] if c["code"] == "groups")
    assert groups["facts"]["small"] == 1
    assert groups["facts"]["missing"] == 2
    logged = LogEntry.objects.get(verb="release.proposed")
    assert logged.details["tables"] == {"mode/": "pass", "mode/district": "hold"}


def test_merging_the_small_group_lets_the_table_pass(open_round: Round, given: Answers, officer: User) -> None:
    given.taken = answers(400)
    merged = TableSpec("mode", by="district", merge=(("kamppi", "kruununhaka"),))
    policy.tighten(open_round.privacy_policy, k=20)
    held = propose(open_round, [BY_DISTRICT], officer)
    assert held.state == State.HELD
    passed = propose(open_round, [merged], officer)
    assert passed.state == State.PROPOSED
    strata = {cell["stratum"] for cell in passed.document["cells"]}
    assert strata == {"kallio", "kamppi+kruununhaka"}


def test_an_unknown_question_is_refused_by_name(open_round: Round, given: Answers, officer: User) -> None:
    with pytest.raises(SpecRefused, match="“income”"):
        propose(open_round, [TableSpec("income")], officer)
    with pytest.raises(SpecRefused, match="at least one"):
        propose(open_round, [], officer)
    assert not models.LedgerEntry.objects.exists()


def test_an_unfinished_draft_is_taken_up_again_on_its_own_snapshot(
    open_round: Round, given: Answers, officer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("power cut")

    with monkeypatch.context() as broken, pytest.raises(RuntimeError):
        broken.setattr(ledger, "_fill", crash)
        propose(open_round, [MODE], officer)
    entry = models.LedgerEntry.objects.get()
    assert entry.answer is None
    given.taken = answers(500)  # more answers arrived; the paid question is about the earlier ones
    draft = propose(open_round, [MODE], officer)
    assert models.LedgerEntry.objects.get() == entry
    assert draft.snapshot == entry.snapshot
    assert draft.state == State.PROPOSED


def test_no_exact_figure_stands_in_the_document(open_round: Round, given: Answers, officer: User) -> None:
    draft = propose(open_round, [MODE], officer)
    text = json.dumps(draft.document)
    assert '"uniques"' not in text and '"small"' not in text
    worst = draft.document["certificate"]["risks"]["inference"]["worst"]
    counts = [max(0, cell["count"]) + 0.5 for cell in draft.document["cells"]]
    assert worst["blind"] == pytest.approx(max(counts) / sum(counts), abs=0.001)


def test_the_unit_is_named_and_an_open_link_claims_nothing_about_persons(
    open_round: Round, given: Answers, officer: User
) -> None:
    certificate = propose(open_round, [MODE], officer).document["certificate"]
    assert certificate["unit_of_privacy"] == "response"
    assert "nobody knows persons" in certificate["unit_meaning"]


def test_a_draft_can_be_dropped_and_its_paid_answer_is_found_again(
    open_round: Round, given: Answers, officer: User
) -> None:
    first = propose(open_round, [MODE], officer)
    publishing.drop(first, officer)
    again = propose(open_round, [MODE], officer)
    assert again.document["cells"] == first.document["cells"]
    assert models.LedgerEntry.objects.count() == 1


def test_a_withdrawal_after_the_draft_keeps_the_snapshot_from_new_questions(
    open_round: Round, given: Answers, officer: User
) -> None:
    from privacy import snapshot

    draft = propose(open_round, [MODE], officer)
    assert snapshot.remove_unit(open_round, given.taken.units[0]) == 1
    draft.snapshot.refresh_from_db()
    with pytest.raises(snapshot.SnapshotRefused, match="withdrew"):
        snapshot.content(draft.snapshot)


def test_names_of_drafts_that_people_read(open_round: Round, given: Answers, officer: User) -> None:
    draft = propose(open_round, [MODE], officer)
    assert str(draft).startswith("ready to sign")
    assert connection.vendor in {"sqlite", "postgresql"}
    assert replace(MODE, by="district") == BY_DISTRICT


def test_the_reference_page_names_every_field_of_a_release(
    open_round: Round, given: Answers, officer: User, second_officer: User
) -> None:
    document = json.loads(publish(open_round, [MODE, TableSpec("safe")], officer, second_officer).document)
    said = (Path(settings.BASE_DIR) / "docs/reference/release-format.md").read_text()
    fields = {*document, *document["questions"][0], *document["cells"][0], *document["certificate"], *document["proof"]}
    ours = fields - {"type", "follows", "if_the_number_of_answers_is_known_exactly"}
    assert {name for name in ours if f"`{name}`" not in said} == set()
