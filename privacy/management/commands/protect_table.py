"""A release of any table, without the rest of the site."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from engagement.problems import Refused
from privacy import protecting


class Command(BaseCommand):
    help = (
        "Protect a CSV by a policy: totals with noise (release.json), a file of records (records.csv), certificates and "
        "a report. Needs no database. A ledger in the data folder remembers the table: the same policy gives the same files "
        "again, another one pays from what is left, and there is one file of records."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("table", type=Path, help="CSV with a header, one row per unit.")
        parser.add_argument("--policy", type=Path, required=True, help="What to protect and how (JSON).")
        parser.add_argument("--out", type=Path, required=True, help="Folder for the result; made if it is missing.")

    def handle(self, *args: Any, table: Path, policy: Path, out: Path, **options: Any) -> None:
        try:
            wish = protecting.read_policy(policy)
            said = protecting.protect(
                protecting.read_csv(table), wish, out, settings.DATA_DIR, timezone.localdate(), table.stem
            )
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"A file cannot be read: {error}") from None
        except Refused as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write("\n".join(said))
        self.stdout.write(f"Written to {out}.")
