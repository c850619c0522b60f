"""Pages of the data protection officer: what is held and why, the papers of each project, and what the city states."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import slugify
from django.views.decorators.http import require_http_methods, require_safe

from engagement import audit, roles
from engagement.access import officer_project, require_role, signed_in
from engagement.roles import Role
from privacy import dpo, inventory, retention
from privacy.dpo import Paper
from privacy.record_models import ProcessingRecord


class RecordForm(forms.ModelForm[ProcessingRecord]):
    class Meta:
        model = ProcessingRecord
        fields = ("basis", "law", "special_ground", "children", "controller", "contact", "recipients")

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("basis") == ProcessingRecord.Basis.PUBLIC_TASK and not given.get("law"):
            self.add_error("law", "Name the law that gives the task, such as “Land Use and Building Act § 62”.")
        return given


@require_safe
@require_role(Role.OFFICER)
def overview(request: HttpRequest) -> HttpResponse:
    """``/desk/data-protection/``: projects with their basis, retention and its proof, who read raw answers."""
    projects = roles.projects_of(request.user, Role.OFFICER)
    context = {
        "projects": [{"project": project, "record": dpo.record_of(project)} for project in projects],
        "rules": retention.rules(),
        "last": dpo.last_retention(),
        "readings": dpo.readings() if roles.has_role(request.user, None, Role.OFFICER) else None,
        "models": len(list(inventory.rows())),
    }
    return render(request, "privacy/desk_protection.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_role(Role.OFFICER)
def project(request: HttpRequest, slug: str) -> HttpResponse:
    """``/desk/data-protection/<slug>/``: the papers of a project; posted, what the city states about it."""
    found = officer_project(request.user, slug)
    form = RecordForm(request.POST or None, instance=dpo.record_of(found))
    if request.method == "POST" and form.is_valid():
        form.save()
        audit.record(signed_in(request), "processing-record.changed", f"project:{found.slug}")
        return redirect("protection:project", slug=slug)
    context = {"project": found, "form": form, "papers": dpo.papers(found)}
    return render(request, "privacy/desk_protection_project.html", context, status=422 if form.errors else 200)


@require_safe
@require_role(Role.OFFICER)
def project_markdown(request: HttpRequest, slug: str) -> HttpResponse:
    """All papers of a project in one Markdown file."""
    found = officer_project(request.user, slug)
    return _markdown(f"data-protection-{found.slug}", dpo.papers(found))


@require_safe
@require_role(Role.OFFICER)
def paper(request: HttpRequest, name: str) -> HttpResponse:
    """``/desk/data-protection/papers/<name>/``: the inventory or the breach runbook; ``?as=markdown`` as a file."""
    made = {"inventory": dpo.inventory_paper, "breach": dpo.breach_runbook}.get(name)
    if made is None:
        raise Http404
    shown = made()
    if request.GET.get("as") == "markdown":
        return _markdown(slugify(shown.title), [shown])
    return render(request, "privacy/desk_paper.html", {"paper": shown})


def _markdown(name: str, papers: list[Paper]) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}.md"'}
    text = "\n".join(paper.markdown() for paper in papers)
    return HttpResponse(text, content_type="text/markdown; charset=utf-8", headers=headers)
