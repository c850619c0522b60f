"""The two letters: please confirm, and this was decided. Plain text, in the language in which somebody asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import translation
from django.utils.translation import gettext as _

from engagement.contacts.models import Contact, Subscription
from engagement.languages import pick
from engagement.models import Project
from engagement.receipts import Outcome

Act = Callable[[Subscription], None]


def ask_to_confirm(contact: Contact, project: Project, token: str) -> None:
    """Raises SMTPException or OSError when it cannot be sent."""
    with translation.override(contact.language):
        lines = [
            _("Somebody asked us to tell this address what was decided about:"),
            pick(project.title),
            _("If that was you, please confirm on this page:"),
            _link(token),
            _(
                "If it was not you, do nothing: without your confirmation the address is deleted after a week. "
                "The same page lets you delete it at once."
            ),
        ]
        _send(contact, _("Please confirm: tell me what was decided"), lines, token)


def tell(contact: Contact, project: Project, decisions: Sequence[Outcome], token: str) -> None:
    """Raises SMTPException or OSError when it cannot be sent."""
    with translation.override(contact.language):
        title = pick(project.title)
        lines = [_("You asked to hear what was decided about:"), title]
        for decision in decisions:
            address = decision.url or f"/projects/{project.slug}/"
            lines += [decision.title, decision.text, f"{settings.LOGGIA_BASE_URL}{address}"]
        lines.append(_("This was the only message. Your address has been deleted."))
        _send(contact, _("What was decided: %(title)s") % {"title": title}, lines, token)


def _link(token: str) -> str:
    return f"{settings.LOGGIA_BASE_URL}/hear/{token}/"


def _send(contact: Contact, subject: str, lines: Sequence[str], token: str) -> None:
    # One click in the mail program stops it (RFC 8058).
    headers = {"List-Unsubscribe": f"<{_link(token)}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    body = "\n\n".join([*(line for line in lines if line), settings.LOGGIA_SITE_NAME])
    EmailMessage(" ".join(subject.split()), body, to=[contact.address], headers=headers).send()
