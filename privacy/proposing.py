"""Proposing a release: freeze the answers, let the gate judge, pay, draw the noise, and lay the draft on the desk.

A draft is stored before anything is paid, with its snapshot; the rest is a job of the worker (``prepare``). After a
crash the job, or asking for the same once more, takes the unfinished draft up again on the same snapshot, so nothing is
paid twice.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from engagement import audit, jobs
from engagement.jobs import Progress
from engagement.models import Job, Round, User
from privacy import accounting, attacks, dp, excluding, gate, history, identity, ledger, models, policy, snapshot
from privacy.canonical import canonical
from privacy.certificate import Facts
from privacy.counts import CountBackend, NumpyCounts, SpecRefused, Table, TableSpec, columns, strata_of
from privacy.documents import Answer, compose, loss_of, rounded
from privacy.officers import NotAnOfficer, require_officer
from privacy.snapshot import SnapshotInput

__all__ = ["Judged", "NotAnOfficer", "job_of", "judge", "prepare", "propose", "request"]

State = models.Draft.State
Report = Callable[[float, str], None]
KIND = "privacy.propose"


@dataclass(frozen=True)
class Judged:
    """A counted table with the gate's verdict about it."""

    table: Table
    verdict: gate.Verdict


def request(
    round: Round,
    specs: Sequence[TableSpec],
    officer: User,
    *,
    fraction: float | None = None,
    supersedes: models.Release | None = None,
) -> models.Draft:
    """Freeze the round's valid answers as they are now, and let the worker make a draft of a release from them.

    Tables that the gate holds or refuses are left out and stay on record with the reasons; they cost nothing. What is
    paid is paid once: the same tables on the same answers give the same figures again.

    Args:
        fraction: share of the whole budget that each table may cost; by default what the round's policy planned.

    Returns:
        The draft, being prepared; an unfinished one about the same tables is taken up again.

    Raises:
        NotAnOfficer, SpecRefused, SnapshotRefused.
    """
    with transaction.atomic():
        draft = _drafted(round, specs, officer, fraction, supersedes)
        jobs.enqueue(prepare, str(draft.pk), ref=str(draft.pk), project=round.project, label=str(_("Draft")))
    return draft


@jobs.job(KIND)
def prepare(progress: Progress, draft_id: str) -> None:
    """Make an unfinished draft ready to sign; a finished one stays as it is."""
    related = ("round__project", "round__privacy_policy__budget", "snapshot", "proposed_by")
    draft = models.Draft.objects.select_related(*related).get(pk=draft_id)
    if draft.state == State.PREPARING:
        _finish(draft, NumpyCounts(), progress)


def job_of(draft: models.Draft) -> Job | None:
    """The latest job that prepared, or prepares, this draft."""
    return Job.objects.filter(kind=KIND, ref=str(draft.pk)).order_by("-created_at").first()


def propose(
    round: Round,
    specs: Sequence[TableSpec],
    officer: User,
    *,
    fraction: float | None = None,
    supersedes: models.Release | None = None,
    backend: CountBackend | None = None,
) -> models.Draft:
    """``request`` and the worker's part at once, for programs that can wait.

    Returns:
        The draft: ready to sign, or held or refused when no table passed.

    Raises:
        NotAnOfficer, SpecRefused, SnapshotRefused, BudgetExhausted.
    """
    draft = _drafted(round, specs, officer, fraction, supersedes)
    return _finish(draft, backend or NumpyCounts(), lambda _done, _step: None)


def judge(
    round: Round,
    specs: Sequence[TableSpec],
    fraction: float,
    *,
    frozen: models.Snapshot,
    backend: CountBackend,
    report: Report,
) -> list[Judged]:
    """What the gate says about each table; draws no noise and costs nothing."""
    rules = policy.settle(round)
    taken = snapshot.content(frozen)
    judged = []
    spent = ledger.spent(rules.budget)
    answered = history.paid_tables(rules.budget)
    for done, spec in enumerate(specs):
        report(0.9 * done / len(specs), str(_("Table %(done)d of %(all)d") % {"done": done + 1, "all": len(specs)}))
        table = backend.count(spec, taken, identity.bounding_key(round.pk))
        paid = ledger.paid(frozen, spec)
        mechanism = ledger.mechanism_of(paid) if paid else _affordable(rules.budget, table, fraction, spent)
        column = taken.column(spec.question)
        subject = gate.Subject(
            table=table,
            mechanism=mechanism,
            k=rules.k,
            max_error_points=rules.max_error_points,
            sensitive=column.sensitive or column.name in rules.sensitive,
            earlier=history.earlier_answers(rules.budget, spec, frozen, taken),
            groups=[stratum.value for stratum in strata_of(spec, taken)],
            paid=[row for key, row in answered.items() if key != (frozen.pk, spec.hash)],
            most_membership=attacks.membership_bound(rules.budget.epsilon_total),
        )
        found = Judged(table, gate.evaluate(subject))
        if mechanism and not paid and found.verdict.outcome == "pass":
            spent = accounting.total([spent, mechanism.loss])
            answered[(frozen.pk, spec.hash)] = gate.Paid(mechanism, table.design.moves)
        judged.append(found)
    return judged


