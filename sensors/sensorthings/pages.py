"""``/sensorthings/``: the interface explained to people, with addresses to try; what its definitions point to."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from sensors import decoding, presets
from sensors.sensorthings.views import ROOT


@dataclass(frozen=True)
class Example:
    """A question and the address that answers it."""

    question: str | Promise
    query: str


EXAMPLES = (
    Example(_("All sensors with their places"), "Things?$expand=Locations"),
    Example(
        _("The newest value of every series"),
        "Datastreams?$select=name&$expand=Observations($orderby=phenomenonTime desc;$top=1;$select=result)",
    ),
    Example(
        _("Readings of fine particles above 25 µg/m³"),
        "Observations?$filter=Datastream/ObservedProperty/properties/code eq 'pm2_5' and result gt 25"
        "&$orderby=phenomenonTime desc",
    ),
    Example(
        _("Places within an area, for a map"),
        "Locations?$filter=st_within(location, geography'POLYGON((24.8 60.1, 25.1 60.1, 25.1 60.3, 24.8 60.3, 24.8 60.1))')"
        "&$resultFormat=GeoJSON",
    ),
    Example(
        _("The last hundred readings as a table file"), "Observations?$orderby=phenomenonTime desc&$resultFormat=CSV"
    ),
)


@require_safe
def explained(request: HttpRequest) -> HttpResponse:
    context = {
        "root": request.build_absolute_uri(ROOT),
        "path": ROOT,
        "examples": EXAMPLES,
        "properties": decoding.properties().values(),
        "presets": presets.PRESETS.values(),
    }
    return render(request, "sensors/sensorthings.html", context)
