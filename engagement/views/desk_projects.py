"""Making, changing and opening a project."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engagement import access, participating, roles
from engagement.access import require_role, signed_in
from engagement.roles import Role
from engagement.views.forms import ProjectForm


@require_safe
@require_role(Role.OFFICER)
def projects(request: HttpRequest) -> HttpResponse:
    """``/desk/projects/``: the officer's projects and what each still needs."""
    mine = roles.projects_of(request.user, Role.OFFICER).select_related("charter")
    entries = [(project, participating.missing(project)) for project in mine]
    return render(request, "engagement/desk_projects.html", {"entries": entries})


@require_http_methods(["GET", "HEAD", "POST"])
@require_role(Role.OFFICER)
def new(request: HttpRequest) -> HttpResponse:
    """``/desk/projects/new/``: the charter by questions. Nothing is public until it is opened."""
    return _form(request, ProjectForm(request.POST or None))


@require_http_methods(["GET", "HEAD", "POST"])
@require_role(Role.OFFICER)
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    """``/desk/projects/<slug>/``"""
    project = access.officer_project(request.user, slug)
    return _form(request, ProjectForm(request.POST or None, project=project))


def _form(request: HttpRequest, form: ProjectForm) -> HttpResponse:
    if request.method == "POST" and form.is_valid():
        saved = form.save(signed_in(request))
        messages.success(request, _("Saved."))
        return redirect("engagement:desk_project", slug=saved.slug)
    project = form.project if form.project.pk else None
    context = {"form": form, "edited": project, "missing": participating.missing(project) if project else []}
    return render(request, "engagement/desk_project.html", context, status=422 if form.is_bound else 200)


@require_POST
@require_role(Role.OFFICER)
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """Open the project, or with ``hide=yes`` take it from the public pages again."""
    project = access.officer_project(request.user, slug)
    if request.POST.get("hide") == "yes":
        participating.unpublish(signed_in(request), project)
        messages.success(request, _("The project is hidden from the public."))
    else:
        participating.publish(signed_in(request), project)
        messages.success(request, _("The project is open to everyone."))
    return redirect("engagement:desk_project", slug=project.slug)
