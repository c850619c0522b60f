"""The second signature of a small town: an outsider is invited by a link that works once, without an account.

The link carries a signed number (Django's signer, the site's secret), never the answer; what it opens is one invitation
with a day on which it ends. Whoever holds it sees ranges and attack results, and signs or declines with a reason.
"""

from __future__ import annotations

from datetime import timedelta

from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from engagement import audit
from engagement.models import User
from engagement.problems import Refused
from privacy import publishing
from privacy.models import Draft, Invitation, Release, SecondSignature
from privacy.officers import require_officer

SALT = "privacy.witness"
VALID = timedelta(days=14)
Answer = Invitation.Answer


class NotInvited(Refused):
    status = 404
    code = "not-invited"
    title = _("This link does not work.")


class ReasonMissing(Refused):
    status = 422
    code = "reason-missing"
    title = _("Say why, in a sentence.")


@transaction.atomic
def invite(draft: Draft, officer: User, role: str) -> str:
    """Ask somebody from outside; returns what belongs into the link. It is shown once and stored nowhere.

    Raises:
        NotAnOfficer, WrongState, SecondOfficerExists, ReasonMissing: nobody says who is invited.
    """
    locked = publishing.at_step(draft, Draft.State.SIGNED)
    require_officer(officer, locked.round)
    publishing.require_lonely(locked)
    if not role.strip():
        raise ReasonMissing(_("Say as whom they sign, such as “chair of the village association”."))
    until = timezone.localdate() + VALID
    made = Invitation.objects.create(draft=locked, role=role.strip(), invited_by=officer, expires_on=until)
    audit.record(officer, "release.witness-invited", f"draft:{locked.pk}", {"invitation": str(made.pk)})
    return signing.dumps(str(made.pk), salt=SALT)


def opened(token: str) -> Invitation:
    """The invitation behind a link.

    Raises:
        NotInvited: not our link, its time is over, or it was used.
    """
    try:
        pk = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise NotInvited(_("It is not complete, or not from this site. Ask for a new one.")) from None
    found = Invitation.objects.filter(pk=pk).select_related("draft__round__project", "draft__snapshot").first()
    if found is None or found.expires_on < timezone.localdate():
        raise NotInvited(_("Its time is over. Ask for a new one."))
    if found.answer != Answer.WAITING or found.draft.state != Draft.State.SIGNED:
        raise NotInvited(_("It was used already, or the release was decided in another way."))
    return found


@transaction.atomic
def sign(token: str) -> Release:
    """The outsider agrees: published at once, by one person inside and one outside. Raises NotInvited, WrongState."""
    locked = _locked(token)
    draft = publishing.at_step(locked.draft, Draft.State.SIGNED)
    _answer(locked, Answer.SIGNED, "")
    return publishing.publish(draft, SecondSignature.WITNESS)


@transaction.atomic
def decline(token: str, reason: str) -> Draft:
    """The outsider does not agree; the draft leaves the desk's road and the reason stays. Raises NotInvited."""
    if not reason.strip():
        raise ReasonMissing(_("Say why you do not agree; the officer will read it."))
    locked = _locked(token)
    draft = publishing.at_step(locked.draft, Draft.State.SIGNED)
    _answer(locked, Answer.DECLINED, reason.strip()[:500])
    draft.state, draft.signed_by, draft.signed_at, draft.public_on = Draft.State.PROPOSED, None, None, None
    draft.save(update_fields=["state", "signed_by", "signed_at", "public_on"])
    return draft


def _locked(token: str) -> Invitation:
    return Invitation.objects.select_for_update().get(pk=opened(token).pk)


def _answer(invitation: Invitation, answer: str, reason: str) -> None:
    invitation.answer, invitation.reason, invitation.answered_on = answer, reason, timezone.localdate()
    invitation.save(update_fields=["answer", "reason", "answered_on"])
    audit.record(None, f"release.witness-{answer}", f"draft:{invitation.draft_id}", {"invitation": str(invitation.pk)})
