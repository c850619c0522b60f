"""Pages of hosts: my sensors, registering, one box with its checklist, key and settings."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engagement.models import User
from engagement.problems import Refused
from sensors import backfilling, checklist, keyring, naming, presets, registering, settings_for_boxes, showing
from sensors.decoding import Unreadable
from sensors.forms import FileForm, NameForm, RegistrationForm, ShownForm, SwapForm
from sensors.kinds import csv
from sensors.models import Device, IngestError, Site
from sensors.registering import Registered
from sensors.views import caring

MOST_FILE_BYTES = 2 * 1024 * 1024  # larger files go to the box's own address, which does not hold up pages


def _host(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


@require_safe
@login_required
def mine(request: HttpRequest) -> HttpResponse:
    """``/sensors/mine/``: the host's own sensors, each with what it needs."""
    sites = Site.objects.hosted_by(_host(request)).select_related("campaign__project", "segment")
    devices = {
        deployment.site_id: deployment.device
        for site in sites.prefetch_related("deployments__device")
        for deployment in site.deployments.all()
        if deployment.until is None
    }
    entries = [(shown, devices.get(shown.site.pk)) for shown in showing.shown(list(sites))]
    return render(request, "sensors/mine.html", {"entries": entries})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: HttpRequest) -> HttpResponse:
    """``/sensors/new/``: register a box. The answer shows its key, once."""
    user, refused = _host(request), None
    looks_up = "find" in request.POST  # the address is looked up; what was typed comes back unjudged
    given = request.POST if request.method == "POST" and not looks_up else None
    scanned = {"code": request.GET["code"][:12]} if "code" in request.GET else {}
    form = RegistrationForm(given, user=user, initial=request.POST.dict() if looks_up else scanned)
    if given is not None and form.is_valid():
        try:
            registered = form.register(user)
        except Refused as problem:
            refused = problem
        else:
            return _with_key(request, registered)
    context = {"form": form, "refused": refused, "presets": presets.PRESETS.values(), "looks_up": looks_up}
    status = refused.status if refused else 422 if form.is_bound else 200
    return render(request, "sensors/new.html", context, status=status)


def _with_key(request: HttpRequest, registered: Registered) -> HttpResponse:
    """The only page that ever holds the key. Sent again, a registration shows the box but no key."""
    device, key = registered.device, registered.key
    if key is None:
        messages.info(
            request, _("This box is registered already. Its key was shown once; make a new one if it is lost.")
        )
        return redirect("sensors:device", code=device.code)
    context = {
        "device": device,
        "site": registered.site,
        "preset": presets.get(device.preset),
        "key": key,
        "settings": settings_for_boxes.of(device, key),
        "whole_address": settings_for_boxes.whole_address(device, key),
        "qr": settings_for_boxes.qr(settings_for_boxes.whole_address(device, key)),
    }
    response = render(request, "sensors/key.html", context, status=201)
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@login_required
def device(request: HttpRequest, code: str) -> HttpResponse:
    """``/sensors/devices/<code>/``: why it is not on the map, what it needs, what was refused."""
    box = _device(request, code)
    deployment = box.current_deployment()
    site = deployment.site if deployment else None
    context = {
        "device": box,
        "site": site,
        "project": site.campaign.project if site else None,
        "preset": presets.get(box.preset),
        "checklist": checklist.of(box),
        "settings": settings_for_boxes.of(box),
        "errors": IngestError.objects.filter(device=box)[:50],
        "keys": box.keys.all(),
        "shown_form": ShownForm(initial={"shown_as": site.shown_as}) if site else None,
        "name_form": NameForm(initial={"name": site.name}) if site else None,
        "file_form": FileForm(),
        "address": settings_for_boxes.address(box),
    }
    return render(request, "sensors/device.html", context | (caring.context_of(site, request.user) if site else {}))


def _device(request: HttpRequest, code: str) -> Device:
    """A box of one's own or of one's project; absent to everybody else."""
    return get_object_or_404(Device.objects.accessible_to(request.user).select_related("heard"), code=code)


