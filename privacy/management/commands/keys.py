"""The signing key and the keys of rounds."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from engagement import audit
from privacy import erasure, signing


class Command(BaseCommand):
    help = (
        "init: make the signing key if there is none. rotate: retire it and make a new one; old certificates stay valid. "
        "list: the public keys. destroy: destroy the keys and frozen answers of rounds whose announced day has come. "
        "Safe to repeat."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("what", choices=["init", "rotate", "list", "destroy"])

    def handle(self, *args: Any, what: str, **options: Any) -> None:
        getattr(self, what)()

    def init(self) -> None:
        key = signing.make_key(settings.DATA_DIR, timezone.localdate())
        self.stdout.write(f"Releases are signed with key {key.kid}, made on {key.made_on}.")

    def rotate(self) -> None:
        key = signing.rotate(settings.DATA_DIR, timezone.localdate())
        audit.record(None, "signing-key.rotated", f"key:{key.kid}")
        self.stdout.write(f"Releases are now signed with key {key.kid}. Older certificates stay valid.")

    def list(self) -> None:
        for key in signing.register(settings.DATA_DIR).values():
            state = f"retired {key.retired_on}" if key.retired_on else "in use"
            self.stdout.write(f"{key.kid}  made {key.made_on}  {state}")

    def destroy(self) -> None:
        rounds = erasure.end_due_rights()
        names = ", ".join(str(round) for round in rounds) or "none was due"
        self.stdout.write(f"Destroyed the keys of {len(rounds)} rounds: {names}.")
