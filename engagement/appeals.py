"""A second look at a ruling, by another person than the first (DSA Art. 20)."""

from __future__ import annotations

from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from engagement import audit, live, moderation, roles
from engagement.models import Appeal, Ruling, User
from engagement.problems import Refused
from engagement.roles import Role

OPEN_FOR = timedelta(days=183)


class AppealRefused(Refused):
    status = 409
    code = "appeal-refused"
    title = gettext_lazy("This cannot be looked at again.")


def of(ruling: Ruling) -> Appeal | None:
    return Appeal.objects.filter(ruling=ruling).first()


def may_be_made(ruling: Ruling) -> bool:
    """Against a rejection, once, within six months."""
    fresh = ruling.ruled_at > timezone.now() - OPEN_FOR
    return ruling.outcome == Ruling.Outcome.REJECTED and fresh and of(ruling) is None


@transaction.atomic
def make(ruling: Ruling, text: str) -> Appeal:
    """Ask for a second look. Sending it again gives the first one back."""
    known = of(ruling)
    if known is not None:
        return known
    if not may_be_made(ruling):
        raise AppealRefused(_("A second look is possible for six months after something was not published."))
    if not text.strip():
        raise AppealRefused(_("Write in one sentence why the decision is wrong."))
    try:
        with transaction.atomic():
            appeal = Appeal.objects.create(ruling=ruling, text=text.strip()[:2000])
    except IntegrityError:  # the same form sent twice at the same moment
        return Appeal.objects.get(ruling=ruling)
    audit.record(None, "appeal.made", f"ruling:{ruling.pk}")
    live.publish(f"desk.{ruling.item.project_id}", "appeal.made", {"appeal": appeal.pk})
    return appeal


def waiting_for(user: object) -> QuerySet[Appeal]:
    """Unanswered appeals that this person may decide: in own projects, against somebody else's ruling."""
    open_ones = Appeal.objects.filter(
        answered_by__isnull=True, ruling__item__project__in=roles.projects_of(user, Role.OFFICER)
    )
    others = open_ones.exclude(ruling__moderator=user) if isinstance(user, User) else open_ones.none()
    return others.select_related("ruling__item__project", "ruling__moderator").order_by("made_at")


@transaction.atomic
def answer(appeal: Appeal, officer: User, *, upheld: bool, text: str) -> Appeal:
    """Decide an appeal: upheld publishes the content after all. Never by the person who ruled first."""
    locked = Appeal.objects.select_for_update().select_related("ruling__item").get(pk=appeal.pk)
    if locked.answered_by_id is not None:
        raise AppealRefused(_("Another officer has answered this already."))
    if locked.ruling.moderator_id == officer.pk:
        raise AppealRefused(_("You made the decision that is appealed against. Another person has to look at it."))
    if not text.strip():
        raise AppealRefused(_("Write to the author in one sentence why."))
    locked.answered_by, locked.upheld, locked.answer = officer, upheld, text.strip()[:2000]
    locked.save(update_fields=["answered_by", "upheld", "answer"])
    if upheld:
        moderation.rule(locked.ruling.item, officer, Ruling.Outcome.APPROVED, again=True)
    audit.record(officer, "appeal.upheld" if upheld else "appeal.dismissed", f"ruling:{locked.ruling_id}")
    return locked
