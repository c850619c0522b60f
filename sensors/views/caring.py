"""What a host does with a sensor over the years: notes, letters, another box, handing over, export, erasing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engagement.models import User
from engagement.problems import Refused
from sensors import alerting, leaving, noting
from sensors.forms import HandOverForm, LettersForm, NoteForm, SwapForm
from sensors.models import AlertWish, Device, Site


def context_of(site: Site, user: object) -> dict[str, Any]:
    """What the page of a box needs for these deeds."""
    wish = AlertWish.objects.filter(site=site).first() or AlertWish(site=site)
    letters = {"wanted": wish.wanted, "quiet_from": wish.quiet_from, "quiet_until": wish.quiet_until}
    return {
        "is_mine": isinstance(user, User) and site.owner_id == user.pk,
        "notes": site.annotations.all()[:20],
        "note_form": NoteForm(),
        "letters_form": LettersForm(initial=letters),
        "hand_over_form": HandOverForm(),
        "swap_form": SwapForm(),
    }


def _host(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _hung(site: Site | None) -> Site:
    if site is None:
        raise Refused(_("The box hangs nowhere. Register it first."))
    return site


def _own(request: HttpRequest, site: Site | None) -> Site:
    """Some deeds are the host's alone, not the team's."""
    hung = _hung(site)
    if hung.owner_id != request.user.pk:
        raise Refused(_("Only the host of the sensor can do this."))
    return hung


def _note(request: HttpRequest, box: Device, site: Site | None) -> str:
    form = NoteForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Say from when, and what it was."))
    noting.add(_hung(site), form.cleaned_data["since"], form.cleaned_data["until"], form.cleaned_data["text"])
    return _("Noted. The readings of this time carry a mark and are left out of averages.")


def _unnote(request: HttpRequest, box: Device, site: Site | None) -> str:
    number = request.POST.get("note", "")
    if not number.isdigit() or not noting.remove(_hung(site), int(number)):
        raise Refused(_("There is no such note any more."))
    return _("The note is gone, and its mark on the readings too.")


def _letters(request: HttpRequest, box: Device, site: Site | None) -> str:
    form = LettersForm(request.POST)
    if not form.is_valid():
        raise Refused(_("Hours are numbers from 0 to 23."))
    wish = form.cleaned_data | {"language": get_language() or "en"}
    AlertWish.objects.update_or_create(site=_own(request, site), defaults=wish)
    return _("Saved.")


def _hand_over(request: HttpRequest, box: Device, site: Site | None) -> str:
    form = HandOverForm(request.POST)
    if not form.is_valid():
        raise Refused(_("This is no e-mail address."))
    taker = leaving.hand_over(_host(request), _own(request, site), form.cleaned_data["email"])
    return _("The sensor is %(name)s's now; a new key is needed.") % {"name": taker.name or taker.email}


def _alone(request: HttpRequest, box: Device, site: Site | None) -> str:
    own = _own(request, site)
    own.alone_ok = request.POST.get("on") == "yes"
    own.save(update_fields=["alone_ok"])
    return _("Saved.")


DEEDS: Mapping[str, Callable[[HttpRequest, Device, Site | None], str]] = {
    "note": _note,
    "unnote": _unnote,
    "letters": _letters,
    "hand-over": _hand_over,
    "alone": _alone,
}


def _own_site(request: HttpRequest, code: str) -> Site:
    """The site at which one's own box hangs, or hung last; absent to everybody else, the team included."""
    hung = Site.objects.filter(owner=_host(request), deployments__device__code=code)
    return get_object_or_404(
        hung.select_related("campaign__project", "exact_place").order_by("-deployments__since")[:1]
    )


@require_safe
@login_required
def export(request: HttpRequest, code: str) -> StreamingHttpResponse:
    """``/sensors/devices/<code>/everything.json``: all that is kept of one's own sensor."""
    site = _own_site(request, code)
    response = StreamingHttpResponse(leaving.everything(site), content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="my-sensor-{site.pk}.json"'
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@login_required
def erase(request: HttpRequest, code: str) -> HttpResponse:
    """``/sensors/devices/<code>/erase/``: everything of one's own sensor, for ever; the answer is the receipt."""
    site = _own_site(request, code)
    if request.POST.get("sure") != "yes":
        return render(request, "sensors/erase.html", {"code": code, "site": site})
    receipt = leaving.erase(_host(request), site)
    return render(request, "sensors/erased.html", {"receipt": receipt})


@csrf_exempt  # a mail program posts here by itself (RFC 8058); the signed address is the proof
@require_http_methods(["GET", "HEAD", "POST"])
def stop_letters(request: HttpRequest, token: str) -> HttpResponse:
    """``/sensors/letters/<token>/``: no more letters about a sensor, without signing in. Looking changes nothing."""
    done = request.method == "POST" and alerting.stop(token)
    response = render(request, "sensors/stop_letters.html", {"done": done})
    response["Referrer-Policy"] = "no-referrer"
    return response
