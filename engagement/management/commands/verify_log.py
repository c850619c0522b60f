"""Does the append-only log still hold?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from engagement import audit
from engagement.models import LogEntry


class Command(BaseCommand):
    help = "Check the hash chain of the log: a changed, moved or removed line is found and named."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--head",
            action="append",
            default=[],
            metavar="DAY=DIGEST",
            help="A head as it was published on that day; finds a log that was rewritten as a whole. Repeat as you like.",
        )

    def handle(self, *args: Any, head: list[str], **options: Any) -> None:
        broken = audit.first_broken()
        if broken is not None:
            raise CommandError(
                f"Entry {broken.pk} ({broken.at:%Y-%m-%d %H:%M} {broken.verb}) is not as it was written."
            )
        known = {one.day.isoformat(): one.digest for one in audit.heads()}
        for published in head:
            day, _equals, digest = published.partition("=")
            if known.get(day) != digest:
                raise CommandError(
                    f"The head of {day} was {digest or 'not given'}, the log now says {known.get(day, 'nothing')}."
                )
        entries = LogEntry.objects.count()
        newest = next(iter(sorted(known.items(), reverse=True)), ("", audit.FIRST))
        self.stdout.write(f"The log holds: {entries} entries, head {newest[1]} of {newest[0] or 'no day yet'}.")
