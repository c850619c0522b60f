"""History of one box from a CSV file, by the same road as the file door."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.core.management.base import BaseCommand, CommandError, CommandParser

from sensors import backfilling, codes, keyring
from sensors.decoding import Unreadable
from sensors.kinds import csv
from sensors.models import Device


class Command(BaseCommand):
    help = "Store the readings of a CSV file, of any age, as those of one box. Safe to run again: what is there stays."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--device", required=True, help="The code of the box, eight characters.")
        parser.add_argument("--timezone", default="", help="Of times that name no zone, such as Europe/Helsinki.")

    def handle(self, *args: Any, file: Path, device: str, timezone: str, **options: Any) -> None:
        door = keyring.door_of(_device(device))
        try:
            lines = csv.text(file.read_bytes()).splitlines()
            report = backfilling.take(door, lines, backfilling.direct(), zone=_zone(timezone), any_age=True)
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
        except Unreadable as unreadable:
            raise CommandError(unreadable.refusal.sentence()) from None
        for refusal in report.refused:
            self.stderr.write(f"line {refusal.row}: {refusal.sentence()}" if refusal.row else refusal.sentence())
        self.stdout.write(
            f"{report.created} created, {report.duplicate} there already, "
            f"{report.conflict} in conflict, {report.rejected} rejected."
        )


def _device(written: str) -> Device:
    try:
        return Device.objects.get(code=codes.normalise(written))
    except (codes.BadCode, Device.DoesNotExist):
        raise CommandError(f"There is no box with the code {written}. It stands on the box's page.") from None


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CommandError(f"{name} is no time zone. Write one like Europe/Helsinki.") from None