Deed = Callable[[HttpRequest, Device, Site | None], str]


@require_POST
@login_required
def renew_key(request: HttpRequest, code: str) -> HttpResponse:
    """A new key, shown once; the old ones are good for another day."""
    box = _device(request, code)
    deployment = box.current_deployment()
    if deployment is None:
        messages.error(request, _("The box hangs nowhere. Register it first."))
        return redirect("sensors:device", code=code)
    return _with_key(request, Registered(box, deployment.site, registering.renew_key(_host(request), box)))


@require_POST
@login_required
def swap(request: HttpRequest, code: str) -> HttpResponse:
    """Another box takes over at the site; its key is shown once. The series goes on."""
    box = _device(request, code)
    deployment = box.current_deployment()
    form = SwapForm(request.POST)
    if deployment is None or not form.is_valid():
        messages.error(request, _("The box hangs nowhere. Register it first."))
        return redirect("sensors:device", code=code)
    site, chip_id = deployment.site, form.cleaned_data["chip_id"]
    return _with_key(request, registering.swap_box(_host(request), site, site.preset, chip_id=chip_id))


@require_POST
@login_required
def change(request: HttpRequest, code: str, deed: str) -> HttpResponse:
    """``/sensors/devices/<code>/<deed>/``: one small change, then back to the box's page with what was done."""
    box = _device(request, code)
    deployment = box.current_deployment()
    try:
        messages.success(request, DEEDS[deed](request, box, deployment.site if deployment else None))
    except Refused as refused:
        messages.error(request, str(refused.detail or refused.title))
    return redirect("sensors:device", code=code)


def _revoke(request: HttpRequest, box: Device, site: Site | None) -> str:
    registering.revoke_keys(_host(request), box)
    return _("All keys of the box are revoked. Make a new one when you know that it is safe.")


def _show(request: HttpRequest, box: Device, site: Site | None) -> str:
    form = ShownForm(request.POST)
    if site is None or not form.is_valid():
        raise Refused(_("Choose one of the ways to show its place."))
    registering.show_as(_host(request), site, form.cleaned_data["shown_as"])
    return _("Its place is shown otherwise now.")


def _rename(request: HttpRequest, box: Device, site: Site | None) -> str:
    form = NameForm(request.POST)
    if site is None or not form.is_valid():
        raise Refused(_("A name has at most 80 characters."))
    naming.rename(site, form.cleaned_data["name"])
    return _("Saved. A moderator looks at a new name before others see it.")


def _test_mode(request: HttpRequest, box: Device, site: Site | None) -> str:
    if site is None:
        raise Refused(_("The box hangs nowhere. Register it first."))
    on = request.POST.get("on") == "yes"
    registering.set_test_mode(_host(request), site, on=on)
    return _("Only you see its readings now.") if on else _("Everybody can see its readings now.")


def _retire(request: HttpRequest, box: Device, site: Site | None) -> str:
    if site is None:
        raise Refused(_("The box hangs nowhere already."))
    registering.retire(_host(request), site)
    return _("The box is taken down. Its readings stay; nothing new is taken.")


def _file(request: HttpRequest, box: Device, site: Site | None) -> str:
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid() or form.cleaned_data["file"].size > MOST_FILE_BYTES:
        raise Refused(_("Choose a CSV file of at most 2 MB; send larger ones to the address below."))
    lines = csv.text(form.cleaned_data["file"].read()).splitlines()
    try:
        report = backfilling.take(keyring.door_of(box), lines, backfilling.direct())
    except Unreadable as unreadable:
        raise Refused(unreadable.refusal.sentence()) from None
    counts = {"new": report.created, "known": report.duplicate, "refused": report.rejected + report.conflict}
    return _("%(new)d readings are new, %(known)d were there already, %(refused)d were refused (see below).") % counts


DEEDS: dict[str, Deed] = {
    "revoke-keys": _revoke,
    "show-as": _show,
    "rename": _rename,
    "test-mode": _test_mode,
    "retire": _retire,
    "file": _file,
    **caring.DEEDS,
}
