"""Promises that hold against raw SQL too: releases stay as published, budgets and policies only become stricter.

The triggers are written after every migration, not in one: on SQLite a later migration that rebuilds a table would
silently take its triggers with it.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.apps import AppConfig
from django.db import DEFAULT_DB_ALIAS, connections, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models.signals import post_migrate


@dataclass(frozen=True)
class Guard:
    """Refuses an UPDATE of ``table`` when ``condition`` holds, saying ``text``."""

    name: str
    table: str
    condition: str
    text: str


GUARDS = (
    Guard("a_release_is_never_edited", "privacy_release", "1 = 1", "a published release is never edited"),
    Guard(
        "a_budget_is_never_raised",
        "privacy_budget",
        "NEW.epsilon_total > OLD.epsilon_total OR NEW.delta > OLD.delta "
        "OR NEW.project_id <> OLD.project_id OR NEW.population <> OLD.population",
        "a privacy budget is never raised",
    ),
    Guard(
        "a_policy_only_tightens",
        "privacy_policy",
        "NEW.k < OLD.k OR NEW.max_error_points > OLD.max_error_points OR NEW.destroy_key_on > OLD.destroy_key_on "
        "OR NEW.max_places_per_unit > OLD.max_places_per_unit OR NEW.unit <> OLD.unit "
        "OR NEW.round_id <> OLD.round_id OR NEW.budget_id <> OLD.budget_id",
        "a privacy policy only becomes stricter",
    ),
    Guard(
        "a_debit_is_never_changed",
        "privacy_ledgerentry",
        "NEW.rho <> OLD.rho OR NEW.budget_id <> OLD.budget_id OR NEW.spec_hash <> OLD.spec_hash "
        "OR OLD.answer IS NOT NULL",
        "a debit and its answer are never changed",
    ),
)


def write_guards(*, using: str, **_signal: object) -> None:
    if using != DEFAULT_DB_ALIAS:
        return
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    with transaction.atomic(using=using), connection.cursor() as cursor:
        for guard in GUARDS:
            if guard.table in tables:
                _write(cursor, guard, connection.vendor)


def _write(cursor: CursorWrapper, guard: Guard, vendor: str) -> None:
    if vendor == "sqlite":
        cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name}")
        cursor.execute(
            f"CREATE TRIGGER {guard.name} BEFORE UPDATE ON {guard.table} WHEN {guard.condition} "
            f"BEGIN SELECT RAISE(ABORT, '{guard.text}'); END"
        )
        return
    cursor.execute(
        f"CREATE OR REPLACE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {guard.condition} THEN RAISE EXCEPTION '{guard.text}' USING ERRCODE = 'integrity_constraint_violation'; "
        "END IF; RETURN NEW; END $$"
    )
    cursor.execute(f"DROP TRIGGER IF EXISTS {guard.name} ON {guard.table}")
    cursor.execute(
        f"CREATE TRIGGER {guard.name} BEFORE UPDATE ON {guard.table} FOR EACH ROW EXECUTE FUNCTION {guard.name}()"
    )


def connect_signals(sender: AppConfig) -> None:
    post_migrate.connect(write_guards, sender=sender, dispatch_uid="privacy.write_guards")
