"""Forms becoming versions of surveys."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement import audit
from engagement.models import Project, User
from engagement.problems import Refused
from surveys.ir import Form, as_json
from surveys.models import Survey, SurveyVersion
from surveys.xlsform.reading import read


class SlugTaken(Refused):
    status = 409
    code = "slug-taken"
    title = gettext_lazy("Another project has a survey of this name.")


@dataclass(frozen=True)
class Uploaded:
    """The version, whether it is new, and what its author should know."""

    version: SurveyVersion
    created: bool
    notices: tuple[str, ...]


def upload(officer: User | None, project: Project, data: bytes, *, slug: str = "") -> Uploaded:
    """Take an XLSForm in as a new version of the project's survey ``slug`` (default: the form's id).

    Uploading the same form again gives the version that is already there.

    Raises:
        FormRefused: with sheet, row, column and reason.
        SlugTaken: the name belongs to another project.
    """
    imported = read(data)
    version, created = store(officer, project, imported.form, slug=slug)
    return Uploaded(version, created, imported.notices)


@transaction.atomic
def store(officer: User | None, project: Project, form: Form, *, slug: str = "") -> tuple[SurveyVersion, bool]:
    slug = slug or slugify(form.form_id)[:50] or project.slug
    survey, _new = Survey.objects.select_for_update().get_or_create(slug=slug, defaults={"project": project})
    if survey.project_id != project.pk:
        raise SlugTaken(_("Choose another name than “%(slug)s”.") % {"slug": slug})
    survey.title = dict(form.title)
    survey.save(update_fields=["title"])
    known = survey.versions.filter(hash=form.hash).first()
    if known is not None:
        return known, False
    number = (survey.versions.values_list("number", flat=True).order_by("-number").first() or 0) + 1
    version = SurveyVersion.objects.create(survey=survey, number=number, form=as_json(form), hash=form.hash)
    audit.record(officer, "survey.uploaded", f"survey:{survey.slug}", {"version": number, "hash": form.hash})
    return version, True
