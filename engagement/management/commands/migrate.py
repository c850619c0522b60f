"""Django's own ``migrate``, for both databases at once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands.migrate import Command as DjangoCommand
from django.db import DEFAULT_DB_ALIAS, connections

from engagement.contacts.router import CONTACTS, LABEL


class Command(DjangoCommand):
    help = "Bring every database (answers, contacts) up to date. --database NAME: only that one."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database=None)

    def get_check_kwargs(self, options: Any) -> Any:
        aliases = self._aliases(options["database"], options["app_label"])
        return {**super().get_check_kwargs({**options, "database": aliases[0]}), "databases": aliases}

    def handle(self, *args: Any, **options: Any) -> None:
        for alias in self._aliases(options["database"], options["app_label"]):
            super().handle(*args, **{**options, "database": alias})

    @staticmethod
    def _aliases(named: str | None, app_label: str | None) -> list[str]:
        if named:
            return [named]
        if app_label:
            return [CONTACTS if app_label == LABEL else DEFAULT_DB_ALIAS]
        return list(connections)
