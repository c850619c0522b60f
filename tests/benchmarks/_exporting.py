"""One deed of ``bin/bench export`` in a process of its own: ``fill``, a format, ``at-once`` or ``idle``; prints MB and seconds."""

from __future__ import annotations

import csv
import os
import random
import resource
import sys
import time
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "engagement.settings")
django.setup()

from django.core.management import call_command
from django.utils import timezone

from engagement.models import Project, Round
from surveys import opening, versions
from surveys.exporting import copying
from surveys.models import Response
from tests.benchmarks._ten_questions import some_answers, xlsform
from tests.benchmarks.export import RESPONSES

BATCH = 5_000


def fill() -> None:
    """Rows as ``accept`` stores them, laid down in bulk."""
    from tests.surveys.forms import form

    call_command("migrate", verbosity=0)
    project = Project.objects.create(slug="bench", title={"en": "Bench"}, languages=["en"])
    version, _new = versions.store(None, project, form(*xlsform()), slug="bench")
    now = timezone.now()
    plan = opening.Plan("Everybody", now - timedelta(days=1), now + timedelta(days=30), RESPONSES)
    round = opening.open_round(None, version, plan)
    chance = random.Random(5)
    for start in range(0, RESPONSES, BATCH):
        Response.objects.bulk_create(
            Response(
                id=UUID(int=chance.getrandbits(128), version=4), round=round, version=version,
                answers=some_answers(chance), pseudonym=f"{number:032x}", content_hash="", language="en",
            )
            for number in range(start, start + BATCH)
        )  # fmt: skip


def at_once(out: Path) -> None:
    rows = list(Response.objects.all())
    with out.open("w", newline="") as stream:
        csv.writer(stream).writerows([row.pk, *row.answers.values()] for row in rows)


def main(deed: str, out: Path) -> None:
    start = time.perf_counter()
    if deed == "fill":
        fill()
    elif deed == "at-once":
        at_once(out)
    elif deed == "idle":
        Round.objects.get()
    else:
        assert copying.write(Round.objects.get(), deed, out) == RESPONSES
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{peak_mb:.0f} {time.perf_counter() - start:.1f}")


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
