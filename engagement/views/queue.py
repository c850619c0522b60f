"""The moderation queue: at the start what waits, at the end one item. Plain forms; desk.js adds the keys."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import get_language, override
from django.views.decorators.http import require_http_methods, require_safe

from engagement import access, moderation, roles, statements
from engagement.access import require_role, signed_in
from engagement.models import QueueItem, Ruling
from engagement.moderation import Content
from engagement.problems import Refused
from engagement.roles import Role

SHOWN = 12  # around the chosen item; each costs the queries of its room's content()
PROMISED = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One item as the queue shows it."""

    item: QueueItem
    label: str | Promise
    content: Content | None
    age_hours: int
    is_late: bool


@require_safe
@require_role(Role.OFFICER)
def queue(request: HttpRequest) -> HttpResponse:
    """``/desk/queue/``: the first waiting item is open."""
    return _page(request, None)


@require_http_methods(["GET", "HEAD", "POST"])
@require_role(Role.OFFICER)
def item(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """``/desk/queue/<id>/``: one item; posted, the ruling on it or its undoing, then the next item."""
    chosen = access.queue_item_for(request.user, item_id)
    if request.method != "POST":
        return _page(request, chosen)
    outcome = request.POST.get("outcome", "")
    if outcome == "undo":
        moderation.undo(chosen, signed_in(request))
        return redirect("engagement:queue_item", item_id=chosen.pk)
    following = _following(request, chosen)
    try:
        moderation.rule(
            chosen,
            signed_in(request),
            Ruling.Outcome(outcome),
            ground=request.POST.get("ground", ""),
            reason=request.POST.get("reason", ""),
        )
    except (Refused, ValueError) as refused:
        return _page(request, chosen, refused=refused)
    address = reverse("engagement:queue_item", args=[following.pk]) if following else reverse("engagement:queue")
    return redirect(f"{address}?ruled={chosen.pk}")


def _waiting(request: HttpRequest) -> list[QueueItem]:
    mine = roles.projects_of(request.user, Role.OFFICER)
    found = QueueItem.objects.filter(project__in=mine, state=QueueItem.State.WAITING)
    return list(found.select_related("project")[:1000])


def _following(request: HttpRequest, chosen: QueueItem) -> QueueItem | None:
    """The next item after this one, else the first that waits."""
    items = _waiting(request)
    keys = [entry.pk for entry in items]
    place = keys.index(chosen.pk) if chosen.pk in keys else -1
    rest = items[place + 1 :] + items[: max(place, 0)]
    return rest[0] if rest else None


def _page(request: HttpRequest, chosen: QueueItem | None, refused: Exception | None = None) -> HttpResponse:
    items = _waiting(request)
    chosen = chosen or (items[0] if items else None)
    keys = [entry.pk for entry in items]
    place = keys.index(chosen.pk) if chosen and chosen.pk in keys else 0
    start = max(0, min(place - SHOWN // 2, len(items) - SHOWN))
    window = [_described(entry) for entry in items[start : start + SHOWN]]
    shown = next((waiting for waiting in window if chosen and waiting.item.pk == chosen.pk), None)
    context = {
        "total": len(items),
        "late": sum(entry.waiting_since < timezone.now() - PROMISED for entry in items),
        "window": window,
        "hidden": len(items) - len(window),
        "open": shown or (_described(chosen) if chosen else None),
        "before": items[place - 1] if place else None,
        "after": items[place + 1] if place + 1 < len(items) else None,
        "rulings": list(chosen.rulings.select_related("moderator")) if chosen else [],
        "grounds": [(ground.value, ground.label, _canned(ground.value, chosen)) for ground in Ruling.Ground],
        "refused": refused,
        "typed": request.POST,
        "ruled": _just_ruled(request),
    }
    return render(request, "engagement/queue.html", context, status=getattr(refused, "status", 422) if refused else 200)


def _described(entry: QueueItem) -> Waiting:
    kind = moderation.kind_of(entry)
    age = timezone.now() - entry.waiting_since
    return Waiting(entry, kind.label, kind.content(entry.ref), int(age.total_seconds() // 3600), age > PROMISED)


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
