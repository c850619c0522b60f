"""``planning_only()``: inside it the database itself refuses everything but releases and planning's own tables.

The allow-list below is the whole rule. On SQLite an authorizer is asked for every table that a statement touches, when
the statement is compiled. On PostGIS the statement runs under a role without login that was granted the listed tables
and nothing else; the grants are computed again from the list after every migration.

This stops mistakes and forgotten imports, raw SQL and ``apps.get_model`` included. Code that means harm inside the same
process could lift it, as it could read the disk; that takes a separate process and account.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from typing import Any
from weakref import WeakKeyDictionary

from django.apps import AppConfig
from django.core.exceptions import ImproperlyConfigured
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from engagement.problems import Refused

READABLE = frozenset(
    {
        "privacy_release",
        "engagement_project",
        "engagement_charter",
        "engagement_phase",
        "engagement_round",
        "engagement_place",
        "engagement_user",
        "engagement_membership",
        "auth_group",
        "auth_permission",
        "auth_group_permissions",
        "engagement_user_groups",
        "engagement_user_user_permissions",
        "django_content_type",
        "django_migrations",
        "spatial_ref_sys",
        "geometry_columns",
    }
)
WRITABLE = frozenset(
    {
        "engagement_job",
        "engagement_workerheartbeat",
        "engagement_liveevent",
        "engagement_logentry",
        "django_session",
        "django_tasks_database_dbtaskresult",
    }
)
WRITABLE_PREFIXES = ("scenarios_", "ar_scenes_")


class RawDataRefused(Refused):
    """Planning code asked for a table outside the allow-list. ``table`` names it."""

    status = 403
    code = "raw-data-refused"
    title = _("Planning reads releases only.")

    def __init__(self, table: str) -> None:
        super().__init__(
            _("Planning code asked the database for “%(table)s”, which is not on its allow-list.") % {"table": table},
            table=table,
        )
        self.table = table


def may_read(table: str) -> bool:
    return table in READABLE or may_write(table)


def may_write(table: str) -> bool:
    return table in WRITABLE or table.startswith(WRITABLE_PREFIXES)


@contextmanager
def planning_only() -> Iterator[None]:
    """Refuse raw tables on every database connection of this thread until the block ends.

    May be nested; is lifted on every way out; survives a reconnection. Does not hold a transaction open by itself, so a
    long run can report its progress.

    Raises:
        RawDataRefused: at the first statement that touches a table outside the allow-list.
    """
    with ExitStack() as stack:
        for alias in connections:
            stack.enter_context(_walled(connections[alias]))
        yield


def is_planning(connection: BaseDatabaseWrapper | None = None) -> bool:
    """Whether the connection (default: the main one) is inside ``planning_only()``."""
    return (connection or connections[DEFAULT_DB_ALIAS]) in _walls


class _Wall:
    """The state of one connection inside the block."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        self.main = connection.alias == DEFAULT_DB_ALIAS  # of any other database, planning sees nothing at all
        self.refused = ""

    def translate(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        """Execute wrapper: turn the database's refusal into one that names the table."""
        self.refused = ""
        try:
            return execute(sql, params, many, context)
        except DatabaseError as error:
            if table := self.refused or _denied_by_postgres(error):
                raise RawDataRefused(table) from error
            raise

    def authorise(self, action: int, first: str | None, second: str | None, *_rest: str | None) -> int:
        """SQLite's authorizer: ``first`` is the table for the actions that touch one."""
        if self._allows(action, first or "", second or ""):
            return sqlite3.SQLITE_OK
        self.refused = first or f"action {action}"
        return sqlite3.SQLITE_DENY

    def _allows(self, action: int, first: str, second: str) -> bool:
        if action in _HARMLESS:
            return True
        if action == sqlite3.SQLITE_FUNCTION:
            return second not in {"load_extension", "eval"}
        if action == sqlite3.SQLITE_PRAGMA:
            return first in _HARMLESS_PRAGMAS
        table = _owner(first)
        if action == sqlite3.SQLITE_READ:
            return self.main and (may_read(table) or table in _CATALOGUE)
        return self.main and action in _WRITES and (may_write(table) or table in _BOOKKEEPING)


_walls: WeakKeyDictionary[BaseDatabaseWrapper, _Wall] = WeakKeyDictionary()
SQLITE_RECURSIVE = 33  # not named by the sqlite3 module
_HARMLESS = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_TRANSACTION, sqlite3.SQLITE_SAVEPOINT, SQLITE_RECURSIVE})
_HARMLESS_PRAGMAS = frozenset({"foreign_keys", "foreign_key_check", "defer_foreign_keys", "table_info", "data_version"})
_WRITES = frozenset({sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE})
_CATALOGUE = frozenset(
    {"sqlite_master", "sqlite_schema", "sqlite_sequence", "json_each", "json_tree", "geometry_columns_auth",
     "geometry_columns_time", "geometry_columns_statistics", "geometry_columns_field_infos", "spatial_ref_sys_aux"}
)  # fmt: skip
# SpatiaLite's triggers note when a geometry column last changed.
_BOOKKEEPING = frozenset(
    {"sqlite_sequence", "geometry_columns_time", "geometry_columns_statistics", "geometry_columns_field_infos"}
)


