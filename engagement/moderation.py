"""One queue for everything that is moderated, and the act of ruling on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from engagement import audit, live
from engagement.models import Project, QueueItem, Ruling, User
from engagement.problems import Refused


class MissingReasons(Refused):
    status = 422
    code = "missing-reasons"
    title = _("A rejection needs a ground and a reason.")


@dataclass(frozen=True)
class Content:
    """What the moderator sees. ``proposal`` is the text with personal data blanked out, where a room offers one."""

    text: str = ""
    image_url: str = ""
    place: str = ""
    language: str = ""
    context: str = ""
    proposal: str = ""
    simulated: bool = False


class ModeratedKind(Protocol):
    """A kind of content that a room puts into the queue."""

    kind: str
    label: str | Promise

    def content(self, ref: str) -> Content | None: ...
    def apply(self, ref: str, ruling: Ruling | None) -> None:
        """Carry the ruling out; ``None`` takes it back, and the content waits again."""
        ...


_kinds: dict[str, ModeratedKind] = {}


def register_kind(kind: ModeratedKind) -> None:
    _kinds[kind.kind] = kind


def kind_of(item: QueueItem) -> ModeratedKind:
    return _kinds[item.kind]


def content_of(item: QueueItem) -> Content | None:
    return kind_of(item).content(item.ref)


def enqueue(kind: str, ref: str, *, project: Project, language: str = "", harm: int = 1) -> QueueItem:
    """Let content wait for a moderator. Repeating is harmless."""
    if kind not in _kinds:
        raise LookupError(f"{kind} is not a registered moderated kind: {', '.join(sorted(_kinds))}")
    item, created = QueueItem.objects.get_or_create(
        kind=kind, ref=ref, defaults={"project": project, "language": language, "harm": harm}
    )
    if created:
        live.publish(f"desk.{project.pk}", "queue.grew", {"project": project.slug, "kind": kind})
    return item


def enqueue_new(content: Sequence[tuple[str, str]], *, project: Project, language: str = "") -> None:
    """Let several pieces of new content wait, ``(kind, ref)`` each, with one insertion and one piece of news."""
    for kind, _ref in content:
        if kind not in _kinds:
            raise LookupError(f"{kind} is not a registered moderated kind: {', '.join(sorted(_kinds))}")
    QueueItem.objects.bulk_create(
        QueueItem(kind=kind, ref=ref, project=project, language=language) for kind, ref in content
    )
    if content:
        live.publish(f"desk.{project.pk}", "queue.grew", {"project": project.slug, "kind": content[0][0]})


@transaction.atomic
def rule(item: QueueItem, moderator: User, outcome: str, *, ground: str = "", reason: str = "") -> Ruling:
    """Approve or reject: the ruling, its effect in the room, the log entry and the news, or none of them."""
    if outcome == Ruling.Outcome.REJECTED and not (ground and reason.strip()):
        raise MissingReasons(_("Choose a ground and write one sentence about the facts; the author will read it."))
    locked = QueueItem.objects.select_for_update().get(pk=item.pk)
    ruling = Ruling.objects.create(
        item=locked,
        moderator=moderator,
        outcome=outcome,
        ground=ground if outcome == Ruling.Outcome.REJECTED else "",
        reason=reason.strip(),
        language=locked.language or "en",
    )
    locked.state = outcome
    locked.save(update_fields=["state"])
    kind_of(locked).apply(locked.ref, ruling)
    audit.record(moderator, f"moderation.{outcome}", f"{locked.kind}:{locked.ref}", {"ground": ruling.ground})
    live.publish(f"desk.{locked.project_id}", "queue.ruled", {"item": str(locked.pk), "outcome": outcome})
    return ruling


@transaction.atomic
def undo(item: QueueItem, moderator: User) -> QueueItem:
    """Take the last ruling back: the item waits again. The log keeps both acts."""
    locked = QueueItem.objects.select_for_update().get(pk=item.pk)
    last = locked.rulings.first()
    if last is not None:
        last.delete()
        locked.state = QueueItem.State.WAITING
        kind_of(locked).apply(locked.ref, None)
        locked.save(update_fields=["state"])
        audit.record(moderator, "moderation.undone", f"{locked.kind}:{locked.ref}")
        live.publish(f"desk.{locked.project_id}", "queue.grew", {"project": locked.project.slug, "kind": locked.kind})
    return locked


def forget(kind: str, ref: str) -> None:
    """The content was withdrawn: nothing about it stays in the queue."""
    QueueItem.objects.filter(kind=kind, ref=ref).delete()


def ruling_for(kind: str, ref: str) -> Ruling | None:
    return Ruling.objects.filter(item__kind=kind, item__ref=ref).first()
