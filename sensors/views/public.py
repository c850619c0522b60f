"""What everybody may see: the list of sensors and the page of one."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from engagement.models import Project
from sensors import current, presets, showing
from sensors.models import Datastream, Site

MOST_LISTED = 500


@require_safe
def sensors(request: HttpRequest) -> HttpResponse:
    """``/sensors/``: all public sensors with their newest values, as a table; ``?project=<slug>`` for one project's."""
    listed = Site.objects.public().filter(retired_on__isnull=True).select_related("campaign__project", "segment")
    slug = request.GET.get("project", "")
    if slug:
        listed = listed.filter(campaign__project__slug=slug)
    shown = showing.shown(list(listed[:MOST_LISTED]))
    projects = Project.objects.published().filter(campaigns__sites__isnull=False).distinct()
    context = {
        "shown": shown,
        "projects": projects,
        "chosen": slug,
        "simulated": any(entry.site.simulated for entry in shown),
        "offline": sum(entry.silent_since is not None for entry in shown),
    }
    return render(request, "sensors/list.html", context)


@require_safe
def sensor(request: HttpRequest, site_id: int) -> HttpResponse:
    """``/sensors/<id>/``: newest values, three weeks as picture and table. ``?show=<property>`` chooses the series."""
    visible = Site.objects.visible_to(request.user).select_related("campaign__project", "segment")
    site = get_object_or_404(visible, pk=site_id)
    streams = sorted(Datastream.objects.filter(site=site).order_by("-kind"), key=showing.place_of)
    wanted = request.GET.get("show", "")
    chosen = next((each for each in streams if each.observed_property == wanted), streams[0] if streams else None)
    context = {
        "site": site,
        "project": site.campaign.project,
        "shown": showing.shown([site])[0],
        "preset": presets.get(site.preset),
        "streams": streams,
        "course": showing.course(chosen, current.clock(site)) if chosen else None,
        "is_mine": request.user.is_authenticated and site.owner_id == request.user.pk,
    }
    return render(request, "sensors/site.html", context)
