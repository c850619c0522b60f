"""Signing twice and publishing: another person must agree, then the document is signed and never changes again."""

from __future__ import annotations

import hashlib

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from engagement import audit, live
from engagement.models import User
from engagement.problems import Refused
from privacy import certificate, models
from privacy.canonical import canonical
from privacy.proposing import require_officer

State = models.Draft.State


class WrongState(Refused):
    status = 409
    code = "wrong-state"
    title = _("This draft is not at that step.")


class SameSigner(Refused):
    status = 409
    code = "same-signer"
    title = _("The second signature must be another person's.")


@transaction.atomic
def sign(draft: models.Draft, officer: User) -> models.Draft:
    """The first signature: this officer answers for the draft and asks for the second signature.

    Raises:
        NotAnOfficer, WrongState.
    """
    locked = _at_step(draft, State.PROPOSED)
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
    locked = _at_step(draft, State.SIGNED)
    require_officer(officer, locked.round)
    if officer == locked.signed_by:
        raise SameSigner(_("You gave the first signature. Ask a colleague for the second."))
    locked.state = State.PUBLISHED
    locked.save(update_fields=["state"])
    release = _publish(locked, officer)
    audit.record(officer, "release.published", f"release:{release.pk}", {"sha256": release.sha256})
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


def _publish(draft: models.Draft, second: User) -> models.Release:
    assert draft.signed_by is not None and draft.signed_at is not None  # _at_step: it was signed
    today = timezone.localdate()
    document = draft.document | {
        "published_on": str(today),
        "signatures": [
            {"role": "first signature", "on": str(timezone.localdate(draft.signed_at))},
            {"role": "second signature, by another person", "on": str(today)},
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
        second_signer=second,
        supersedes=draft.supersedes,
    )


def _at_step(draft: models.Draft, state: str) -> models.Draft:
    drafts = models.Draft.objects.select_for_update(of=("self",)).select_related("round__project", "supersedes")
    locked = drafts.get(pk=draft.pk)
    if locked.state != state:
        raise WrongState(_("Its state is “%(state)s”. Reload the page.") % {"state": locked.get_state_display()})
    return locked
