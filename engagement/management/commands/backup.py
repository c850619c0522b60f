"""Copy the site's data while it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from engagement.management.operations import backups
from engagement.problems import Refused


class Command(BaseCommand):
    requires_system_checks = []  # a copy must be possible whatever else is broken
    help = "Copy databases and files while the site runs. keys/ is left out: copy it once, by hand, to another place."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--to", type=Path, default=settings.DATA_DIR / "backups", help="A folder, best on another machine."
        )

    def handle(self, *args: Any, to: Path, **options: Any) -> None:
        try:
            made = backups.back_up(to)
        except (Refused, OSError) as error:
            raise CommandError(str(error)) from error
        manifest = backups.check(made)
        self.stdout.write(str(made))
        self.stderr.write(
            f"{len(manifest['databases'])} databases and {len(manifest['files'])} files. keys/ is not in it: without that "
            "folder receipts cannot be opened, and what was withdrawn would come back."
        )
