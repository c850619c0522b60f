"""The database itself keeps withdrawn responses out, whichever way one would come back in.

A trigger looks after each insertion. On PostGIS an insertion that waited for a withdrawal of the same response sees the
tombstone then, because every statement of a trigger looks anew. Triggers are made after every migration: rebuilding a
table on SQLite drops them.
"""

from __future__ import annotations

from typing import Any

from django.db import connections

# SHA256 is Django's function on its SQLite connections. Ids are stored there without hyphens.
SQLITE = (
    """
    CREATE TRIGGER IF NOT EXISTS withdrawn_responses_stay_gone AFTER INSERT ON surveys_response
    WHEN EXISTS (SELECT 1 FROM surveys_tombstone WHERE digest = SHA256('withdrawn response '
        || substr(NEW.id, 1, 8) || '-' || substr(NEW.id, 9, 4) || '-' || substr(NEW.id, 13, 4) || '-'
        || substr(NEW.id, 17, 4) || '-' || substr(NEW.id, 21)))
    BEGIN SELECT RAISE(ABORT, 'a withdrawn response stays gone'); END
    """,
)
POSTGRESQL = (
    """
    CREATE OR REPLACE FUNCTION refuse_withdrawn_response() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT 1 FROM surveys_tombstone
                   WHERE digest = encode(sha256(convert_to('withdrawn response ' || NEW.id::text, 'UTF8')), 'hex'))
        THEN RAISE EXCEPTION 'a withdrawn response stays gone' USING ERRCODE = 'check_violation';
        END IF;
        RETURN NULL;
    END $$
    """,
    "DROP TRIGGER IF EXISTS withdrawn_responses_stay_gone ON surveys_response",
    """
    CREATE TRIGGER withdrawn_responses_stay_gone AFTER INSERT ON surveys_response
    FOR EACH ROW EXECUTE FUNCTION refuse_withdrawn_response()
    """,
)


def make_triggers(using: str = "default", **_signal: Any) -> None:
    """Safe to repeat. Does nothing in a database that holds no responses."""
    connection = connections[using]
    with connection.cursor() as cursor:
        if "surveys_response" not in connection.introspection.table_names(cursor):
            return
        for statement in SQLITE if connection.vendor == "sqlite" else POSTGRESQL:
            cursor.execute(statement)
