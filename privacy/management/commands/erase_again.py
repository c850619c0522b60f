"""After a restore: what was withdrawn or destroyed before stays so."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from privacy import erasure


class Command(BaseCommand):
    help = "Delete again what a restored backup brought back: withdrawn rows, destroyed keys. Safe to repeat."

    def handle(self, *args: Any, **options: Any) -> None:
        counts = erasure.erase_again()
        said = ", ".join(f"{what}: {count}" for what, count in counts.items())
        self.stdout.write(f"Erased again: {said or 'nothing had come back'}.")
