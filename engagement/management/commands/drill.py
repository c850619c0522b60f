"""Prove that the last thing one wants to try for the first time works: backup, empty host, restore, the same content."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from engagement.management.operations import backups, databases
from engagement.problems import Refused


class Command(BaseCommand):
    requires_system_checks = []  # a copy must be possible whatever else is broken
    help = "Back up this site while it runs, restore it into an empty place, compare every table, and clean up."

    def handle(self, *args: Any, **options: Any) -> None:
        if not all(databases.is_sqlite(alias) for alias in databases.aliases()):
            raise CommandError(
                "The drill makes an empty place by itself only for SQLite. On PostgreSQL: bin/manage backup, then set "
                "DATABASE_URL and CONTACTS_URL to two empty databases and run bin/manage restore FOLDER --verify."
            )
        started = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="loggia-drill-") as folder:
            try:
                made = backups.back_up(Path(folder) / "backups")
                manifest = backups.check(made)
            except (Refused, OSError) as error:
                raise CommandError(str(error)) from error
            backed_up = time.monotonic()
            said = self._restored(made, Path(folder) / "host")
        report = {
            "backup_s": round(backed_up - started, 1),
            "restore_s": round(time.monotonic() - backed_up, 1),
            "tables_equal": sum(len(entry["tables"]) for entry in manifest["databases"].values()),
            "files_equal": len(manifest["files"]),
            "said": said,
        }
        self.stdout.write(json.dumps(report, ensure_ascii=False))

    def _restored(self, made: Path, host: Path) -> str:
        """Restore in a process of its own whose data folder holds nothing but the keys, as on a new machine."""
        host.mkdir()
        if (settings.DATA_DIR / "keys").is_dir():
            shutil.copytree(settings.DATA_DIR / "keys", host / "keys")
        environment = {**os.environ, "LOGGIA_DATA_DIR": str(host)}
        words = [sys.executable, "manage.py", "restore", str(made), "--verify"]
        done = subprocess.run(
            words, cwd=settings.BASE_DIR, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise CommandError(f"The restore failed: {done.stderr.strip()[-800:]}")
        return done.stdout.strip()
