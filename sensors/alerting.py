"""Letters to hosts when a sensor is offline, stuck or out of range: one per trouble, never at night, easily stopped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from engagement.models import User
from sensors import showing
from sensors.models import Alert, AlertWish, Site
from sensors.quality import Flag
from sensors.showing import Shown

SALT = "sensors.alerting"
WORTH_A_LETTER = timedelta(hours=24)  # a trouble that is older was lived with


def look() -> Mapping[str, int]:
    """Note new troubles and those that are over, and write the letters that may be sent now. Idempotent."""
    sites = list(
        Site.objects.filter(alert_wish__wanted=True, owner__isnull=False, retired_on__isnull=True, simulated=False)
        .select_related("campaign__project", "segment", "alert_wish", "owner")
        .prefetch_related("deployments__device")
    )
    for shown in showing.shown(sites):
        _note(shown)
    return {"sites": len(sites), "letters": sum(_write(site) for site in sites)}


def troubles_of(shown: Shown) -> set[str]:
    """What is wrong with a sensor now."""
    found = {Alert.Kind.OFFLINE.value} if shown.silent_since is not None else set[str]()
    flags = 0
    for value in shown.values:
        flags |= value.flags
    found |= {Alert.Kind.STUCK.value} if flags & Flag.STUCK else set()
    return found | ({Alert.Kind.RANGE.value} if flags & Flag.RANGE else set())


@transaction.atomic
def _note(shown: Shown) -> None:
    now, troubles = timezone.now(), troubles_of(shown)
    known = set(Alert.objects.filter(site=shown.site, over_at__isnull=True).values_list("kind", flat=True))
    Alert.objects.filter(site=shown.site, over_at__isnull=True).exclude(kind__in=troubles).update(over_at=now)
    fresh = [Alert(site=shown.site, kind=kind, noticed_at=now) for kind in sorted(troubles - known)]
    Alert.objects.bulk_create(fresh, ignore_conflicts=True)


def _write(site: Site) -> int:
    """The letters that are due for a site. The row is marked before the mail leaves: never twice, at worst not at all."""
    now, wish, written = timezone.now(), site.alert_wish, 0
    if is_quiet(wish, now):
        return 0
    due = Alert.objects.filter(
        site=site, over_at__isnull=True, written_at__isnull=True, noticed_at__gt=now - WORTH_A_LETTER
    )
    for alert in due:
        if Alert.objects.filter(pk=alert.pk, written_at__isnull=True).update(written_at=now):
            with override(wish.language):
                letter(site, alert).send(fail_silently=False)
            written += 1
    return written


def is_quiet(wish: AlertWish, now: datetime) -> bool:
    """Whether the host does not want to be disturbed at this moment."""
    hour = timezone.localtime(now, timezone.get_default_timezone()).hour
    if wish.quiet_from <= wish.quiet_until:
        return wish.quiet_from <= hour < wish.quiet_until
    return hour >= wish.quiet_from or hour < wish.quiet_until


def letter(site: Site, alert: Alert) -> EmailMessage:
    """One letter, in the active language. It names the sensor as its host does, and never its place."""
    assert isinstance(site.owner, User)
    base = settings.LOGGIA_BASE_URL.rstrip("/")
    box = next((each.device for each in site.deployments.all() if each.until is None), None)
    page = base + (reverse("sensors:device", args=[box.code]) if box else reverse("sensors:mine"))
    stop = base + reverse("sensors:stop_letters", args=[token_of(site)])
    name = site.name or site.public_name
    sentences = {
        Alert.Kind.OFFLINE.value: _("Nothing has come from your sensor “%(name)s” for a while."),
        Alert.Kind.STUCK.value: _("Your sensor “%(name)s” has sent the same value for hours; it seems to be stuck."),
        Alert.Kind.RANGE.value: _("Your sensor “%(name)s” sends values that are hardly possible."),
    }
    body = "\n\n".join(
        [
            sentences[alert.kind] % {"name": name},
            _("What to do stands on its page: %(page)s") % {"page": page},
            _("No more letters about this sensor: %(stop)s") % {"stop": stop},
        ]
    )
    subject = _("Sensor “%(name)s”: %(trouble)s") % {"name": name, "trouble": alert.get_kind_display()}
    headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    return EmailMessage(subject, body, to=[site.owner.email], headers=headers)


def token_of(site: Site) -> str:
    return signing.Signer(salt=SALT).sign(str(site.pk))


def stop(token: str) -> bool:
    """No more letters. False for a token that we did not make."""
    try:
        site = signing.Signer(salt=SALT).unsign(token)
    except signing.BadSignature:
        return False
    AlertWish.objects.filter(site=int(site)).update(wanted=False)
    return True
