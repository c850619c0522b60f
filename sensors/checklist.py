""" "Why is my sensor not on the map?": the steps from the claim to the map, with the one that is stuck and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.utils import timezone
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engagement.models import Ruling
from sensors import naming, presets, showing
from sensors.models import Device, IngestError, Site
from sensors.showing import Shown

KEY_TROUBLE = ("wrong-key", "old-key")


@dataclass(frozen=True)
class Step:
    """``state``: ok, stuck (what to do stands in ``text``), next (not reached), or note (no obstacle)."""

    name: str
    state: str
    title: str
    text: str = ""
    ahead: str = ""  # what the step is called while an earlier one is stuck

    @property
    def mark(self) -> str:
        return {"ok": "✓", "stuck": "!", "note": "i"}.get(self.state, "")


@dataclass(frozen=True)
class Checklist:
    """All steps in their order; ``left`` counts those that keep the box off the map."""

    steps: list[Step]
    is_on_map: bool
    left: int

    @property
    def headline(self) -> str:
        if self.is_on_map:
            return _("On the map")
        left = ngettext("one step to go", "%(n)d steps to go", self.left) % {"n": self.left}
        return _("Not on the map yet: %(left)s") % {"left": left}


def of(device: Device) -> Checklist:
    """Look at everything that a reading needs to be seen. A step after the stuck one is said to come, not to be wrong."""
    deployment = device.current_deployment()
    site = deployment.site if deployment else None
    steps, is_stuck = [], False
    for step in _steps(device, site):
        if step.state == "stuck" and is_stuck:
            steps.append(replace(step, state="next", title=step.ahead or step.title, text=""))
            continue
        is_stuck = is_stuck or step.state == "stuck"
        steps.append(step)
    left = sum(step.state in ("stuck", "next") for step in steps)
    last = Step("map", "next" if left else "ok", _("On the map."))
    return Checklist([*steps, last], not left, left)


def _steps(device: Device, site: Site | None) -> Iterator[Step]:
    yield _claimed(device)
    yield _key(device)
    if site is None:
        yield Step(
            "place", "stuck", _("It hangs nowhere."), _("It was taken down. Register it again where it hangs now.")
        )
        return
    shown = showing.shown([site])[0]
    yield _heard(device, site, shown)
    yield _readings(shown)
    yield _test_mode(site)
    yield _name(site)
    yield _place(site, shown)


def _claimed(device: Device) -> Step:
    if device.owner_id is None:
        return Step("claimed", "stuck", _("Nobody has claimed it."), _("Register it with the code on the box."))
    return Step("claimed", "ok", _("Claimed."), _("Its code is %(code)s.") % {"code": device.code})


def _key(device: Device) -> Step:
    now = timezone.now()
    if any(key.opens(now) for key in device.keys.all()):
        return Step("key", "ok", _("It has a key."))
    return Step("key", "stuck", _("It has no valid key."), _("Make a new key below and type it into the box."))


def _heard(device: Device, site: Site, shown: Shown) -> Step:
    heard = getattr(device, "heard", None)
    if heard is None:
        return Step("heard", "stuck", _("We have never heard from it."), _why_silent(device), ahead=_("Heard from it."))
    if shown.silent_since is not None:
        ago = timesince(shown.silent_since)
        return Step(
            "heard", "stuck", _("Offline for %(ago)s.") % {"ago": ago}, _why_silent(device), ahead=_("Heard from it.")
        )
    ago = timesince(heard.last_at)
    pushes = ngettext("%(n)d message", "%(n)d messages", heard.pushes) % {"n": heard.pushes}
    return Step("heard", "ok", _("Heard from it."), _("Last %(ago)s ago, %(pushes)s.") % {"ago": ago, "pushes": pushes})


def _why_silent(device: Device) -> str:
    """A wrong key is the usual reason; else the settings, the power, the Wi-Fi."""
    heard = getattr(device, "heard", None)
    trouble = IngestError.objects.filter(device=device, reason__in=KEY_TROUBLE)
    if heard is not None:
        trouble = trouble.filter(last_at__gt=heard.last_at)
    if error := trouble.first():
        return error.sentence
    if heard is None:
        return _("Type the settings below into the box, letter by letter. Then its first message is the proof.")
    return _("Is it plugged in? Does its own page in your Wi-Fi open? If you changed the Wi-Fi, tell the box.")


def _readings(shown: Shown) -> Step:
    if not shown.values:
        text = _("No reading could be kept yet. The refused ones below say why.")
        return Step("readings", "stuck", _("No readings."), text, ahead=_("First readings."))
    if shown.is_stuck:
        value = next(value for value in shown.values if value.doubts)
        text = _("%(what)s has been %(value)s for hours. Unplug the box, let it dry for a night, plug it in again.")
        return Step(
            "readings",
            "stuck",
            _("Readings look stuck."),
            text % {"what": value.label, "value": value.text},
            ahead=_("Good readings."),
        )
    doubts = {doubt for value in shown.values for doubt in value.doubts}
    return Step(
        "readings",
        "note" if doubts else "ok",
        _("Readings look well.") if not doubts else _("Readings have a mark."),
        ", ".join(sorted(doubts)),
    )


def _test_mode(site: Site) -> Step:
    if site.test_mode:
        return Step(
            "test", "stuck", _("Test mode."), _("Only you see its readings. End test mode below when you are content.")
        )
    return Step("test", "ok", _("Open to everybody."))


def _name(site: Site) -> Step:
    kind = presets.get(site.preset).label
    if not site.name or site.approved_name == site.name:
        return Step("name", "ok", _("Called “%(name)s”.") % {"name": site.public_name})
    ruling = naming.ruling(site)
    if ruling is not None and ruling.outcome == Ruling.Outcome.REJECTED:
        reason = f"{ruling.get_ground_display()} {ruling.reason}"
        text = _("%(reason)s Until you choose another name it is called “%(kind)s”.") % {"reason": reason, "kind": kind}
        return Step("name", "note", _("The name was not approved."), text)
    text = _("A moderator looks at “%(name)s”. Until then it is called “%(shown)s”.")
    return Step("name", "note", _("The name waits."), text % {"name": site.name, "shown": site.public_name})


def _place(site: Site, shown: Shown) -> Step:
    if site.public_point is None:
        return Step(
            "place",
            "stuck",
            _("Not shown, as you chose."),
            _("Choose below how its place may be shown."),
            ahead=_("Its place."),
        )
    if not site.campaign.project.published:
        return Step("place", "stuck", _("The project is not open yet."), _("Its team opens it; you need do nothing."))
    return Step("place", "ok", _("Shown as %(how)s.") % {"how": site.get_shown_as_display()}, shown.where)
