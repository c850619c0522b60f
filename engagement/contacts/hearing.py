"""Hearing what was decided: an address is left, confirmed from a letter, used once, and deleted.

Two databases take part, and a crash may fall between any two writes. The order (docs/decisions/0033): the contacts
database first, then the queue in the main one. The job takes no arguments: it posts whatever is due, so running it again
is the repair, and no address or id of a contact ever stands in the main database. Letters go out at least once.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import smtplib
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from django.core import signing
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from engagement import audit, keys, participating, periodic
from engagement.contacts import letters
from engagement.contacts.models import Consent, Contact, Subscription
from engagement.contacts.router import CONTACTS
from engagement.models import Project
from engagement.problems import Refused
from engagement.receipts import Outcome

log = logging.getLogger("loggia.contacts")

EVERY = timedelta(minutes=5)
UNCONFIRMED = timedelta(days=7)
WORDING = 1
OUTCOME = Subscription.Purpose.OUTCOME
_signer = signing.Signer(salt="contacts")


class BadAddress(Refused):
    status = 422
    code = "bad-address"
    title = _("This is not an e-mail address.")


class AlreadyDecided(Refused):
    status = 409
    code = "already-decided"
    title = _("This was decided already.")


class UnknownLink(Refused):
    status = 404
    code = "unknown-link"
    title = _("This link is not in use any more.")


def ask(address: str, project: Project, language: str) -> None:
    """Keep an address until its owner confirms it. Says nothing about whether it was known.

    Repeating is harmless; after a day the letter that asks to confirm is sent once more.

    Raises:
        BadAddress, AlreadyDecided: with what to do instead.
    """
    plain = _checked(address)
    if decisions(project):
        raise AlreadyDecided(_("What was decided stands on the page of the project. Nothing is left to wait for."))
    with transaction.atomic(using=CONTACTS):
        contact, _made = Contact.objects.get_or_create(address=plain, defaults={"language": language})
        wanted, _made = Subscription.objects.get_or_create(contact=contact, purpose=OUTCOME, ref=str(project.pk))
        if wanted.confirmed_on is None and wanted.letter_on and wanted.letter_on < timezone.localdate():
            wanted.letter_on = None
            wanted.save(update_fields=["letter_on"])
    periodic.start("contacts")


def _checked(address: str) -> str:
    plain = address.strip().lower()
    try:
        validate_email(plain)
    except ValidationError:
        raise BadAddress(_("Write it like name@example.org.")) from None
    return plain


def token(subscription: Subscription) -> str:
    """What stands in the links of letters; needs no row of its own."""
    return _signer.sign(str(subscription.pk))


def find(given: str) -> Subscription:
    """Raises UnknownLink for a forged link, and for one whose address is deleted."""
    try:
        found = Subscription.objects.filter(pk=int(_signer.unsign(given))).select_related("contact").first()
    except (signing.BadSignature, ValueError):
        found = None
    if found is None:
        raise UnknownLink(_("Perhaps you stopped it, or the message was sent already. Your address is not kept."))
    return found


@transaction.atomic(using=CONTACTS)
def confirm(given: str) -> Subscription:
    """The owner of the address agrees. Repeating changes nothing. Raises UnknownLink."""
    wanted = Subscription.objects.select_for_update().get(pk=find(given).pk)
    if wanted.confirmed_on is None:
        wanted.confirmed_on = timezone.localdate()
        wanted.letter_on = wanted.letter_on or wanted.confirmed_on
        wanted.save(update_fields=["confirmed_on", "letter_on"])
        Consent.objects.get_or_create(
            mark=mark(wanted.contact.address), purpose=wanted.purpose, ref=wanted.ref, ended_on=None, wording=WORDING
        )
    return wanted


@transaction.atomic(using=CONTACTS)
def stop(given: str) -> None:
    """Delete the address at once, and note that the consent was withdrawn. Repeating is harmless."""
    try:
        wanted = find(given)
    except UnknownLink:
        return
    _end(wanted, Consent.Ended.WITHDRAWN)


def mark(address: str) -> str:
    return hmac.new(keys.secret("contacts"), address.encode(), hashlib.sha256).hexdigest()


def _end(wanted: Subscription, how: str) -> None:
    """Inside a transaction of the contacts database."""
    given = Consent.objects.filter(mark=mark(wanted.contact.address), purpose=wanted.purpose, ref=wanted.ref)
    given.filter(ended_on__isnull=True).update(ended_on=timezone.localdate(), ended_by=how)
    contact = wanted.contact
    wanted.delete()
    if not contact.subscriptions.exists():
        contact.delete()


def decisions(project: Project) -> list[Outcome]:
    return [outcome for outcome in participating.outcomes(project) if outcome.kind == "decision"]


def something_is_due() -> bool:
    """Whether a letter waits, or an address has to go."""
    return bool(_to_confirm() or _to_drop() or next(_decided(), None))


def post_due() -> dict[str, int]:
    """Send what is due and delete what is over; also the repair of whatever a crash left. Returns counts for the proof."""
    done: Counter[str] = Counter()
    for pk in _to_confirm():
        done["asked to confirm"] += _post(pk, _ask_to_confirm)
    for pk, project in list(_decided()):
        done["told and deleted"] += _post(pk, partial(_tell, project=project))
    for pk in _to_drop():
        done["never confirmed"] += _post(pk, partial(_end, how=Consent.Ended.WITHDRAWN))
    counts = {what: count for what, count in done.items() if count}
    if counts:
        audit.record(None, "contacts.posted", "contacts", dict(counts))
    return counts


def _to_confirm() -> list[int]:
    waiting = Subscription.objects.filter(confirmed_on__isnull=True, letter_on__isnull=True)
    return list(waiting.values_list("pk", flat=True))


def _to_drop() -> list[int]:
    """Never confirmed, or about a project that is gone."""
    late = Subscription.objects.filter(confirmed_on__isnull=True, asked_on__lt=timezone.localdate() - UNCONFIRMED)
    known = {str(pk) for pk in Project.objects.values_list("pk", flat=True)}
    gone = Subscription.objects.filter(purpose=OUTCOME).exclude(ref__in=known)
    return [*late.values_list("pk", flat=True), *gone.values_list("pk", flat=True)]


def _decided() -> Iterator[tuple[int, Project]]:
    confirmed = Subscription.objects.filter(purpose=OUTCOME, confirmed_on__isnull=False)
    refs = [int(ref) for ref in set(confirmed.values_list("ref", flat=True))]
    for project in Project.objects.filter(pk__in=refs, published=True):
        if decisions(project):
            for pk in confirmed.filter(ref=str(project.pk)).values_list("pk", flat=True):
                yield pk, project


def _post(pk: int, act: letters.Act) -> int:
    """Do one thing under the row's lock; a letter that cannot be sent stays due."""
    try:
        with transaction.atomic(using=CONTACTS):
            wanted = (
                Subscription.objects.select_for_update(of=("self",)).filter(pk=pk).select_related("contact").first()
            )
            if wanted is None:
                return 0
            act(wanted)
    except (smtplib.SMTPException, OSError):
        log.exception("letter-not-sent")
        return 0
    return 1


def _ask_to_confirm(wanted: Subscription) -> None:
    project = Project.objects.filter(pk=int(wanted.ref)).first()
    if wanted.letter_on is None and project is not None:
        letters.ask_to_confirm(wanted.contact, project, token(wanted))
        wanted.letter_on = timezone.localdate()
        wanted.save(update_fields=["letter_on"])


def _tell(wanted: Subscription, project: Project) -> None:
    letters.tell(wanted.contact, project, decisions(project), token(wanted))
    _end(wanted, Consent.Ended.FULFILLED)
