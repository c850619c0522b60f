"""Start the site's server process."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from engagement.server import serve


class Command(BaseCommand):
    help = "Serve the site on one port. The worker is a process of its own: bin/manage worker."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--certificate", type=Path, help="PEM file, for https without a proxy in front.")
        parser.add_argument("--key", type=Path)
        parser.add_argument("--behind-proxy", action="store_true", help="Trust X-Forwarded-For and -Proto.")

    def handle(self, *args: Any, **options: Any) -> None:
        serve(
            host=options["host"],
            port=options["port"],
            certificate=options["certificate"],
            key=options["key"],
            behind_proxy=options["behind_proxy"],
        )
