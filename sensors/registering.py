"""A volunteer hangs a box: claim, place, key; later a new key, another place, another box, the end.

The key leaves this module once, as text; only its hash is stored. The first push with it proves possession.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from engagement import audit, live, roles
from engagement.models import User
from engagement.problems import Refused
from engagement.roles import Role
from sensors import codes, keyring, naming, placing, presets, segments
from sensors.models import Campaign, Deployment, Device, DeviceKey, Site

HOSTS = (Role.VOLUNTEER, Role.OFFICER, Role.TRAINER, Role.OPERATOR)
OVERLAP = timedelta(days=1)


class NotAHost(Refused):
    status = 403
    code = "not-a-host"
    title = _("Only volunteers of this project can register sensors. Ask the project's team to add you.")


class NoSuchCode(Refused):
    status = 422
    code = "no-such-code"
    title = _("We do not know this code. It has eight characters and stands on the box; check each of them.")


class AlreadyClaimed(Refused):
    status = 409
    code = "already-claimed"
    title = _("Somebody registered the box with this code before. If it is yours, ask the project's team to free it.")


class NoStreetHere(Refused):
    status = 422
    code = "no-street-here"
    title = _("No street that we know passes within 60 metres. Choose a square instead, or move the place.")


@dataclass(frozen=True)
class Registration:
    """What a volunteer says. ``id`` is made by the form: sending twice registers once. ``code`` is for printed boxes."""

    preset: str
    lon: float
    lat: float
    shown_as: str
    name: str = ""
    chip_id: str = ""
    code: str = ""
    height_m: float | None = None
    facing: str = ""
    test_mode: bool = False
    simulated: bool = False
    id: UUID = field(default_factory=uuid4)


@dataclass(frozen=True)
class Registered:
    """``key`` is None when this registration had been done before: a key is shown only once."""

    device: Device
    site: Site
    key: str | None


@transaction.atomic
def register(user: User, campaign: Campaign, given: Registration) -> Registered:
    """Claim or make the box, hang it at a new site and give it a key.

    Raises:
        NotAHost, NoSuchCode, AlreadyClaimed, NoStreetHere: each with what to do.
    """
    if not may_host(user, campaign):
        raise NotAHost
    known = Device.objects.filter(registration=given.id, owner=user).first()
    if known is not None:
        deployment = known.deployments.select_related("site").order_by("since").first()
        if deployment is not None:
            return Registered(known, deployment.site, None)
    device = _claimed(user, given)
    site = _site(user, campaign, given)
    Deployment.objects.create(site=site, device=device)
    naming.submit(site)
    audit.record(user, "sensor.registered", f"site {site.pk}", {"device": device.code, "shown_as": site.shown_as})
    return Registered(device, site, _give_key(device))


def may_host(user: object, campaign: Campaign) -> bool:
    return roles.has_role(user, campaign.project, *HOSTS)


def _claimed(user: User, given: Registration) -> Device:
    device = _unclaimed(given.code) if given.code else Device(code=codes.new_code(), preset=given.preset)
    device.owner, device.registration, device.claimed_at = user, given.id, timezone.now()
    device.chip_id = given.chip_id.strip()[:64]
    device.save()
    return device


def _unclaimed(written: str) -> Device:
    try:
        code = codes.normalise(written)
    except codes.BadCode:
        raise NoSuchCode from None
    device = Device.objects.select_for_update().filter(code=code).first()
    if device is None:
        raise NoSuchCode
    if device.owner_id is not None or device.claimed_at is not None:
        raise AlreadyClaimed
    return device


def _site(user: User, campaign: Campaign, given: Registration) -> Site:
    site = Site(
        campaign=campaign,
        owner=user,
        preset=presets.get(given.preset).name,
        name=" ".join(given.name.split())[:80],
        height_m=given.height_m,
        facing=given.facing,
        test_mode=given.test_mode,
        simulated=given.simulated,
    )
    _show(site, given.lon, given.lat, given.shown_as)
    site.save()
    placing.seal(site, given.lon, given.lat)
    return site


def _show(site: Site, lon: float, lat: float, shown_as: str) -> None:
    """Set what the public sees of a place, from the exact one alone."""
    site.shown_as, site.segment = shown_as, None
    if shown_as != Site.Shown.SEGMENT:
        site.public_point = placing.shown_point(lon, lat, shown_as)
        return
    site.segment = segments.nearest(site.campaign.project.scene_slug, lon, lat)
    if site.segment is None:
        raise NoStreetHere
    site.public_point = site.segment.middle


def _give_key(device: Device) -> str:
    kid, key = keyring.new_key()
    DeviceKey.objects.create(device=device, kid=kid, digest=keyring.digest(key))
    return key


@transaction.atomic
def renew_key(user: User, device: Device, *, overlap: timedelta = OVERLAP) -> str:
    """A new key; the older ones are good for one day more, so that no reading is lost while it is typed in."""
    until = timezone.now() + overlap
    for older in device.keys.filter(revoked_at__isnull=True, valid_until__isnull=True):
        older.valid_until = until
        older.save(update_fields=["valid_until"])
    audit.record(user, "sensor.key-renewed", f"device {device.code}")
    return _give_key(device)


@transaction.atomic
def revoke_keys(user: User, device: Device) -> int:
    """From now on no key of the box is good; in force in every process within a second. Returns how many there were."""
    now, revoked = timezone.now(), 0
    for good in device.keys.filter(revoked_at__isnull=True):
        good.revoked_at = now
        good.save(update_fields=["revoked_at"])
        revoked += 1
    audit.record(user, "sensor.keys-revoked", f"device {device.code}", {"keys": revoked})
    return revoked


@transaction.atomic
def show_as(user: User, site: Site, shown_as: str) -> None:
    """Another way to show the place; the exact one stays sealed. Raises NoStreetHere."""
    lon, lat = placing.unseal(site.exact_place)
    _show(site, lon, lat, shown_as)
    _save_shown(user, site, "sensor.shown-otherwise")


@transaction.atomic
def move(user: User, site: Site, lon: float, lat: float) -> None:
    """The box hangs elsewhere now, nearby: the series goes on."""
    _show(site, lon, lat, site.shown_as)
    placing.seal(site, lon, lat)
    _save_shown(user, site, "sensor.moved")


@transaction.atomic
def set_test_mode(user: User, site: Site, *, on: bool) -> None:
    """In test mode only the host sees the readings."""
    site.test_mode = on
    _save_shown(user, site, "sensor.test-mode" if on else "sensor.public")


def _save_shown(user: User, site: Site, verb: str) -> None:
    site.save()
    audit.record(user, verb, f"site {site.pk}", {"shown_as": site.shown_as})
    if site.is_public:
        announce_all(site)
    else:
        live.publish(f"values.{site.campaign.project.slug}", "value.gone", {"site": site.pk})


def announce_all(site: Site) -> None:
    """Open pages learn the place and the newest values of a site at once."""
    from sensors import current

    topic = f"values.{site.campaign.project.slug}"
    live.publish_many((topic, "value", payload) for payload in current.values_of_site(site))


@transaction.atomic
def swap_box(user: User, site: Site, preset: str, *, chip_id: str = "") -> Registered:
    """Another box takes over at the site: the series stays, the old box's keys end now."""
    now = timezone.now()
    for deployment in site.deployments.filter(until__isnull=True).select_related("device"):
        deployment.until = now
        deployment.save(update_fields=["until"])
        revoke_keys(user, deployment.device)
    device = Device.objects.create(
        code=codes.new_code(), preset=preset, owner=user, chip_id=chip_id.strip()[:64], claimed_at=now
    )
    Deployment.objects.create(site=site, device=device, since=now)
    audit.record(user, "sensor.box-swapped", f"site {site.pk}", {"device": device.code})
    return Registered(device, site, _give_key(device))


@transaction.atomic
def retire(user: User, site: Site) -> None:
    """The box comes down. Its readings stay what they are; nothing new is taken."""
    for deployment in site.deployments.filter(until__isnull=True).select_related("device"):
        deployment.until = timezone.now()
        deployment.save(update_fields=["until"])
        revoke_keys(user, deployment.device)
    site.retired_on = timezone.localdate()
    site.save(update_fields=["retired_on"])
    audit.record(user, "sensor.retired", f"site {site.pk}")
    live.publish(f"values.{site.campaign.project.slug}", "value.gone", {"site": site.pk})
