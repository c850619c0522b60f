"""Contacts live in a database of their own, so that no query, join or backup brings addresses and answers together."""

from __future__ import annotations

from typing import Any

from django.db.models import Model

CONTACTS = "contacts"
LABEL = "contacts"


class ContactsRouter:
    """Models of this package go to the database ``contacts``, all others never do; no relation crosses."""

    def db_for_read(self, model: type[Model], **_hints: Any) -> str | None:
        return CONTACTS if model._meta.app_label == LABEL else None

    def db_for_write(self, model: type[Model], **_hints: Any) -> str | None:
        return CONTACTS if model._meta.app_label == LABEL else None

    def allow_relation(self, first: Model, second: Model, **_hints: Any) -> bool | None:
        here = {first._meta.app_label == LABEL, second._meta.app_label == LABEL}
        return False if len(here) == 2 else None

    def allow_migrate(self, db: str, app_label: str, **_hints: Any) -> bool:
        return (app_label == LABEL) == (db == CONTACTS)
