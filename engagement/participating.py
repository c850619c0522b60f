"""The process of a project: its charter, its phases, when it may open, and what has come of it so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement import audit, receipts, roles
from engagement.models import Charter, Membership, Phase, Project, Receipt, Round, User
from engagement.problems import Refused
from engagement.receipts import Outcome
from engagement.roles import Role

CHARTER_TEXTS = ("problem", "use_of_answers", "data_at_hand")
PROJECT_TEXTS = ("title", "summary", "place_name")

COUNT_STEP = 10


class NotReadyToOpen(Refused):
    status = 409
    code = "project-not-ready"
    title = gettext_lazy("This project cannot open yet.")


@dataclass(frozen=True, slots=True)
class Step:
    """One stage on the way from question to decision, dated or still without dates."""

    kind: str
    label: str
    state: str
    phase: Phase | None


def timeline(project: Project, today: date | None = None) -> list[Step]:
    """All four stages in their order; those without dates are still to come."""
    dated = {phase.kind: phase for phase in project.phases.all()}
    return [
        Step(kind.value, str(kind.label), dated[kind].state(today) if kind in dated else "next", dated.get(kind))
        for kind in Phase.Kind
    ]


def open_rounds(project: Project) -> QuerySet[Round]:
    """Rounds in which one can answer now."""
    now = timezone.now()
    return project.rounds.filter(opens_at__lte=now, closes_at__gt=now).order_by("closes_at")


def answers_received(project: Project) -> int:
    """How many answers came in, counted by receipts and rounded down to tens.

    The exact number is private: beside a noisy release it would tell whether one more person answered.
    """
    count = Receipt.objects.filter(project=project, round__isnull=False).count()
    return count - count % COUNT_STEP


def outcomes(project: Project) -> list[Outcome]:
    """What the project led to so far: the same list that every receipt of its rounds shows, each entry once."""
    rounds: list[Round | None] = list(project.rounds.all())
    seen: dict[tuple[str, str, str], Outcome] = {}
    for opened in rounds or [None]:
        # A receipt that nobody holds: outcomes depend on project and round alone.
        for outcome in receipts.outcomes(Receipt(project=project, round=opened)):
            seen.setdefault((outcome.kind, outcome.title, outcome.url), outcome)
    return sorted(seen.values(), key=lambda outcome: outcome.when)


def is_overdue(project: Project, today: date | None = None) -> bool:
    """The promised day has passed and nothing was decided. Listed publicly."""
    charter = charter_of(project)
    late = charter is not None and charter.decide_by < (today or timezone.localdate())
    return late and not any(outcome.kind == "decision" for outcome in outcomes(project))


def overdue(today: date | None = None) -> list[Project]:
    """Published projects whose promised day has passed without a decision, the longest overdue first."""
    past = Project.objects.published().filter(charter__decide_by__lt=today or timezone.localdate())
    late = past.select_related("charter").prefetch_related("rounds").order_by("charter__decide_by")
    return [project for project in late if is_overdue(project, today)]


def charter_of(project: Project) -> Charter | None:
    return Charter.objects.filter(project=project).first() if project.pk else None


@transaction.atomic
def save_project(officer: User, project: Project, charter: Charter, phases: Mapping[str, tuple[date, date]]) -> Project:
    """Store a project with its charter and dated phases, whole or not at all. Who makes one becomes its officer."""
    created = project.pk is None
    project.save()
    charter.project = project
    charter.save()
    project.phases.exclude(kind__in=phases).delete()
    for kind, (opens_on, closes_on) in phases.items():
        Phase.objects.update_or_create(
            project=project, kind=kind, defaults={"opens_on": opens_on, "closes_on": closes_on}
        )
    if created and not roles.has_role(officer, project, Role.OFFICER):
        Membership.objects.create(user=officer, project=project, role=Role.OFFICER)
    audit.record(officer, "project.created" if created else "project.changed", f"project:{project.slug}")
    return project


def missing(project: Project) -> list[str]:
    """What still keeps a project from opening, as sentences; empty when it may open."""
    charter = charter_of(project)
    said: list[tuple[Any, str]] = [
        (project.title, _("Write the question that people are asked.")),
        (charter and charter.problem, _("Say which problem is to be solved.")),
        (charter and charter.use_of_answers, _("Say what the answers may change.")),
        (charter and charter.decider.strip(), _("Name who decides.")),
        (charter and charter.decide_by > timezone.localdate(), _("Name a day in the future by which it is decided.")),
    ]
    return [sentence for given, sentence in said if not given]


@transaction.atomic
def publish(officer: User, project: Project) -> Project:
    """Open a project to the public. Raises NotReadyToOpen while it names no decider, day, problem or use of answers."""
    if reasons := missing(project):
        raise NotReadyToOpen(" ".join(reasons), reasons=reasons)
    if not project.published:
        project.published = True
        project.save(update_fields=["published"])
        audit.record(officer, "project.published", f"project:{project.slug}")
    return project


@transaction.atomic
def unpublish(officer: User, project: Project) -> Project:
    """Hide a project again; receipts and releases stay as they are."""
    if project.published:
        project.published = False
        project.save(update_fields=["published"])
        audit.record(officer, "project.hidden", f"project:{project.slug}")
    return project
