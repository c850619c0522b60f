"""Put a backup back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from engagement.management.operations import backups
from engagement.problems import Refused


class Command(BaseCommand):
    requires_system_checks = []  # a copy must be possible whatever else is broken
    help = "Put a backup back into this site. Stop server and worker first. What was withdrawn since then stays gone."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("backup", type=Path, help="The folder that bin/manage backup has printed.")
        parser.add_argument("--verify", action="store_true", help="Compare every table with the digest in the backup.")
        parser.add_argument("--force", action="store_true", help="Replace the data that is here.")

    def handle(self, *args: Any, backup: Path, verify: bool, force: bool, **options: Any) -> None:
        try:
            done = backups.restore(backup, verify=verify, force=force)
        except (Refused, OSError) as error:
            raise CommandError(str(error)) from error
        checked = "each table equals the backup" if done.verified else "not compared; say --verify"
        again = ", ".join(f"{count} {what}" for what, count in done.erased_again.items()) or "nothing"
        self.stdout.write(
            f"Restored {done.databases} databases, {done.tables} tables ({checked}) and {done.files} files. "
            f"Erased again: {again}."
        )
