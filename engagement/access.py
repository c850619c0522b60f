"""One access function per kind of object: a view never fetches a project, job or queue item in another way."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from engagement import roles
from engagement.models import Appeal, Job, Project, QueueItem, User
from engagement.roles import Role

View = Callable[..., HttpResponseBase]
MFA_ROLES = (Role.OFFICER, Role.PLANNER, Role.ADMINISTRATOR)


def project_for(user: object, slug: str) -> Project:
    """The project if the person may see it; otherwise it looks absent."""
    project = Project.objects.visible_to(user).select_related("charter").filter(slug=slug).first()
    if project is None:
        raise Http404
    return project


def project_with_role(user: object, slug: str, *wanted: str) -> Project:
    """The project if the person has one of the roles in it. Absent to outsiders, forbidden to the rest of the team."""
    project = project_for(user, slug)
    if not roles.has_role(user, project, *wanted):
        raise PermissionDenied
    return project


def officer_project(user: object, slug: str) -> Project:
    return project_with_role(user, slug, Role.OFFICER)


def queue_item_for(user: object, item_id: UUID) -> QueueItem:
    """A moderated item of a project in which the person is an officer."""
    mine = roles.projects_of(user, Role.OFFICER)
    item = QueueItem.objects.filter(project__in=mine, pk=item_id).select_related("project").first()
    if item is None:
        raise Http404
    return item


def appeal_for(user: object, appeal_id: int) -> Appeal:
    """A request for a second look, in a project in which the person is an officer."""
    mine = roles.projects_of(user, Role.OFFICER)
    appeal = Appeal.objects.filter(ruling__item__project__in=mine, pk=appeal_id).select_related("ruling__item").first()
    if appeal is None:
        raise Http404
    return appeal


def job_for(user: object, job_id: UUID) -> Job:
    """A job of a project of one's team; a job without a project is for administrators."""
    job = Job.objects.filter(pk=job_id).select_related("project").first()
    if job is None or not roles.has_role(user, job.project, Role.OFFICER, Role.PLANNER):
        raise Http404
    return job


def signed_in(request: HttpRequest) -> User:
    """The person behind a request that a role guard let through, as our own type."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def has_second_factor(user: object) -> bool:
    from allauth.mfa.utils import is_mfa_enabled

    return isinstance(user, User) and bool(is_mfa_enabled(user))


def lacks_second_factor(user: object) -> bool:
    """Officers, planners and administrators show a second factor where the site asks for one."""
    if not settings.LOGGIA_REQUIRE_MFA or not roles.has_role_anywhere(user, *MFA_ROLES):
        return False
    return not has_second_factor(user)


def works_as(user: object, *wanted: str) -> bool:
    """The person has one of the roles somewhere, and the second factor that the role asks for."""
    return roles.has_role_anywhere(user, *wanted) and not lacks_second_factor(user)


def require_role(*wanted: str) -> Callable[[View], View]:
    """Only people with one of the roles somewhere; officers and planners with a second factor where it is required."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not roles.has_role_anywhere(request.user, *wanted):
                raise PermissionDenied
            if lacks_second_factor(request.user):
                return redirect("mfa_index")
            return view(request, *args, **kwargs)

        return guarded

    return decorate


class RolePermission(BasePermission):
    """DRF: ``permission_classes = [RolePermission]`` and ``roles = ("officer",)`` on the view."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return works_as(request.user, *view.roles)
