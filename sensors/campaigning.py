"""Officers begin a measuring campaign and print sheets of codes that volunteers claim."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from engagement import audit, roles
from engagement.models import Project, User
from engagement.problems import Refused
from engagement.roles import Role
from sensors import codes, presets
from sensors.models import Campaign, Device

MOST_CODES = 200


class NotAnOfficer(Refused):
    status = 403
    code = "not-an-officer"
    title = _("Only officers of the project begin campaigns and print codes.")


class TooManyCodes(Refused):
    status = 422
    code = "too-many-codes"
    title = _("A sheet holds 1 to 200 codes.")


@transaction.atomic
def begin(officer: User, campaign: Campaign) -> Campaign:
    """Store a new campaign. Raises NotAnOfficer."""
    _check(officer, campaign.project)
    campaign.save()
    audit.record(officer, "sensor.campaign-begun", f"campaign {campaign.pk}", {"licence": campaign.licence})
    return campaign


@transaction.atomic
def print_codes(officer: User, campaign: Campaign, preset: str, count: int) -> list[Device]:
    """Boxes that nobody has claimed yet, each with its code. Raises NotAnOfficer, TooManyCodes."""
    _check(officer, campaign.project)
    if not 1 <= count <= MOST_CODES:
        raise TooManyCodes
    made = Device.objects.bulk_create(
        Device(code=codes.new_code(), preset=presets.get(preset).name, printed_for=campaign) for _ in range(count)
    )
    audit.record(officer, "sensor.codes-printed", f"campaign {campaign.pk}", {"codes": count})
    return made


def unclaimed(campaign: Campaign) -> list[Device]:
    """What stands on the campaign's sheet and waits."""
    return list(campaign.printed.filter(owner__isnull=True, claimed_at__isnull=True))


def _check(officer: User, project: Project) -> None:
    if not roles.has_role(officer, project, Role.OFFICER):
        raise NotAnOfficer
