"""Readings that clients write into series of their own: the one table, its natural key, and what a client adds."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from sensors.models import Feature, Location, Observation, ObservationDetail, Stream
from sensors.sensorthings.problems import BadBody, Occupied

_PREFIX = "detail__"
_PART = 500


def store(stream_key: int, values: Mapping[str, Any], feature: int | None) -> tuple[int, bool]:
    """Store one reading; must run inside a transaction.

    Returns:
        Its id, and whether it is new: a client that sends it again gets the one that is there.
    Raises:
        BadBody: it names no feature and its thing has no place to make one from.
        Occupied: the series has another result for this moment.
    """
    stream = Stream.objects.select_related("feature").get(pk=stream_key)
    own, detail = _parted(values)
    feature = feature or feature_for(stream)
    if stream.feature_id is None:
        Stream.objects.filter(pk=stream_key).update(feature=feature)
    elif stream.feature_id != feature:
        detail["feature_id"] = feature
    known = _known(stream_key, own["phenomenon_time"], own["result"], detail.get("result"))
    if known is not None:
        return known, False
    try:
        with transaction.atomic():
            found = Observation.objects.create(datastream_id=stream_key, **own)
    except IntegrityError:
        raise Occupied from None
    if any(value is not None for value in detail.values()):
        ObservationDetail.objects.create(observation=found, **detail)
        _widen(stream_key, detail.get("result_time"))
    return found.pk, True


def _known(stream: int, at: datetime, result: float, other: Any) -> int | None:
    found = Observation.objects.select_related("detail").filter(datastream=stream, phenomenon_time=at).first()
    if found is None:
        return None
    written = getattr(found, "detail", None)
    if found.result == result and (written.result if written else None) == other:
        return int(found.pk)
    raise Occupied


def _parted(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Columns of the reading, and columns of what a client adds."""
    own = {name: value for name, value in values.items() if not name.startswith(_PREFIX)}
    return own, {name[len(_PREFIX) :]: value for name, value in values.items() if name.startswith(_PREFIX)}


def _widen(stream_key: int, at: datetime | None) -> None:
    if at is None:
        return
    rows = Stream.objects.filter(pk=stream_key)
    rows.filter(result_since__isnull=True).update(result_since=at, result_until=at)
    rows.filter(result_since__gt=at).update(result_since=at)
    rows.filter(result_until__lt=at).update(result_until=at)


def feature_for(stream: Stream) -> int:
    """The feature that is made from where the thing is, once for each place. Raises BadBody."""
    location = Location.objects.filter(things=stream.thing_id).order_by("-pk").first()
    if location is None:
        raise BadBody(
            "FeatureOfInterest is missing, and the Thing has no Location to make one from.", where="FeatureOfInterest"
        )
    made = location.made_feature
    if made is not None and made.feature == location.location:
        return made.pk
    made = Feature.objects.create(
        name=f"At {location.name}"[:255],
        description=location.description,
        encoding_type=location.encoding_type,
        feature=location.location,
        geometry=location.geometry,
    )
    Location.objects.filter(pk=location.pk).update(made_feature=made)
    return made.pk


def relate(key: int, feature: int) -> None:
    """The reading is about this feature."""
    ObservationDetail.objects.update_or_create(observation_id=key, defaults={"feature_id": feature})


def change(key: int, values: Mapping[str, Any], links: Mapping[str, int]) -> None:
    """Change a reading. Raises Occupied where its series has one at the new moment."""
    own, detail = _parted(values)
    if "Datastream" in links:
        own["datastream_id"] = links["Datastream"]
    if "FeatureOfInterest" in links:
        detail["feature_id"] = links["FeatureOfInterest"]
    try:
        with transaction.atomic():
            if own:
                Observation.objects.filter(pk=key).update(**own)
    except IntegrityError:
        raise Occupied from None
    if any(value is not None for value in detail.values()) or ObservationDetail.objects.filter(pk=key).exists():
        ObservationDetail.objects.update_or_create(observation_id=key, defaults=detail)
    stream = Observation.objects.values_list("datastream_id", flat=True).get(pk=key)
    _widen(stream, detail.get("result_time"))


def remove(keys: list[int]) -> None:
    for start in range(0, len(keys), _PART):
        Observation.objects.filter(pk__in=keys[start : start + _PART]).delete()