def _owner(table: str) -> str:
    """The table itself; for SpatiaLite's index tables ``idx_<table>_<column>_node`` something that starts with it."""
    indexed = table.removeprefix("idx_")
    return indexed if indexed != table and indexed.startswith(WRITABLE_PREFIXES) else table


@contextmanager
def _walled(connection: BaseDatabaseWrapper) -> Iterator[None]:
    if connection in _walls:
        yield
        return
    wall = _walls[connection] = _Wall(connection)
    try:
        with connection.execute_wrapper(wall.translate), _doors[connection.vendor](connection, wall):
            yield
    finally:
        _walls.pop(connection, None)


@contextmanager
def _sqlite_door(connection: BaseDatabaseWrapper, wall: _Wall) -> Iterator[None]:
    # As on PostGIS, a refusal inside a transaction undoes what was done since the block began.
    scope = transaction.atomic(using=connection.alias) if connection.in_atomic_block else nullcontext()
    _close_sqlite(connection, wall)
    try:
        with scope:
            yield
    finally:
        if connection.connection is not None:
            connection.connection.set_authorizer(None)


def _close_sqlite(connection: BaseDatabaseWrapper, wall: _Wall) -> None:
    if connection.connection is not None:
        connection.connection.set_authorizer(wall.authorise)  # also expires statements compiled before


@contextmanager
def _postgres_door(connection: BaseDatabaseWrapper, wall: _Wall) -> Iterator[None]:
    """Inside a transaction ``SET LOCAL ROLE``, which a rollback undoes too; outside of one for the session."""
    if connection.in_atomic_block:
        with transaction.atomic(using=connection.alias):
            _set_role(connection, "SET LOCAL ROLE", role_name(connection))
            yield
            if not connection.needs_rollback:
                _set_role(connection, "SET LOCAL ROLE", None)
        return
    if connection.alias != DEFAULT_DB_ALIAS:
        connection.close()  # planning has nothing to do there; opened again, it starts behind the wall
    elif connection.connection is not None:
        _set_role(connection, "SET ROLE", role_name(connection))
    try:
        yield
    finally:
        if connection.connection is not None and not connection.connection.closed:
            _set_role(connection, "SET ROLE", None)


def _set_role(connection: BaseDatabaseWrapper, verb: str, role: str | None) -> None:
    name = connection.ops.quote_name(role) if role else "NONE"
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"{verb} {name}")
    except (DatabaseError, RawDataRefused) as error:
        raise ImproperlyConfigured(
            f"The database role {role} is missing or not granted. Run: bin/manage migrate"
        ) from error


_doors: dict[str, Callable[[BaseDatabaseWrapper, _Wall], Any]] = {
    "sqlite": _sqlite_door,
    "postgresql": _postgres_door,
}


def close_again(connection: BaseDatabaseWrapper, **_signal: object) -> None:
    """A connection that is opened inside the block starts behind the wall."""
    wall = _walls.get(connection)
    if wall is None:
        return
    if connection.vendor == "sqlite":
        _close_sqlite(connection, wall)
    else:
        _set_role(connection, "SET ROLE", role_name(connection))


def _denied_by_postgres(error: DatabaseError) -> str:
    """The table in “permission denied for table x”, or "" when the error is another one."""
    cause = error.__cause__
    if getattr(cause, "sqlstate", "") != "42501":  # insufficient_privilege
        return ""
    found = re.findall(r"[\w.]+", str(cause).splitlines()[0])
    return str(found[-1]) if found else "a raw table"


def role_name(connection: BaseDatabaseWrapper) -> str:
    """One role per database: roles belong to the whole cluster, and two sites in it must not share one."""
    return f"{connection.settings_dict['NAME']}_planner"[:63]


def grant_after_migrating(*, using: str, **_signal: object) -> None:
    """Make the role where it is missing and compute its grants again from the allow-list (PostGIS only)."""
    connection = connections[using]
    if connection.vendor != "postgresql":
        return
    quote = connection.ops.quote_name
    role = quote(role_name(connection))
    tables = set(connection.introspection.table_names(include_views=True)) if using == DEFAULT_DB_ALIAS else set()
    readable = ", ".join(quote(table) for table in sorted(tables) if may_read(table))
    writable = [table for table in sorted(tables) if may_write(table)]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role_name(connection)])
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE ROLE {role} NOLOGIN")
            cursor.execute(f"GRANT {role} TO CURRENT_USER")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
        if readable:
            cursor.execute(f"GRANT SELECT ON {readable} TO {role}")
        for table in writable:
            cursor.execute(f"GRANT INSERT, UPDATE, DELETE ON {quote(table)} TO {role}")
        for sequence in _sequences(connection, writable):
            cursor.execute(f"GRANT USAGE ON SEQUENCE {quote(sequence)} TO {role}")


def _sequences(connection: BaseDatabaseWrapper, tables: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        found = [connection.introspection.get_sequences(cursor, table) for table in tables]
    return sorted({row["name"] for rows in found for row in rows if row["name"]})


def connect_signals(sender: AppConfig) -> None:
    """Called once when the site starts."""
    connection_created.connect(close_again, dispatch_uid="privacy.close_again")
    post_migrate.connect(grant_after_migrating, sender=sender, dispatch_uid="privacy.grant_after_migrating")
