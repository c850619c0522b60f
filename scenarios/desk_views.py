"""The planner's desk: what-ifs of the projects, asking a new one, its run with live progress, ring and weighting."""

from __future__ import annotations

from typing import Any

import numpy as np
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from engagement import roles
from engagement.access import project_with_role, require_role, signed_in
from engagement.problems import Refused
from privacy.firewall import planning_only
from privacy.release import Release
from scenarios import access, comparing, feedback, maps, planning, running, views
from scenarios.access import PLANNERS
from scenarios.forms import RingForms, ScenarioForm, WeightingForm
from scenarios.library.city import RING
from scenarios.models import Network, Scenario, Weighting


@require_safe
@require_role(*PLANNERS)
@planning_only()
def desk(request: HttpRequest) -> HttpResponse:
    """``/desk/scenarios/``: per project its network and its what-ifs."""
    mine = roles.projects_of(request.user, *PLANNERS)
    entries = [
        {
            "project": project,
            "network": Network.objects.filter(project=project).defer("content").first(),
            "scenarios": [(one, one.latest_run) for one in Scenario.objects.filter(project=project)],
        }
        for project in mine
    ]
    return render(request, "scenarios/desk.html", {"entries": entries})


@require_http_methods(["GET", "HEAD", "POST"])
@require_role(*PLANNERS)
@planning_only()
def new(request: HttpRequest, slug: str) -> HttpResponse:
    """``/desk/scenarios/new/<project>/``: ask a what-if and start its run."""
    project = project_with_role(request.user, slug, *PLANNERS)
    city = planning.network_of(project).city()
    form = ScenarioForm(request.POST or None, project=project)
    if request.method == "POST" and form.is_valid():
        try:
            ways = planning.ways_in(city, form.cleaned_data["streets"])
            scenario = planning.create_scenario(
                project, title=form.map_of("title"), measures=form.measures(ways), planner=signed_in(request)
            )
            running.request_run(signed_in(request), scenario)
        except Refused as refused:
            form.add_error(None, str(refused.detail or refused.title))
        else:
            return redirect("scenarios:desk_scenario", scenario_id=scenario.pk)
    context = {"project": project, "form": form, "map": maps.of_network(city), "names": _street_names(city)}
    return render(request, "scenarios/new.html", context, status=422 if form.errors else 200)


def _street_names(city: Any) -> list[str]:
    return [name for name in np.unique(city.name[city.way_id > 0]).tolist() if name]


@require_safe
@require_role(*PLANNERS)
@planning_only()
def options(request: HttpRequest, slug: str) -> HttpResponse:
    """``/desk/scenarios/options/<project>/``: every computed what-if beside doing nothing."""
    project = project_with_role(request.user, slug, *PLANNERS)
    runs = comparing.finished_runs(project)
    context = {"project": project, "runs": runs, "rows": comparing.side_by_side(runs)}
    return render(request, "scenarios/desk_options.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@require_role(*PLANNERS)
@planning_only()
def scenario(request: HttpRequest, scenario_id: int) -> HttpResponse:
    """``/desk/scenarios/<id>/``: progress while it computes, results afterwards; run, publish, hide."""
    found = access.own_scenario(request.user, scenario_id)
    if request.method == "POST":
        _act(request, found)
        return redirect("scenarios:desk_scenario", scenario_id=found.pk)
    run = found.latest_run
    pending = found.runs.filter(finished_at__isnull=True).select_related("job").order_by("-made_at").first()
    job = pending.job if pending and (run is None or pending.made_at > run.made_at) else None
    context = {
        "project": found.project,
        "scenario": found,
        "job": job,
        "outdated": run and run.recipe != running.recipe(found),
    }
    return render(request, "scenarios/desk_scenario.html", context | (views.shown(found, run) if run else {}))


def _act(request: HttpRequest, found: Scenario) -> None:
    act = request.POST.get("act")
    if act == "run":
        run = running.request_run(signed_in(request), found)
        if run.is_finished:
            messages.info(request, _("Nothing changed since it was computed: these are the results."))
    elif act in {"publish", "hide"}:
        planning.publish_scenario(signed_in(request), found, published=act == "publish")


@require_http_methods(["GET", "HEAD", "POST"])
@require_role(*PLANNERS)
@planning_only()
def network(request: HttpRequest, network_id: int) -> HttpResponse:
    """``/desk/scenarios/networks/<id>/``: what was read, assumed and refused; the ring, to be changed."""
    found = access.own_network(request.user, network_id)
    city = found.city()
    # Ring links stand in pairs, one per direction; a planner changes both at once.
    ring = np.flatnonzero(city.kind == RING)[::2]
    columns = ("length_m", "speed_kmh", "capacity_vph")
    initial = [{name: getattr(city, name)[link] for name in columns} for link in ring]
    forms = RingForms(request.POST or None, initial=initial)
    if request.method == "POST" and forms.is_valid():
        rows = [tuple(form.cleaned_data[name] for name in columns) for form in forms for _direction in range(2)]
        stored = planning.change_ring(signed_in(request), found, rows)
        messages.success(request, _("Saved as a new network. New what-ifs start from it."))
        return redirect("scenarios:network", network_id=stored.pk)
    stretches = list(zip(city.name[ring].tolist(), city.speed_source[ring].tolist(), forms, strict=True))
    context = {
        "project": found.project,
        "network": found,
        "forms": forms,
        "stretches": stretches,
        "map": maps.of_network(city),
    }
    return render(request, "scenarios/network.html", context, status=422 if forms.is_bound else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@require_role(*PLANNERS)
@planning_only()
def weighting(request: HttpRequest, slug: str) -> HttpResponse:
    """``/desk/scenarios/weighting/<project>/``: which answer speaks for which result."""
    project = project_with_role(request.user, slug, *PLANNERS)
    release = feedback.latest_release(project)
    stored = Weighting.objects.filter(project=project).first()
    name = request.GET.get("question") or (stored.question if stored else "")
    question = (release.questions.get(name) or _first_question(release)) if release else None
    form = None
    if question is not None:
        known = stored.indicators if stored and stored.question == question.name else {}
        form = WeightingForm(request.POST or None, question=question, stored=known)
    if request.method == "POST" and form is not None and question is not None and form.is_valid():
        try:
            feedback.set_weighting(signed_in(request), project, question.name, form.indicators())
        except Refused as refused:
            form.add_error(None, str(refused.detail or refused.title))
        else:
            messages.success(request, _("Saved."))
            return redirect("scenarios:desk")
    context = {"project": project, "release": release, "question": question, "form": form}
    return render(request, "scenarios/weighting.html", context, status=422 if form is not None and form.errors else 200)


def _first_question(release: Release) -> Any:
    return next(iter(release.questions.values()), None)
