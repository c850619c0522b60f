"""XLSForm in and out from the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from engagement.models import Project
from engagement.problems import Refused
from surveys import versions
from surveys.ir import Form
from surveys.models import Survey
from surveys.xlsform.reading import Imported, read
from surveys.xlsform.refusals import FormRefused
from surveys.xlsform.writing import write


class Command(BaseCommand):
    help = "Read an XLSForm into a survey as its next version. Safe to run again: the same form is one version."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="an .xlsx or .xls file")
        parser.add_argument(
            "--survey", default="", help="short name of the survey; a new one joins the project of that name"
        )
        parser.add_argument("--project", default="", help="project of a new survey, if it is not named like the survey")
        parser.add_argument("--check", action="store_true", help="only report; nothing is stored")
        parser.add_argument("--export", type=Path, metavar="OUT.xlsx", help="write the form out again")

    def handle(self, *args: Any, file: Path, survey: str, project: str, check: bool, **options: Any) -> None:
        try:
            imported = read(file.read_bytes())
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
        except FormRefused as refused:
            raise CommandError("\n".join(["This form cannot be used as it is:", *map(str, refused.faults)])) from None
        self._report(imported)
        if out := options["export"]:
            self._export(imported.form, out)
        if not check:
            self._store(imported.form, survey, project or survey)

    def _report(self, imported: Imported) -> None:
        for notice in imported.notices:
            self.stderr.write(notice)
        form = imported.form
        languages = ", ".join(language.code for language in form.languages)
        self.stdout.write(f"{form.form_id}: {len(form.questions)} questions in {languages}, hash {form.hash[:16]}.")

    def _export(self, form: Form, out: Path) -> None:
        written = write(form)
        if read(written).form != form:
            raise CommandError("The exported form differs from the one that was read. Nothing was written.")
        out.write_bytes(written)
        self.stdout.write(f"Wrote {out}; reading it back gives an equal form.")

    def _store(self, form: Form, survey: str, project: str) -> None:
        known = Survey.objects.filter(slug=survey).select_related("project").first()
        owner = known.project if known else Project.objects.filter(slug=project).first()
        if owner is None:
            slugs = ", ".join(Project.objects.values_list("slug", flat=True)) or "none yet"
            raise CommandError(
                f"No project {project!r}. Known projects: {slugs}. Name one by --project, or use --check."
            )
        try:
            version, created = versions.store(None, owner, form, slug=survey)
        except Refused as refused:
            raise CommandError(str(refused)) from None
        word = "Stored" if created else "Known already:"
        self.stdout.write(f"{word} version {version.number} of survey {version.survey.slug}.")
