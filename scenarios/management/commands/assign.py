"""``bin/manage assign NET.tntp TRIPS.tntp --gap 1e-6 --out FLOWS.csv [--close FROM-TO]``"""

from __future__ import annotations

import json
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from scenarios.assigning import assign_files
from sources.report import Unreadable


def _gap(word: str) -> float:
    try:
        gap = float(word)
    except ValueError:
        gap = 0.0
    if not 0 < gap < 1:
        raise ArgumentTypeError(f"{word!r} is no relative gap. Write a number between 0 and 1, for example 1e-6.")
    return gap


class Command(BaseCommand):
    help = (
        "Assign trips to a road network (TNTP files) at user equilibrium. Prints the certificate as JSON; "
        "writes volume and time of every link. Exits with 1 when the gap was not reached."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("network", type=Path, help="Network file, usually *_net.tntp.")
        parser.add_argument("trips", type=Path, help="Trip table, usually *_trips.tntp.")
        parser.add_argument("--gap", type=_gap, default=1e-6, help="Relative gap to reach (default 1e-6).")
        parser.add_argument("--out", type=Path, help="CSV file for the flows.")
        parser.add_argument(
            "--close",
            action="append",
            default=[],
            metavar="FROM-TO",
            help="Remove this link in this direction; may be repeated.",
        )
        parser.add_argument("--toll-factor", type=float, help="Time per unit of toll; default: what the file says.")
        parser.add_argument(
            "--distance-factor", type=float, help="Time per unit of length; default: what the file says."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        def report(gap: float) -> None:
            if options["verbosity"] > 1:
                self.stderr.write(f"gap {gap:.2e}")

        try:
            found = assign_files(
                options["network"],
                options["trips"],
                gap=options["gap"],
                close=options["close"],
                toll_factor=options["toll_factor"],
                distance_factor=options["distance_factor"],
                report=report,
            )
            if options["out"]:
                found.write_flows(options["out"])
        except (Unreadable, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(json.dumps(found.certificate(), indent=2))
        if not found.assignment.certificate.converged:
            reached = found.assignment.certificate.relative_gap
            raise CommandError(f"The gap {options['gap']:g} was not reached, only {reached:.3g}.")
