"""News of responses to systems of the city: a row in the outbox with the response, posted by the worker, tried again.

What is told: ``response.received`` in steps of ten with the count, as live viewers hear it; ``response.deleted`` with the
row's id for everybody who holds a copy. Answers are never sent: systems that need them get a copy with a purpose.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from engagement import audit, jobs, outbound
from engagement.erasing import Erased
from engagement.jobs import Progress
from engagement.models import Project, User
from surveys.hook_models import Delivery, Webhook

State = Delivery.State
MOST_ATTEMPTS = 12
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=6)
BATCH = 100


def add(officer: User, project: Project, url: str) -> Webhook:
    """Tell this address from now on. Adding it again starts it again with the same secret.

    Raises:
        AddressRefused: it may not be posted to.
    """
    try:
        outbound.resolved(url)
    except outbound.NotDelivered:
        raise outbound.AddressRefused(_("This name is not known. Please check the address.")) from None
    with transaction.atomic():
        hook, _new = Webhook.objects.update_or_create(project=project, url=url, defaults={"active": True})
        audit.record(officer, "webhook.added", f"webhook:{hook.pk}", {"project": project.slug})
    return hook


@transaction.atomic
def stop(officer: User, hook: Webhook) -> None:
    """Tell it nothing more; what waited is given up."""
    Webhook.objects.filter(pk=hook.pk).update(active=False)
    hook.deliveries.filter(state=State.WAITING).update(state=State.GIVEN_UP, payload={})
    audit.record(officer, "webhook.stopped", f"webhook:{hook.pk}")


def tell(project: Project, event: str, payload: Mapping[str, Any]) -> int:
    """Write one delivery per active webhook, inside the transaction that caused it; returns how many."""
    hooks = list(Webhook.objects.filter(project=project, active=True))
    if not hooks:
        return 0
    Delivery.objects.bulk_create(Delivery(webhook=hook, event=event, payload=dict(payload)) for hook in hooks)
    jobs.enqueue(deliver, ref="webhooks")
    return len(hooks)


def tell_of_erasure(erased: Erased) -> list[str]:
    """Deletions are sent, too. See ``engagement.erasing``."""
    payload = {"response": erased.ref, "why": erased.why, "round": str(erased.round.pk) if erased.round else ""}
    count = tell(erased.project, "response.deleted", payload)
    if not count:
        return []
    sentence = ngettext(
        "%(count)d connected system is told that your row is gone.",
        "%(count)d connected systems are told that your row is gone.",
        count,
    )
    return [sentence % {"count": count}]


@jobs.job("surveys.webhooks")
def deliver(progress: Progress) -> None:
    """Post what is due. A post that arrives twice is told apart by its id in the header ``Loggia-Delivery``."""
    while due := list(_due()[:BATCH]):
        for delivery in due:
            attempt(delivery)
        progress(0.5)


def deliver_due() -> dict[str, int]:
    """Queue the deliveries that wait for another try."""
    count = _due().count()
    if count:
        jobs.enqueue(deliver, ref="webhooks")
    return {"due": count}


def is_anything_due() -> bool:
    return _due().exists()


def _due() -> QuerySet[Delivery]:
    waiting = Delivery.objects.filter(state=State.WAITING, due_at__lte=timezone.now())
    return waiting.select_related("webhook").order_by("due_at")


def attempt(delivery: Delivery) -> None:
    """Post once, then write down how it went: delivered, another time, or given up."""
    told = {"id": str(delivery.pk), "event": delivery.event, **delivery.payload}
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    delivery.attempts += 1
    try:
        status = outbound.post(
            delivery.webhook.url, body, secret=delivery.webhook.secret, headers={"Loggia-Delivery": str(delivery.pk)}
        )
    except outbound.AddressRefused as refused:
        delivery.state, delivery.told = State.GIVEN_UP, refused.code
    except outbound.NotDelivered as error:
        delivery.told = str(error)[:60]
        delivery.due_at = timezone.now() + wait_after(delivery.attempts)
        if delivery.attempts >= MOST_ATTEMPTS:
            delivery.state = State.GIVEN_UP
    else:
        delivery.state, delivery.told = State.DELIVERED, f"HTTP {status}"
    if delivery.state != State.WAITING:
        delivery.payload = {}  # what it said is not kept
    delivery.save(update_fields=["state", "attempts", "due_at", "told", "payload"])


def wait_after(attempts: int) -> timedelta:
    """30 s, 1 min, 2 min … at most 6 h: twelve attempts are about a day and a half."""
    doubled: int = 2 ** (attempts - 1)
    return min(LONGEST_WAIT, FIRST_WAIT * doubled)
