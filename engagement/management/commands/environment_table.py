"""Write the table of environment variables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from engagement.management.operations.environment_table import table


class Command(BaseCommand):
    help = "Write docs/reference/environment.md from the settings."

    def handle(self, *args: Any, **options: Any) -> None:
        base = Path(settings.BASE_DIR)
        target = base / "docs" / "reference" / "environment.md"
        target.write_text(table(base / "engagement" / "settings.py"), encoding="utf-8")
        self.stdout.write(str(target.relative_to(base)))
