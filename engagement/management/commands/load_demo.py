"""A city in a command: the real centre of Helsinki with simulated people and sensors, and a small town."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from engagement.management.demo import helsinki, people, projects, residents

EXTRACT = Path(settings.BASE_DIR) / "build" / "demo" / "Helsinki.osm.pbf"
SEED = 1653  # the year of the first bridge


class Command(BaseCommand):
    help = "Load the demo city. Safe to run again: what is there stays."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--extract", type=Path, default=EXTRACT, help="OSM extract of the centre of Helsinki (PBF)."
        )
        parser.add_argument(
            "--no-run", action="store_true", help="Ask the what-ifs, but leave computing to the visitor."
        )
        parser.add_argument("--responses", type=int, default=400, help="Simulated responses about the bridge.")

    def handle(self, *args: Any, extract: Path, responses: int, no_run: bool, **options: Any) -> None:
        if not settings.LOGGIA_DEMO:
            raise CommandError("load_demo makes accounts with a printed password. Set LOGGIA_DEMO=1 on a trial site.")
        if not extract.is_file():
            raise CommandError(f"The map extract {extract} is missing. Run bin/setup --demo.")
        self.started = time.monotonic()
        cast = people.load()
        bridge = projects.load(projects.PITKASILTA)
        helsinki.load_place(bridge, extract, self.say)
        residents.load(
            bridge, cast["officer"], count=responses, seed=SEED, is_over=False, say=self.say,
            population="Everybody who crosses or lives near Pitkäsilta",
        )  # fmt: skip
        helsinki.load_sensors(bridge, cast["volunteer"], cast["officer"], SEED, self.say)
        helsinki.load_scenarios(bridge, extract, cast["planner"], self.say, compute=not no_run)
        village = projects.load(projects.KIRKONKYLA)
        residents.load(
            village, cast["officer"], count=60, seed=SEED + 1, is_over=True, say=self.say,
            population="Residents of the church village",
        )  # fmt: skip
        self.stdout.write(f"The demo city is loaded ({time.monotonic() - self.started:.0f} s).")

    def say(self, what: str) -> None:
        self.stderr.write(f"  {time.monotonic() - self.started:5.1f} s  {what}")
