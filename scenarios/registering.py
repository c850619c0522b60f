"""What planning adds to the registries of the core when the site starts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from engagement import desk, receipts, roles
from engagement.desk import DeskEntry
from engagement.models import Job
from engagement.roles import Role
from scenarios import decisions
from scenarios.models import Decision


def register() -> None:
    planners, officers = (Role.PLANNER, Role.OFFICER), (Role.OFFICER,)
    desk.register(DeskEntry("scenarios", _("What if"), "scenarios:desk", planners, runs_under_way, order=60))
    desk.register(
        DeskEntry("decisions", _("Decisions"), "scenarios:desk_decisions", officers, drafts_waiting, order=70)
    )
    receipts.register_outcome(decisions.outcomes_of)


def runs_under_way(user: object) -> int:
    """Runs of the person's projects that wait or compute."""
    mine = roles.projects_of(user, Role.PLANNER, Role.OFFICER)
    return Job.objects.filter(kind="scenarios.run", project__in=mine).exclude(state__in=Job.FINAL).count()


def drafts_waiting(user: object) -> int:
    """Decisions that are written and not published."""
    mine = roles.projects_of(user, Role.OFFICER)
    return Decision.objects.filter(project__in=mine, published_at__isnull=True).count()
