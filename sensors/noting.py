"""A host's notes about an interval: works in the street, a barbecue, a cleaned filter. Readings within carry a flag."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from engagement.problems import Refused
from sensors import checking, times
from sensors.models import Annotation, Site


class BadInterval(Refused):
    status = 422
    code = "bad-interval"
    title = _("A note ends after it begins, and begins before now.")


@transaction.atomic
def add(site: Site, since: datetime, until: datetime | None, text: str) -> Annotation:
    """Note something; the readings of the interval are flagged at once and leave the figures. Raises BadInterval."""
    if since > timezone.now() or (until is not None and until < since):
        raise BadInterval
    note = Annotation.objects.create(site=site, since=since, until=until, text=" ".join(text.split())[:280])
    _check_again(site, since, until)
    return note


@transaction.atomic
def remove(site: Site, note_id: int) -> bool:
    """Take a note back, and the flags that came with it. False when there is no such note."""
    note = Annotation.objects.filter(site=site, pk=note_id).first()
    if note is None:
        return False
    note.delete()
    _check_again(site, note.since, note.until)
    return True


def within(site: Site, since: datetime, until: datetime) -> list[Annotation]:
    """Notes that touch an interval, newest first."""
    return list(site.annotations.filter(Q(until__isnull=True) | Q(until__gte=since), since__lte=until))


def _check_again(site: Site, since: datetime, until: datetime | None) -> None:
    reach = times.of(since), times.of(until or timezone.now())
    checking.check(dict.fromkeys(site.datastreams.values_list("pk", flat=True), reach))
