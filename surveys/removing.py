"""A response leaves, with everything that hangs on it: on its author's wish, for a corrected one, or when its time is over."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from engagement import erasing, moderation
from engagement.erasing import Erased, Why
from privacy import snapshot
from surveys.models import Response, Tombstone, grave
from surveys.storing import KIND


@dataclass(frozen=True)
class Removed:
    """What went: photos and places of the response, in how many snapshots its row was, who was told."""

    photos: int = 0
    places: int = 0
    snapshots: int = 0
    told: list[str] = field(default_factory=list)


def remove(response: Response, why: Why) -> Removed:
    """Delete one response from answers, queue and snapshots and tell holders of copies. Inside a transaction."""
    parts = list(response.moderated.all())
    photos = response.moderated.filter(attachment__isnull=False).count()
    places = response.moderated.filter(geometry__isnull=False).count()
    for answer in parts:
        moderation.forget(answer.kind, str(answer.pk))
    frozen = snapshot.remove_unit(response.round, response.pseudonym)
    ids = tuple(str(answer.pk) for answer in parts)
    told = erasing.announce(Erased(KIND, str(response.pk), response.round.project, response.round, why, ids))
    response.delete()
    return Removed(photos, places, frozen, told)


def remove_again(digests: Collection[str]) -> int:
    """After a restore: bury what the restored database does not know to be withdrawn. Returns how many rows came back."""
    known = set(Tombstone.objects.values_list("digest", flat=True))
    missing = set(digests) - known
    if not missing:
        return 0
    back = [pk for pk in Response.objects.values_list("pk", flat=True) if grave(pk) in missing]
    for response in Response.objects.filter(pk__in=back).select_related("round__project"):
        remove(response, "withdrawn")
    Tombstone.objects.bulk_create([Tombstone(digest=digest) for digest in missing], ignore_conflicts=True)
    return len(back)
