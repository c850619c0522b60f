"""CreateObservations (OGC 18-088, 14): many observations of some Datastreams in one body, as arrays."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from engagement.problems import Refused
from sensors.models import Datastream
from sensors.sensorthings import bodies, own, writing
from sensors.sensorthings.access import Author
from sensors.sensorthings.entities import OBSERVATION
from sensors.sensorthings.problems import BadBody, Occupied

MOST = 20_000
_FEATURE = "FeatureOfInterest/id"


def create(body: Any, author: Author) -> list[int | str]:
    """Create all observations of a body, Datastream by Datastream.

    Returns:
        For each its id, or a sentence that begins with ``error`` (the standard asks for an entry per observation).
    Raises:
        BadBody: the body as a whole is wrong; nothing of it is stored then.
    """
    if not isinstance(body, list):
        raise BadBody("The body is a list of { Datastream, components, dataArray }.")
    groups = [_group(part, f"[{index}]") for index, part in enumerate(body)]
    if sum(len(items) for _series, items in groups) > MOST:
        raise BadBody(f"More than {MOST} observations. Send them in several requests.")
    told: list[int | str] = []
    for series, items in groups:
        if series.site_id is None:
            author.check_describes()
            told += _foreign(series, items)
        else:
            told += _ours(series, items, author)
    return told


def _group(part: Any, where: str) -> tuple[Datastream, list[dict[str, Any]]]:
    part = bodies.an_object(part, where)
    names, arrays = part.get("components"), part.get("dataArray")
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names) or "result" not in names:
        raise BadBody(f"{where}.components is a list of names with “result” among them.", where=f"{where}.components")
    if not isinstance(arrays, list):
        raise BadBody(f"{where}.dataArray is a list of lists.", where=f"{where}.dataArray")
    key = bodies.reference(part.get("Datastream"))
    series = Datastream.everywhere.filter(pk=key or 0, stream__isnull=False).first()
    if series is None:
        raise BadBody(f'{where}.Datastream must be {{"@iot.id": …}} of a Datastream that exists.', where=where)
    items = []
    for index, values in enumerate(arrays):
        if not isinstance(values, list) or len(values) != len(names):
            at = f"{where}.dataArray[{index}]"
            raise BadBody(f"{at} must have {len(names)} values, one for each component.", where=at)
        item = dict(zip(names, values, strict=True))
        if _FEATURE in item:
            item["FeatureOfInterest"] = {bodies.REFERENCE: item.pop(_FEATURE)}
        items.append(item)
    return series, items


def _foreign(series: Datastream, items: list[dict[str, Any]]) -> list[int | str]:
    told: list[int | str] = []
    with transaction.atomic():
        for item in items:
            try:
                told.append(writing.create(OBSERVATION, item, {"Datastream": series.pk})[0])
            except Refused as refused:
                told.append(f"error: {refused.detail or refused.title}")
    return told


def _ours(series: Datastream, items: list[dict[str, Any]], author: Author) -> list[int | str]:
    door = author.door_to(series)
    sent = [own.reading_of(item) for item in items]
    outcome = own.send(series, door, sent)
    return [_told(each) for each in outcome]


def _told(each: tuple[int, bool] | BadBody | Occupied) -> int | str:
    return f"error: {each.detail or each.title}" if isinstance(each, Refused) else each[0]
