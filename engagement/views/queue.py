"""The moderation queue: at the start what waits, at the end one item. Plain forms; desk.js adds the keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext, override
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from engagement import access, claims, moderation, queueing, statements
from engagement.access import require_role, signed_in
from engagement.models import QueueItem, Ruling, User
from engagement.moderation import Content
from engagement.problems import Refused
from engagement.queueing import Waiting
from engagement.roles import Role
from privacy.scrub import scrub_text

SHOWN = 12  # around the chosen item
WRITTEN = [ground for ground in Ruling.Ground if ground != Ruling.Ground.DUPLICATE]


@dataclass(frozen=True, slots=True)
class Shown:
    """One item as the queue shows it; ``waiting`` is None for one that was decided."""

    item: QueueItem
    label: str | Promise
    content: Content | None
    waiting: Waiting | None = None

    @property
    def proposal(self) -> str:
        """The text with what could name somebody blanked; "" where nothing was found. A person decides, no rule."""
        if self.content is None or not self.content.text:
            return ""
        proposed = self.content.proposal or scrub_text(self.content.text).text
        return proposed if proposed != self.content.text else ""


@require_safe
@require_role(Role.OFFICER)
def queue(request: HttpRequest) -> HttpResponse:
    """``/desk/queue/``: the most urgent item that nobody else has in hand is open."""
    return _page(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@require_role(Role.OFFICER)
def item(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """``/desk/queue/<id>/``: one item; posted, the ruling on it or its undoing, then the next item."""
    chosen = access.queue_item_for(request.user, item_id)
    if request.method != "POST":
        return _page(request, chosen)
    try:
        if request.POST.get("outcome") == "undo":
            moderation.undo(chosen, signed_in(request))
            return redirect("engagement:queue_item", item_id=chosen.pk)
        following = _following(request, chosen)
        _rule(request, chosen)
    except (Refused, ValueError) as refused:
        return _page(request, chosen, refused=refused)
    address = reverse("engagement:queue_item", args=[following.pk]) if following else reverse("engagement:queue")
    return redirect(f"{address}?ruled={chosen.pk}")


def _rule(request: HttpRequest, chosen: QueueItem) -> None:
    """``outcome``: approved, redacted (approved with other words), merged (rejected as a duplicate) or rejected."""
    given, officer = request.POST, signed_in(request)
    match given.get("outcome"):
        case "redacted":
            moderation.rule(chosen, officer, Ruling.Outcome.APPROVED, redacted=given.get("redacted", ""))
        case "merged":
            other = access.queue_item_for(request.user, UUID(given.get("into", "")))
            same = Ruling.Ground.DUPLICATE
            said = _canned(same, chosen)
            moderation.rule(chosen, officer, Ruling.Outcome.REJECTED, ground=same, reason=said, merged_into=other)
        case outcome:
            ground, reason = given.get("ground", ""), given.get("reason", "")
            moderation.rule(chosen, officer, Ruling.Outcome(outcome or ""), ground=ground, reason=reason)


@require_POST
@require_role(Role.OFFICER)
def several(request: HttpRequest) -> HttpResponse:
    """``/desk/queue/several/``: one decision with one reason on every item that was ticked."""
    try:
        ids = [UUID(value) for value in request.POST.getlist("item")]
        outcome = Ruling.Outcome(request.POST.get("outcome", ""))
        words = {name: request.POST.get(name, "") for name in ("ground", "reason")}
        done = queueing.rule_many(request.user, signed_in(request), ids, outcome, **words)
    except (Refused, ValueError) as refused:
        return _page(request, None, refused=refused)
    said = ngettext("%(count)d item decided.", "%(count)d items decided.", done.ruled) % {"count": done.ruled}
    messages.success(request, said)
    for reason in done.left_out:
        messages.warning(request, reason)
    return redirect("engagement:queue")


def _following(request: HttpRequest, chosen: QueueItem) -> QueueItem | None:
    """The next item after this one that no colleague has, else the first such."""
    officer = signed_in(request)
    items = [one.item for one in queueing.waiting(officer)]
    keys = [entry.pk for entry in items]
    place = keys.index(chosen.pk) if chosen.pk in keys else -1
    rest = items[place + 1 :] + items[: max(place, 0)]
    return next((entry for entry in rest if claims.holder(entry, officer) is None), None)


def _page(request: HttpRequest, chosen: QueueItem | None, refused: Exception | None = None) -> HttpResponse:
    officer = signed_in(request)
    items = queueing.waiting(officer)
    chosen = chosen or next((one.item for one in items if claims.holder(one.item, officer) is None), None)
    keys = [one.item.pk for one in items]
    place = keys.index(chosen.pk) if chosen and chosen.pk in keys else 0
    start = max(0, min(place - SHOWN // 2, len(items) - SHOWN))
    window = items[start : start + SHOWN]
    context = {
        "total": len(items),
        "late": sum(one.is_late for one in items),
        "hidden": len(items) - len(window),
        "before": items[place - 1].item if place else None,
        "after": items[place + 1].item if place + 1 < len(items) else None,
        "grounds": [(ground.value, ground.label, _canned(ground, chosen)) for ground in WRITTEN],
        "refused": refused,
        "typed": request.POST,
        "ruled": _just_ruled(request),
    }
    context |= _opened(officer, chosen, window)
    return render(request, "engagement/queue.html", context, status=getattr(refused, "status", 422) if refused else 200)


def _opened(officer: User, chosen: QueueItem | None, window: list[Waiting]) -> dict[str, Any]:
    """The list and the open item, every content read once per kind."""
    rulings = list(chosen.rulings.select_related("moderator", "appeal", "item")) if chosen else []
    others = queueing.candidates(chosen) if chosen else []
    items = {one.item.pk: one.item for one in window} | {other.pk: other for other in others}
    contents = moderation.contents_of(items.values())
    if chosen:
        contents[chosen.pk] = moderation.content_of(chosen)  # whole, with its place
    by_item = {one.item.pk: one for one in window}

    def shown(entry: QueueItem) -> Shown:
        return Shown(entry, moderation.kind_of(entry).label, contents[entry.pk], by_item.get(entry.pk))

    waits = chosen is not None and chosen.state == QueueItem.State.WAITING
    held = chosen is not None and waits and not claims.claim(chosen, officer)
    return {
        "window": [shown(one.item) for one in window],
        "open": shown(chosen) if chosen else None,
        "waits": waits and not held,
        "holder": claims.holder(chosen, officer) if chosen and held else None,
        "rulings": rulings,
        "can_redact": chosen is not None and moderation.can_redact(chosen),
        "candidates": [shown(other) for other in others if contents[other.pk]],
    }


def _canned(ground: str, chosen: QueueItem | None) -> str:
    """A ready sentence about the facts, in the author's language."""
    language = chosen.language if chosen and chosen.language else get_language()
    with override(language):
        return str(statements.CANNED[ground])


def _just_ruled(request: HttpRequest) -> QueueItem | None:
    """The item that was ruled on a moment ago, to offer its undoing."""
    try:
        return access.queue_item_for(request.user, UUID(request.GET.get("ruled", "")))
    except (ValueError, Http404):
        return None
