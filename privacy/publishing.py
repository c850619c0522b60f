"""Signing twice and publishing: another person must agree, then the document is signed and never changes again.

Where a project has only one officer, the second signature comes from an invited outsider (``witnessing``) or is replaced
by seven days of public notice.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from engagement import audit, live
from engagement.models import Membership, User
from engagement.problems import Refused
from engagement.roles import Role
from privacy import certificate, models
from privacy.canonical import canonical
from privacy.models import SecondSignature
from privacy.officers import require_officer

State = models.Draft.State
NOTICE = timedelta(days=7)
SECOND_ROLES = {
    SecondSignature.OFFICER: "second signature, by another person",
    SecondSignature.WITNESS: "second signature, by an invited outsider",
    SecondSignature.DELAY: "no second person: announced in public seven days before",
}


class WrongState(Refused):
    status = 409
    code = "wrong-state"
    title = _("This draft is not at that step.")


class SameSigner(Refused):
    status = 409
    code = "same-signer"
    title = _("The second signature must be another person's.")


class SecondOfficerExists(Refused):
    status = 409
    code = "second-officer-exists"
    title = _("An officer of the project must give the second signature.")


@transaction.atomic
def sign(draft: models.Draft, officer: User) -> models.Draft:
    """The first signature: this officer answers for the draft and asks for the second signature.

    Raises:
        NotAnOfficer, WrongState.
    """
    locked = at_step(draft, State.PROPOSED)
    require_officer(officer, locked.round)
    locked.state, locked.signed_by, locked.signed_at = State.SIGNED, officer, timezone.now()
    locked.save(update_fields=["state", "signed_by", "signed_at"])
    audit.record(officer, "release.signed", f"draft:{locked.pk}")
    live.publish(
        f"desk.{locked.round.project_id}",
        "release.waits",
        {"project": locked.round.project.slug, "draft": str(locked.pk)},
    )
    return locked


@transaction.atomic
def countersign(draft: models.Draft, officer: User) -> models.Release:
    """The second signature, by another person: the release is published at once.

    Raises:
        NotAnOfficer, WrongState, SameSigner.
    """
    locked = at_step(draft, State.SIGNED)
    require_officer(officer, locked.round)
    if officer == locked.signed_by:
        raise SameSigner(_("You gave the first signature. Ask a colleague for the second."))
    return publish(locked, SecondSignature.OFFICER, officer)


@transaction.atomic
def announce(draft: models.Draft, officer: User) -> models.Draft:
    """No second person can be found: tell everybody now, and publish after seven days unless an officer takes it off.

    Raises:
        NotAnOfficer, WrongState, SecondOfficerExists.
    """
    locked = at_step(draft, State.SIGNED)
    require_officer(officer, locked.round)
    require_lonely(locked)
    locked.public_on = locked.public_on or timezone.localdate() + NOTICE
    locked.save(update_fields=["public_on"])
    facts = {"project": locked.round.project.slug, "public_on": str(locked.public_on)}
    audit.record(officer, "release.announced", f"draft:{locked.pk}", facts)
    return locked


def publish_due() -> dict[str, int]:
    """Publish what was announced seven days ago; returns how many. Repeating changes nothing."""
    due = models.Draft.objects.filter(state=State.SIGNED, public_on__lte=timezone.localdate())
    return {"published": sum(_publish_announced(draft) for draft in due)}


@transaction.atomic
def _publish_announced(draft: models.Draft) -> int:
    try:
        publish(at_step(draft, State.SIGNED), SecondSignature.DELAY)
    except WrongState:
        return 0  # signed or taken off in this moment
    return 1


def other_officers(draft: models.Draft) -> list[str]:
    """Who else could give the second signature, by name."""
    members = Membership.objects.filter(Q(project=draft.round.project) | Q(project__isnull=True))
    able = members.filter(role__in=[Role.OFFICER, Role.ADMINISTRATOR], user__is_active=True)
    return sorted({str(member.user) for member in able.select_related("user") if member.user_id != draft.signed_by_id})


def require_lonely(draft: models.Draft) -> None:
    """Raises SecondOfficerExists, naming who could sign."""
    if names := other_officers(draft):
        raise SecondOfficerExists(
            _("Another officer can give the second signature: %(names)s. Ask them.") % {"names": ", ".join(names)}
        )


def publish(locked: models.Draft, second: SecondSignature, officer: User | None = None) -> models.Release:
    """Make the signed draft public, once the second signature is given; the draft is locked and at that step."""
    locked.state = State.PUBLISHED
    locked.save(update_fields=["state"])
    release = _publish(locked, second, officer)
    facts = {"sha256": release.sha256, "second_signature": str(second)}
    audit.record(officer, "release.published", f"release:{release.pk}", facts)
    news = {"release": str(release.pk), "url": f"/releases/{release.pk}/", "population": locked.round.population}
    live.publish(f"project.{release.project.slug}", "release.published", news)
    return release


@transaction.atomic
def drop(draft: models.Draft, officer: User) -> models.Draft:
    """Take a draft off the desk. What it cost stays spent; its answers can be proposed again at no cost.

    Raises:
        NotAnOfficer, WrongState: it was published already.
    """
    locked = models.Draft.objects.select_for_update().select_related("round__project").get(pk=draft.pk)
    require_officer(officer, locked.round)
    if locked.state == State.PUBLISHED:
        raise WrongState(_("It was published. Publish another one that supersedes it."))
    locked.state = State.DROPPED
    locked.save(update_fields=["state"])
    audit.record(officer, "release.dropped", f"draft:{locked.pk}")
    return locked


def _publish(draft: models.Draft, second: SecondSignature, officer: User | None) -> models.Release:
    assert draft.signed_by is not None and draft.signed_at is not None  # _at_step: it was signed
    today = timezone.localdate()
    document = draft.document | {
        "published_on": str(today),
        "signatures": [
            {"role": "first signature", "on": str(timezone.localdate(draft.signed_at))},
            {"role": SECOND_ROLES[second], "on": str(today)},
        ],
    }
    text = canonical(certificate.sign(document, settings.DATA_DIR, today)).decode()
    return models.Release.objects.create(
        id=draft.pk,
        project=draft.round.project,
        round=draft.round,
        document=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        first_signer=draft.signed_by,
        second_signer=officer,
        second_signature=second,
        supersedes=draft.supersedes,
    )


def at_step(draft: models.Draft, state: str) -> models.Draft:
    """The draft, locked, if it stands there. Raises WrongState."""
    drafts = models.Draft.objects.select_for_update(of=("self",)).select_related("round__project", "supersedes")
    locked = drafts.get(pk=draft.pk)
    if locked.state != state:
        raise WrongState(_("Its state is “%(state)s”. Reload the page.") % {"state": locked.get_state_display()})
    return locked
