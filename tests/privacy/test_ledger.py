from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from engagement.models import Round, User
from privacy import dp, identity, ledger, models, policy, snapshot
from privacy.counts import NumpyCounts, Table, TableSpec
from privacy.proposing import propose
from tests.privacy.conftest import Answers, answers

MODE = TableSpec("mode")


def counted(round: Round, spec: TableSpec = MODE) -> tuple[models.Budget, models.Snapshot, Table]:
    budget = policy.settle(round).budget
    frozen = snapshot.freeze(round)
    return budget, frozen, NumpyCounts().count(spec, snapshot.content(frozen), identity.bounding_key(round.pk))


def test_an_answer_is_paid_before_its_noise_is_drawn(
    open_round: Round, given: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget, frozen, table = counted(open_round)
    seen = []

    def look(*_: object) -> None:
        seen.append(models.LedgerEntry.objects.get().answer)
        raise RuntimeError("stop")

    monkeypatch.setattr(dp, "noisy", look)
    with pytest.raises(RuntimeError):
        ledger.answer(budget, frozen, table, 0.2)
    assert seen == [None]
    assert ledger.fraction_left(budget) == pytest.approx(0.8)


def test_the_same_question_on_the_same_answers_has_one_answer(open_round: Round, given: Answers) -> None:
    budget, frozen, table = counted(open_round)
    first = ledger.answer(budget, frozen, table, 0.2)
    assert ledger.answer(budget, frozen, table, 0.2).answer == first.answer
    assert ledger.answer(budget, snapshot.freeze(open_round), table, 0.9).answer == first.answer
    assert models.LedgerEntry.objects.count() == 1


def test_an_exhausted_budget_says_what_is_left(open_round: Round, given: Answers) -> None:
    budget, frozen, table = counted(open_round)
    ledger.answer(budget, frozen, table, 0.9)
    district = NumpyCounts().count(TableSpec("district"), snapshot.content(frozen), b"key")
    with pytest.raises(ledger.BudgetExhausted) as refused:
        ledger.answer(budget, frozen, district, 0.2)
    assert refused.value.status == 409
    assert "would cost ε 0.80" in str(refused.value)
    assert "only 0.40 is left" in str(refused.value)
    assert refused.value.extra == {"left": 0.1}


def test_two_rounds_of_the_same_people_share_one_budget(open_round: Round, given: Answers) -> None:
    budget, _frozen, _table = counted(open_round)
    again = Round.objects.create(
        project=open_round.project,
        survey_slug="second",
        population=open_round.population,
        opens_at=open_round.opens_at,
        closes_at=open_round.closes_at,
        destroy_key_on=open_round.destroy_key_on,
    )
    others = Round.objects.create(
        project=open_round.project,
        survey_slug="third",
        population="Commuters",
        opens_at=open_round.opens_at,
        closes_at=open_round.closes_at,
        destroy_key_on=open_round.destroy_key_on,
    )
    assert again.privacy_policy.budget == budget
    assert others.privacy_policy.budget != budget


def test_the_database_refuses_to_change_a_debit_or_an_answer(open_round: Round, given: Answers) -> None:
    budget, frozen, table = counted(open_round)
    entry = ledger.answer(budget, frozen, table, 0.2)
    changes: list[dict[str, Any]] = [
        {"answer": {"cells": [], "answered": None}},
        {"rho": 0.001},
        {"spec_hash": "0" * 64},
    ]
    for change in changes:
        with pytest.raises(IntegrityError), transaction.atomic():
            models.LedgerEntry.objects.filter(pk=entry.pk).update(**change)


def test_the_database_refuses_to_raise_a_budget(open_round: Round) -> None:
    budget = policy.settle(open_round).budget
    with pytest.raises(IntegrityError), transaction.atomic():
        models.Budget.objects.filter(pk=budget.pk).update(epsilon_total=5)
    models.Budget.objects.filter(pk=budget.pk).update(epsilon_total=3)


@pytest.mark.django_db(transaction=True)
def test_fifty_requests_at_once_never_overspend(open_round: Round, given: Answers) -> None:
    budget, frozen, _table = counted(open_round)
    taken = snapshot.content(frozen)
    specs = [TableSpec("mode", by="district", merge=(("kallio", "kamppi"),) if n % 2 else ()) for n in range(2)]
    names = ["mode", "district", "safe"]
    specs += [TableSpec(name) for name in names]
    specs += [
        TableSpec(name, by=by) for name in names for by in names if name != by and (name, by) != ("mode", "district")
    ]

    def ask(turn: int) -> str:
        try:
            table = NumpyCounts().count(specs[turn % len(specs)], taken, b"key")
            ledger.answer(budget, frozen, table, 0.17)
        except ledger.BudgetExhausted:
            return "refused"
        finally:
            connection.close()
        return "answered"

    with ThreadPoolExecutor(10) as threads:
        outcomes = list(threads.map(ask, range(50)))
    assert models.LedgerEntry.objects.count() == 5  # 5 × 0.17 of the budget, a sixth would be too much
    assert ledger.spent(budget).epsilon == pytest.approx(3.4)
    assert outcomes.count("answered") == 25
    assert outcomes.count("refused") == 25


KILLED = """
import os, signal, sys
import django
django.setup()
from privacy import dp, snapshot
from privacy.counts import TableSpec
from privacy.proposing import propose
from engagement.models import Round, User
from tests.privacy.conftest import Answers, answers

snapshot._sources.clear()
snapshot.register_source("test", Answers(answers(400)))
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[1] == "before the noise":
    dp.noisy = die
else:
    from privacy import proposing
    proposing._lay_on_desk = die
propose(Round.objects.get(), [TableSpec("mode")], User.objects.get(email="officer@city.example"))
"""


def database_url() -> dict[str, str]:
    """The test database, as a process of its own finds it."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return {"LOGGIA_TEST_FILE": str(found["NAME"])}
    host = found["OPTIONS"].get("host", found["HOST"])
    return {"DATABASE_URL": f"postgis://{found['USER']}@/{found['NAME']}?host={host}&port={found['PORT']}"}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("moment", ["before the noise", "after the noise"])
def test_a_process_killed_between_debit_and_desk_spends_once_and_publishes_nothing_unpaid(
    open_round: Round, given: Answers, officer: User, tmp_path: Path, moment: str
) -> None:
    environment = os.environ | database_url() | {"LOGGIA_DATA_DIR": str(settings.DATA_DIR)}
    start = "import os\nfrom django.conf import settings\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'engagement.settings')\n"
    if "LOGGIA_TEST_FILE" in environment:
        start += "settings.DATABASES['default']['NAME'] = os.environ['LOGGIA_TEST_FILE']\n"
    script = tmp_path / "killed.py"
    script.write_text(start + KILLED)
    environment["PYTHONPATH"] = str(settings.BASE_DIR)
    died = subprocess.run([sys.executable, str(script), moment], env=environment, check=False)
    assert died.returncode == -signal.SIGKILL

    entry = models.LedgerEntry.objects.get()
    assert (entry.answer is None) == (moment == "before the noise")
    assert not models.Release.objects.exists()
    assert models.Draft.objects.get().state == "preparing"

    given.taken = answers(500)
    draft = propose(open_round, [MODE], officer)
    assert draft.state == "proposed"
    assert models.LedgerEntry.objects.get() == entry
    assert ledger.fraction_left(policy.settle(open_round).budget) == pytest.approx(0.8)