def _affordable(budget: models.Budget, table: Table, fraction: float, spent: accounting.Loss) -> dp.Mechanism | None:
    return dp.choose(fraction, table.bound, budget.epsilon_total, budget.delta, spent)


def _drafted(
    round: Round,
    specs: Sequence[TableSpec],
    officer: User,
    fraction: float | None,
    supersedes: models.Release | None,
) -> models.Draft:
    require_officer(officer, round)
    if not specs:
        raise SpecRefused(_("Tick at least one question."))
    return _unfinished(round, specs) or _begin(round, specs, officer, fraction, supersedes)


def _unfinished(round: Round, specs: Sequence[TableSpec]) -> models.Draft | None:
    wanted = [spec.as_json() for spec in specs]
    waiting = models.Draft.objects.filter(round=round, state=State.PREPARING).select_related(
        "snapshot", "round__project"
    )
    return next((draft for draft in waiting if _same(draft.specs, wanted) and draft.snapshot.is_intact), None)


def _same(stored: object, wanted: object) -> bool:
    return canonical(stored) == canonical(wanted)


@transaction.atomic
def _begin(
    round: Round,
    specs: Sequence[TableSpec],
    officer: User,
    fraction: float | None,
    supersedes: models.Release | None,
) -> models.Draft:
    rules = policy.settle(round)
    frozen = snapshot.freeze(round, actor=officer)
    taken = snapshot.content(frozen)
    for spec in specs:
        strata_of(spec, taken)  # refuses by name what does not exist, before anything is stored
    return models.Draft.objects.create(
        round=round,
        snapshot=frozen,
        specs=[spec.as_json() for spec in specs],
        fraction=fraction or 1 / rules.planned_questions,
        proposed_by=officer,
        supersedes=supersedes,
    )


def _finish(draft: models.Draft, backend: CountBackend, report: Report) -> models.Draft:
    specs = [TableSpec.from_json(stored) for stored in draft.specs]
    judged = judge(draft.round, specs, draft.fraction, frozen=draft.snapshot, backend=backend, report=report)
    passed = [found.table for found in judged if found.verdict.outcome == "pass"]
    budget = draft.round.privacy_policy.budget
    report(0.9, str(_("Drawing the noise")))
    entries = [ledger.answer(budget, draft.snapshot, table, draft.fraction) for table in passed]
    verdicts = [found.verdict for found in judged]
    return _lay_on_desk(draft, entries, verdicts, snapshot.content(draft.snapshot))


@transaction.atomic
def _lay_on_desk(
    draft: models.Draft,
    entries: Sequence[models.LedgerEntry],
    verdicts: Sequence[gate.Verdict],
    taken: SnapshotInput,
) -> models.Draft:
    locked = models.Draft.objects.select_for_update().get(pk=draft.pk)
    if locked.state != State.PREPARING:
        return locked  # somebody else finished it at the same time
    draft.verdict = {"tables": [verdict.as_json() | _labels(verdict.spec, taken) for verdict in verdicts]}
    draft.entries.set(entries)
    if entries:
        draft.state, draft.document = State.PROPOSED, _document(draft, entries, taken)
    else:
        refused = all(verdict.outcome == "refuse" for verdict in verdicts)
        draft.state = State.REFUSED if refused else State.HELD
    draft.save()
    outcomes = {f"{verdict.spec.question}/{verdict.spec.by or ''}": verdict.outcome for verdict in verdicts}
    audit.record(draft.proposed_by, "release.proposed", f"draft:{draft.pk}", {"state": draft.state, "tables": outcomes})
    return draft


def _document(draft: models.Draft, entries: Sequence[models.LedgerEntry], taken: SnapshotInput) -> dict[str, Any]:
    answers = [_answer(entry) for entry in entries]
    round, frozen, rules = draft.round, draft.snapshot, draft.round.privacy_policy
    spent = {
        "epsilon_total": rules.budget.epsilon_total,
        "epsilon_spent": rounded(ledger.claimed_epsilon(rules.budget)),
        "fraction_left": rounded(ledger.fraction_left(rules.budget)),
    }
    facts = Facts(
        id=draft.pk,
        project=round.project.slug,
        project_title=round.project.title,
        simulated=round.project.simulated,
        round=round.pk,
        population=round.population,
        unit=frozen.unit,
        supersedes=draft.supersedes_id,
        k=rules.k,
        max_error_points=rules.max_error_points,
        rules_frozen_on=str(rules.frozen_on),
        key_destroyed_on=str(rules.destroy_key_on),
        answers_sha256=frozen.sha256,
        answers_frozen_on=str(frozen.frozen_on),
        source=frozen.source,
        loss=loss_of(answers, rules.budget.delta) | spent,
        left_out=excluding.left_out(round),
        duplicates=excluding.duplicates(round, taken).level,
    )
    return compose(facts, answers, taken)


def _answer(entry: models.LedgerEntry) -> Answer:
    cells, answered = ledger.answered(entry)
    return Answer(TableSpec.from_json(entry.spec), ledger.mechanism_of(entry), cells, answered)


def _labels(spec: TableSpec, taken: SnapshotInput) -> dict[str, dict[str, str]]:
    """What the questions of a table are called, for officers who read the verdict."""
    column, groups = columns(spec, taken)
    return {"label": dict(column.label), "by_label": dict(groups.label) if groups else {}}
