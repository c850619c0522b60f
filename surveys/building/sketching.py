"""Forms in the making, kept: every step saved at once, taken back, told apart when two officers work, made a version."""

from __future__ import annotations

from collections.abc import Callable

from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement import audit
from engagement.models import Project, User
from engagement.problems import Refused
from surveys import versions
from surveys.building.linting import lint
from surveys.ir import Form, as_json, from_json
from surveys.models import Survey, SurveyVersion
from surveys.sketch_models import Sketch

MOST_STEPS_BACK = 40


class EditedMeanwhile(Refused):
    """Somebody else saved since this page was opened. Nothing of either is lost."""

    status = 409
    code = "edited-meanwhile"
    title = gettext_lazy("Somebody else changed this form meanwhile.")


class NotReady(Refused):
    """The form has faults that would stop residents."""

    status = 409
    code = "form-not-ready"
    title = gettext_lazy("This form cannot be asked yet.")


class SlugInUse(Refused):
    status = 409
    code = "slug-in-use"
    title = gettext_lazy("Another survey has this short name.")


@transaction.atomic
def begin(officer: User, project: Project, form: Form, *, slug: str = "") -> Sketch:
    """A new sketch of a survey of this project.

    Raises:
        SlugInUse: the short name belongs to another form in the making, or to another project's survey.
    """
    slug = slugify(slug)[:50] or slugify(form.form_id)[:50]
    other = Survey.objects.filter(slug=slug).exclude(project=project).exists()
    if other or Sketch.objects.filter(slug=slug).exists():
        raise SlugInUse(_("Choose another name than “%(slug)s”.") % {"slug": slug})
    return Sketch.objects.create(project=project, slug=slug, form=as_json(form), edited_by=officer)


@transaction.atomic
def change(sketch: Sketch, revision: int, officer: User, step: Callable[[Form], Form]) -> Sketch:
    """Carry out one step on the form as its author saw it. A step that changes nothing makes no revision.

    Raises:
        EditedMeanwhile: it is not the form that the author saw.
    """
    locked = _locked(sketch, revision)
    stored = as_json(step(locked.content))
    if stored == locked.form:
        return locked
    locked.before = [*locked.before, locked.form][-MOST_STEPS_BACK:]
    return _saved(locked, stored, officer)


@transaction.atomic
def undo(sketch: Sketch, revision: int, officer: User) -> Sketch:
    """The form before the last step; nothing happens when there was none. Raises EditedMeanwhile."""
    locked = _locked(sketch, revision)
    if not locked.before:
        return locked
    *earlier, last = locked.before
    locked.before = earlier
    return _saved(locked, last, officer)


@transaction.atomic
def keep(officer: User, sketch: Sketch) -> SurveyVersion:
    """Make the form a version of its survey, which never changes after that; the sketch stays for the next one.

    Raises:
        NotReady: with what keeps it from being asked.
        SlugTaken: another project has a survey of this name.
    """
    form = from_json(sketch.form)
    if grave := [remark for remark in lint(form) if remark.grave]:
        raise NotReady(" ".join(f"{remark.path}: {remark.text}" if remark.path else remark.text for remark in grave))
    version, _created = versions.store(officer, sketch.project, form, slug=sketch.slug)
    return version


def discard(officer: User, sketch: Sketch) -> None:
    audit.record(officer, "sketch.discarded", f"sketch:{sketch.slug}")
    sketch.delete()


def _locked(sketch: Sketch, revision: int) -> Sketch:
    locked = Sketch.objects.select_for_update().get(pk=sketch.pk)
    if locked.revision != revision:
        who = str(locked.edited_by or _("Somebody"))
        when = f"{timezone.localtime(locked.edited_at):%H:%M}"
        told = _("%(who)s saved another version at %(when)s. Yours is not lost: look at both and save again.")
        raise EditedMeanwhile(told % {"who": who, "when": when})
    return locked


def _saved(sketch: Sketch, form: dict[str, object], officer: User) -> Sketch:
    sketch.form, sketch.revision = form, sketch.revision + 1
    sketch.edited_at, sketch.edited_by = timezone.now(), officer
    sketch.save()
    return sketch
