"""Copying a database while it is in use, putting the copy back, and telling by a digest whether two are the same.

SQLite: the online backup of the library, which is one consistent state. PostgreSQL: ``pg_dump`` and the digests read the
same exported snapshot.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connections, router, transaction
from django.utils.translation import gettext_lazy as _

from engagement.problems import Refused

Digests = dict[str, str]


class CopyFailed(Refused):
    status = 500
    code = "copy-failed"
    title = _("The database could not be copied.")


def aliases() -> list[str]:
    return list(connections)


def is_sqlite(alias: str) -> bool:
    return connections[alias].vendor == "sqlite"


def suffix(alias: str) -> str:
    return "sqlite3" if is_sqlite(alias) else "pgdump"


def tables(alias: str) -> list[str]:
    """Every table of ours in this database: those of all models, and the list of migrations."""
    known = set(connections[alias].introspection.table_names())
    models = [model for model in apps.get_models(include_auto_created=True) if router.allow_migrate_model(alias, model)]
    return sorted(known & {*(model._meta.db_table for model in models), "django_migrations"})


def copy(alias: str, target: Path) -> Digests:
    """Write a copy to ``target``; returns the digest of each table as it was copied.

    Raises:
        CopyFailed: with the words of the tool.
    """
    if is_sqlite(alias):
        source = str(connections[alias].settings_dict["NAME"])
        with contextlib.closing(sqlite3.connect(source)) as old, contextlib.closing(sqlite3.connect(target)) as new:
            old.backup(new, pages=4096)
            new.execute("PRAGMA journal_mode = DELETE")
        return digests_of_file(target, tables(alias))
    with _snapshot(alias) as name:
        _run(alias, "pg_dump", "--format=custom", f"--snapshot={name}", f"--file={target}")
        return _digests(alias)


def put_back(alias: str, source: Path) -> None:
    """Replace the content of the database by a copy. The site must not be running.

    Raises:
        CopyFailed: with the words of the tool.
    """
    if not is_sqlite(alias):
        connections[alias].close()
        _run(
            alias,
            "pg_restore",
            "--clean",
            "--if-exists",
            "--no-owner",
            "--exit-on-error",
            "--single-transaction",
            str(source),
        )
        return
    target = Path(str(connections[alias].settings_dict["NAME"]))
    connections[alias].close()
    for leftover in (target.with_name(f"{target.name}-wal"), target.with_name(f"{target.name}-shm")):
        leftover.unlink(missing_ok=True)
    draft = target.with_name(f".{target.name}.restored")
    with contextlib.closing(sqlite3.connect(source)) as old, contextlib.closing(sqlite3.connect(draft)) as new:
        old.backup(new, pages=4096)
    draft.replace(target)


def digests(alias: str) -> Digests:
    """The digest of each table as it is now."""
    if is_sqlite(alias):
        return digests_of_file(Path(str(connections[alias].settings_dict["NAME"])), tables(alias))
    with transaction.atomic(using=alias):
        return _digests(alias)


def digests_of_file(file: Path, names: list[str]) -> Digests:
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as opened:
        return {name: _digest_of_rows(opened.execute(f'SELECT * FROM "{name}" ORDER BY 1')) for name in names}  # noqa: S608


def _digest_of_rows(rows: Any) -> str:
    """Of every value of every row, in the order of the first column."""
    found = hashlib.sha256()
    for row in rows:
        found.update(repr(row).encode())
    return found.hexdigest()


def _digests(alias: str) -> Digests:
    found: Digests = {}
    with connections[alias].cursor() as cursor:
        for name in tables(alias):
            cursor.execute(
                f"SELECT coalesce(md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))), '') FROM \"{name}\" t"  # noqa: S608
            )
            found[name] = cursor.fetchone()[0]
    return found


@contextlib.contextmanager
def _snapshot(alias: str) -> Iterator[str]:
    """A state of the database that another connection can read, too, as long as the block lasts."""
    with transaction.atomic(using=alias), connections[alias].cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        cursor.execute("SELECT pg_export_snapshot()")
        yield cursor.fetchone()[0]


def _run(alias: str, tool: str, *words: str) -> None:
    """A tool of PostgreSQL; the password travels in the environment, not on the command line."""
    given = connections[alias].settings_dict
    where = [f"--dbname={given['NAME']}"]
    where += [
        f"--{flag}={given[key]}"
        for flag, key in (("host", "HOST"), ("port", "PORT"), ("username", "USER"))
        if given[key]
    ]
    environment = {**os.environ, "PGPASSWORD": str(given["PASSWORD"] or "")}
    try:
        subprocess.run([tool, *where, *words], env=environment, check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise CopyFailed(f"{tool} is not installed here. Install postgresql-client and try again.") from None
    except subprocess.CalledProcessError as error:
        raise CopyFailed(f"{tool} stopped: {error.stderr.strip()[-400:]}") from None
