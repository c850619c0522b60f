"""One queue for everything that is moderated, and the act of ruling on it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from engagement import audit, claims, live
from engagement.models import Appeal, Project, QueueItem, Ruling, User
from engagement.problems import Refused


class MissingReasons(Refused):
    status = 422
    code = "missing-reasons"
    title = _("A rejection needs a ground and a reason.")


class AlreadyRuled(Refused):
    status = 409
    code = "already-ruled"
    title = _("Somebody has decided this already. Take the decision back first.")


class CannotRedact(Refused):
    status = 422
    code = "cannot-redact"
    title = _("This kind of content is published as it is, or not at all.")


class CannotUndo(Refused):
    status = 409
    code = "cannot-undo"
    title = _("The author has asked for a second look at this decision. Another person answers it there.")


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


@runtime_checkable
class ReadsMany(Protocol):
    """A kind that reads the contents of a whole page of the queue at once."""

    def contents(self, refs: Sequence[str]) -> Mapping[str, Content]: ...


@runtime_checkable
class Redacts(Protocol):
    """A kind whose text can be published with words blanked."""

    def redact(self, ref: str, text: str) -> None:
        """Put ``text`` in the place of what is shown."""
        ...


_kinds: dict[str, ModeratedKind] = {}


def register_kind(kind: ModeratedKind) -> None:
    _kinds[kind.kind] = kind


def kind_of(item: QueueItem) -> ModeratedKind:
    return _kinds[item.kind]


def content_of(item: QueueItem) -> Content | None:
    return kind_of(item).content(item.ref)


def contents_of(items: Iterable[QueueItem]) -> dict[UUID, Content | None]:
    """The content of each item by the item's id; None where it was withdrawn."""
    by_kind: dict[str, list[QueueItem]] = {}
    for item in items:
        by_kind.setdefault(item.kind, []).append(item)
    found: dict[UUID, Content | None] = {}
    for name, some in by_kind.items():
        kind = _kinds[name]
        if isinstance(kind, ReadsMany):
            read = kind.contents([item.ref for item in some])
            found |= {item.pk: read.get(item.ref) for item in some}
        else:
            found |= {item.pk: kind.content(item.ref) for item in some}
    return found


def can_redact(item: QueueItem) -> bool:
    return isinstance(kind_of(item), Redacts)


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
def rule(
    item: QueueItem, moderator: User, outcome: str, *, ground: str = "", reason: str = "", redacted: str = "",
    merged_into: QueueItem | None = None, again: bool = False,
) -> Ruling:  # fmt: skip
    """Approve or reject: the ruling, its effect in the room, the log entry and the news, or none of them.

    Args:
        redacted: the text to publish in the place of what the author wrote; only with an approval.
        merged_into: the item that says the same; with a rejection on the ground that it is a duplicate.
        again: an appeal decides anew on what was decided; nothing else does.

    Raises:
        MissingReasons, AlreadyRuled, CannotRedact, claims.Claimed.
    """
    if outcome == Ruling.Outcome.REJECTED and not (ground and reason.strip()):
        raise MissingReasons(_("Choose a ground and write one sentence about the facts; the author will read it."))
    locked = QueueItem.objects.select_for_update(of=("self",)).select_related("claimed_by").get(pk=item.pk)
    if not again:
        claims.check(locked, moderator)
        if locked.state != QueueItem.State.WAITING:
            raise AlreadyRuled
    rejected = outcome == Ruling.Outcome.REJECTED
    ruling = Ruling.objects.create(
        item=locked,
        moderator=moderator,
        outcome=outcome,
        ground=ground if rejected else "",
        reason=reason.strip(),
        language=locked.language or "en",
        merged_into=merged_into if rejected else None,
        original="" if rejected else _redact(locked, redacted),
    )
    locked.state = outcome
    claims.release(locked)
    locked.save(update_fields=["state", "claimed_by", "claimed_until"])
    kind_of(locked).apply(locked.ref, ruling)
    facts = {"ground": ruling.ground} | ({"redacted": True} if ruling.original else {})
    audit.record(moderator, f"moderation.{outcome}", f"{locked.kind}:{locked.ref}", facts)
    live.publish(f"desk.{locked.project_id}", "queue.ruled", {"item": str(locked.pk), "outcome": outcome})
    return ruling


def _redact(item: QueueItem, redacted: str) -> str:
    """Publish other words; returns what the author wrote, or "" where nothing was changed."""
    content = content_of(item) if redacted.strip() else None
    if content is None or redacted.strip() == content.text.strip():
        return ""
    kind = kind_of(item)
    if not isinstance(kind, Redacts):
        raise CannotRedact
    kind.redact(item.ref, redacted.strip())
    return content.text


@transaction.atomic
def undo(item: QueueItem, moderator: User) -> QueueItem:
    """Take the last ruling back: the item waits again, in the author's words. The log keeps both acts."""
    locked = QueueItem.objects.select_for_update().get(pk=item.pk)
    last = locked.rulings.first()
    if last is None:
        return locked
    if Appeal.objects.filter(ruling=last).exists():
        raise CannotUndo
    kind = kind_of(locked)
    if last.original and isinstance(kind, Redacts):
        kind.redact(locked.ref, last.original)
    last.delete()
    locked.state = QueueItem.State.WAITING
    kind.apply(locked.ref, None)
    locked.save(update_fields=["state"])
    audit.record(moderator, "moderation.undone", f"{locked.kind}:{locked.ref}")
    live.publish(f"desk.{locked.project_id}", "queue.grew", {"project": locked.project.slug, "kind": locked.kind})
    return locked


def forget(kind: str, ref: str) -> None:
    """The content was withdrawn: nothing about it stays in the queue."""
    QueueItem.objects.filter(kind=kind, ref=ref).delete()


def ruling_for(kind: str, ref: str) -> Ruling | None:
    return Ruling.objects.filter(item__kind=kind, item__ref=ref).first()
