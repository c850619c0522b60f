"""What belongs to a site of ours: it is shown here, and changed on the site's own pages."""

from __future__ import annotations

from django.db.models import Q

from sensors.sensorthings.entities import Entity
from sensors.sensorthings.problems import NotYours

OURS: dict[str, Q] = {
    "Thing": Q(site__isnull=False),
    "Location": Q(site__isnull=False),
    "HistoricalLocation": Q(thing__site__isnull=False),
    "Datastream": Q(series__site__isnull=False),
    "Sensor": Q(preset__isnull=False),
    "ObservedProperty": Q(code__isnull=False),
    "Observation": Q(datastream__site__isnull=False),
    "FeatureOfInterest": Q(site__isnull=False),
}
# Kinds of boxes and properties of ours may be named by everybody's Datastreams.
NAMEABLE = frozenset({"Sensor", "ObservedProperty"})


def is_ours(entity: Entity, key: int) -> bool:
    return entity.rows().filter(OURS[entity.name], pk=key).exists()


def check_free(entity: Entity, key: int) -> None:
    """Raises NotYours for what belongs to a registered sensor."""
    if is_ours(entity, key):
        raise NotYours(
            f"{entity.collection}({key}) belongs to a sensor that is registered here. Its host changes it on the sensor's"
            " page; readings are sent with the key of the box."
        )
