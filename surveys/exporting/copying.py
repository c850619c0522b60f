"""Raw answers given to an officer as a file: with a purpose, written down, and called back when somebody withdraws."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from engagement import audit, jobs
from engagement.erasing import Erased
from engagement.jobs import Progress
from engagement.models import Job, Round, User
from engagement.problems import Refused
from surveys.copy_models import CopyErasure, RawCopy
from surveys.exporting.files import SUFFIXES, WRITERS
from surveys.exporting.tables import Record, records, tables
from surveys.models import Response

FILE_KEPT = timedelta(days=1)
SHORTEST_PURPOSE = 10


class NoPurpose(Refused):
    status = 422
    code = "no-purpose"
    title = gettext_lazy("Say what you need the raw answers for.")


class FileGone(Refused):
    status = 410
    code = "copy-gone"
    title = gettext_lazy("This file is no longer here.")


@transaction.atomic
def request_copy(officer: User, round: Round, format: str, purpose: str) -> RawCopy:
    """Let the worker write a file; who, when, which round and what for are kept and logged.

    Raises:
        NoPurpose: fewer than ten characters.
    """
    if len(purpose.strip()) < SHORTEST_PURPOSE:
        raise NoPurpose(_("One sentence is enough: which question do these rows answer, and who will see them?"))
    copy = RawCopy.objects.create(round=round, holder=officer, format=RawCopy.Format(format), purpose=purpose.strip())
    audit.record(officer, "answers.exported", f"round:{round.pk}", {"copy": copy.pk, "format": format})
    job = jobs.enqueue(
        make_copy, str(copy.pk), ref=f"copy:{copy.pk}", project=round.project, label=str(copy.get_format_display())
    )
    copy.job_id = job.pk
    copy.save(update_fields=["job_id"])
    return copy


@jobs.job("surveys.copy")
def make_copy(progress: Progress, copy_id: str) -> None:
    """Write the file under another name, then move it: a half-written one is never handed out. Repeatable."""
    copy = RawCopy.objects.select_related("round").get(pk=copy_id)
    out = file_of(copy)
    out.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = out.with_name(f"draft-{out.name}")
    draft.unlink(missing_ok=True)
    total = Response.objects.valid().filter(round=copy.round).count()
    counted = write(copy.round, copy.format, draft, _reported(progress, total))
    with transaction.atomic():
        # An erasure that came meanwhile waits for us, then finds the file and removes it.
        locked = RawCopy.objects.select_for_update().get(pk=copy.pk)
        locked.rows, locked.size_bytes = counted, draft.stat().st_size
        locked.save(update_fields=["rows", "size_bytes"])
        draft.replace(out)


class _reported:  # noqa: N801 - reads as a verb where it is used
    """Passes records on and tells the progress."""

    def __init__(self, progress: Progress, total: int) -> None:
        self.progress, self.total = progress, total

    def __call__(self, read: Iterable[Record]) -> Iterator[Record]:
        for place, record in enumerate(read, start=1):
            yield record
            if place % 500 == 0:
                self.progress(place / max(self.total, 1))


def write(round: Round, format: str, out: Path, watched: _reported | None = None) -> int:
    """All responses of a round into a new file; returns how many."""
    form = round.survey_opening.version.content
    counted = 0

    def read() -> Iterator[Record]:
        nonlocal counted
        for record in records(round, form):
            counted += 1
            yield record

    WRITERS[format](out, form, tables(form), watched(read()) if watched else read())
    return counted


def file_of(copy: RawCopy) -> Path:
    name = f"{copy.round.survey_slug}-{copy.made_at:%Y%m%d}-{copy.pk}{SUFFIXES[copy.format]}"
    return Path(settings.DATA_DIR) / "copies" / name


def opened(copy: RawCopy) -> Path:
    """The file, for its holder.

    Raises:
        FileGone: not ready, or gone after a day or a withdrawal.
    """
    file = file_of(copy)
    if not file.is_file():
        raise FileGone(_("Files are kept for a day, and go at once when somebody withdraws. Make a new one."))
    return file


def note_for_holders(erased: Erased) -> list[str]:
    """Write down for every holder of a copy which row must go; take the file away from here. See engagement.erasing."""
    copies = list(RawCopy.objects.filter(round=erased.round).select_related("round")) if erased.round else []
    # Also for one that is being written: it may have read the row already.
    CopyErasure.objects.bulk_create(
        [CopyErasure(copy=copy, ref=erased.ref, why=erased.why) for copy in copies], ignore_conflicts=True
    )
    for copy in copies:
        transaction.on_commit(partial(file_of(copy).unlink, missing_ok=True))
    if not copies:
        return []
    count = len({copy.holder_id for copy in copies})
    sentence = ngettext(
        "%(count)d person who holds a copy was told to delete your row there, too.",
        "%(count)d people who hold copies were told to delete your row there, too.",
        count,
    )
    return [sentence % {"count": count}]


@transaction.atomic
def confirm_erased(copy: RawCopy, officer: User) -> int:
    """The holder says that the rows are gone from the copy; returns how many."""
    done = copy.open_erasures.update(done_on=timezone.localdate())
    if done:
        audit.record(officer, "copy.rows-deleted", f"copy:{copy.pk}", {"rows": done})
    return done


def remove_old_files() -> dict[str, int]:
    """Files whose day is over."""
    old = RawCopy.objects.filter(made_at__lt=timezone.now() - FILE_KEPT).select_related("round")
    present = [file for file in map(file_of, old) if file.is_file()]
    for file in present:
        file.unlink(missing_ok=True)
    return {"files": len(present)}


def job_of(copy: RawCopy) -> Job | None:
    return Job.objects.filter(pk=copy.job_id).first() if copy.job_id else None
