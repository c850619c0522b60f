"""``import_scene FILE --scene SLUG``"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ar_scenes.scenes import import_file
from engagement.problems import Refused


class Command(BaseCommand):
    help = "Import a scene from a file (OpenStreetMap PBF or XML). Safe to run again: the scene is renewed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--scene", required=True, metavar="SLUG")
        parser.add_argument("--title", default="", help="Shown to people, in English.")
        parser.add_argument("--report", action="store_true", help="Print every line of the readiness report to stderr.")

    def handle(self, *args: Any, file: Path, scene: str, title: str, report: bool, **options: Any) -> None:
        self.stderr.write(f"Reading {file.name} …")
        try:
            found = import_file(file, scene, title={"en": title} if title else None)
        except Refused as refused:
            raise CommandError(str(refused.detail)) from None
        sentences = found.report.sentences()
        for sentence in sentences if report else sentences[:1]:
            self.stderr.write(sentence)
        left = sum(len(f.ids) for f in found.report.findings if f.outcome == "refused")
        self.stdout.write(
            f"Imported {found.features} features and {found.names} names into scene {scene}; "
            f"{left} refused, {len(sentences) - 1} lines in the report. Next: build_tiles --scene {scene}"
        )
