"""One access function per kind of object: what a person may not see looks absent."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from django.http import Http404

from engagement import roles
from engagement.access import project_with_role
from engagement.roles import Role
from scenarios.models import Decision, Network, Run, Scenario

PLANNERS: Final = (Role.PLANNER, Role.OFFICER)


def scenario_for(user: object, scenario_id: int) -> Scenario:
    """A published what-if, or one of a project in which the person plans or decides."""
    visible = Scenario.objects.visible_to(user).select_related("project", "network")
    scenario = visible.filter(pk=scenario_id).first()
    if scenario is None:
        raise Http404
    return scenario


def own_scenario(user: object, scenario_id: int) -> Scenario:
    """A what-if of a project in which the person plans or decides; forbidden where one may only look."""
    scenario = scenario_for(user, scenario_id)
    project_with_role(user, scenario.project.slug, *PLANNERS)
    return scenario


def finished_run(scenario: Scenario, digest: str = "") -> Run:
    """The run of this name, or the newest one; absent while it has no results."""
    run = scenario.runs.filter(pk=digest, finished_at__isnull=False).first() if digest else scenario.latest_run
    if run is None:
        raise Http404
    return run


def own_network(user: object, network_id: int) -> Network:
    mine = roles.projects_of(user, *PLANNERS)
    network = Network.objects.filter(pk=network_id, project__in=mine).select_related("project").first()
    if network is None:
        raise Http404
    return network


def decision_for(user: object, decision_id: UUID) -> Decision:
    """A published decision, or one that is the person's to write."""
    visible = Decision.objects.visible_to(user).select_related("project").prefetch_related("runs__scenario")
    decision = visible.filter(pk=decision_id).first()
    if decision is None:
        raise Http404
    return decision


def own_decision(user: object, decision_id: UUID) -> Decision:
    mine = roles.projects_of(user, Role.OFFICER)
    decision = Decision.objects.filter(project__in=mine, pk=decision_id).select_related("project").first()
    if decision is None:
        raise Http404
    return decision
