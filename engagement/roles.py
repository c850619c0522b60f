"""Who may do what: predicates that read like the rules of the process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from engagement.models import Membership, Project, User

if TYPE_CHECKING:
    from engagement.models.participation import ProjectQuerySet

Role = Membership.Role
TOPIC = "access."  # followed by a user's id: their open sockets ask again whether they may
CHANGED = "roles.changed"


def topic_of(user_id: int) -> str:
    return f"{TOPIC}{user_id}"


def memberships(user: object) -> QuerySet[Membership]:
    if isinstance(user, User) and user.is_authenticated and user.is_active:
        return Membership.objects.filter(user=user)
    return Membership.objects.none()


def has_role(user: object, project: Project | None, *roles: str) -> bool:
    """The person has one of the roles in the project, or in the whole site. Administrators have every role."""
    wanted = {*roles, Role.ADMINISTRATOR}
    here = Q(project__isnull=True) if project is None else Q(project__isnull=True) | Q(project=project)
    if isinstance(user, User) and user.is_superuser and user.is_active:
        return True
    return memberships(user).filter(here, role__in=wanted).exists()


def has_role_anywhere(user: object, *roles: str) -> bool:
    if isinstance(user, User) and user.is_superuser and user.is_active:
        return True
    return memberships(user).filter(role__in={*roles, Role.ADMINISTRATOR}).exists()


def held_anywhere(user: object) -> frozenset[str]:
    """Every role that the person holds in some project or in the whole site."""
    if isinstance(user, User) and user.is_superuser and user.is_active:
        return frozenset({Role.ADMINISTRATOR})
    return frozenset(memberships(user).values_list("role", flat=True))


def projects_of(user: object, *roles: str) -> ProjectQuerySet:
    """Projects in which the person has one of the roles."""
    if isinstance(user, User) and user.is_superuser and user.is_active:
        return Project.objects.all()
    held = memberships(user).filter(role__in={*roles, Role.ADMINISTRATOR})
    if held.filter(project__isnull=True).exists():
        return Project.objects.all()
    return Project.objects.filter(pk__in=held.values("project"))


def visible_projects(projects: ProjectQuerySet, user: object) -> ProjectQuerySet:
    team = projects_of(user, Role.OFFICER, Role.PLANNER, Role.TRAINER)
    return projects.filter(Q(published=True) | Q(pk__in=team.values("pk")))
