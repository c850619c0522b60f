"""Names of sites are text that anyone reads, so a moderator sees them first. Readings are never moderated."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from engagement import moderation
from engagement.models import Ruling
from engagement.moderation import Content
from sensors import presets
from sensors.models import Site

KIND = "sensor.name"


def ref(site: Site) -> str:
    """One reference per version: a new name is a new thing to look at."""
    return f"{site.pk}.{site.name_version}"


def _site(of: str) -> Site | None:
    site_id, _dot, version = of.partition(".")
    return Site.objects.filter(pk=site_id, name_version=version).select_related("campaign__project").first()


class SensorName:
    """The moderated kind. A superseded version has no content and no effect any more."""

    kind = KIND
    label: str | Promise = _("Name of a sensor")

    def content(self, ref: str) -> Content | None:
        site = _site(ref)
        if site is None:
            return None
        return Content(text=site.name, context=str(presets.get(site.preset).label), simulated=site.simulated)

    def apply(self, ref: str, ruling: Ruling | None) -> None:
        site = _site(ref)
        if site is None:
            return
        if ruling is not None and ruling.outcome == Ruling.Outcome.APPROVED:
            site.approved_name = site.name
        elif site.approved_name == site.name:
            site.approved_name = ""
        site.save(update_fields=["approved_name"])


def rename(site: Site, name: str) -> None:
    """Take a new name; the approved one is shown until a moderator has seen the new one. Empty: the neutral name."""
    name = " ".join(name.split())[:80]
    if name == site.name:
        return
    moderation.forget(KIND, ref(site))
    site.name, site.name_version = name, site.name_version + 1
    site.approved_name = site.approved_name if name else ""
    site.save(update_fields=["name", "name_version", "approved_name"])
    submit(site)


def submit(site: Site) -> None:
    """Let the site's name wait for a moderator, unless it has none or is approved."""
    if site.name and site.approved_name != site.name:
        moderation.enqueue(KIND, ref(site), project=site.campaign.project)


def ruling(site: Site) -> Ruling | None:
    return moderation.ruling_for(KIND, ref(site))
