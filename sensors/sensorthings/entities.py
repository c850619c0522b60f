"""The eight entities: which of our columns each property is, and how entities hang together. The whole whitelist.

Whatever a client names is looked up here; a name that is not here is refused, so no text of a client reaches SQL.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db.models import Case, F, Model, Q, QuerySet, Subquery, When
from django.db.models.expressions import Combinable, OuterRef
from django.db.models.functions import Coalesce

from sensors.models import (
    Feature,
    HistoricalLocation,
    Instrument,
    Location,
    Observation,
    Property,
    Stream,
    Thing,
)

Expressing = Callable[[str], Combinable]


@dataclass(frozen=True)
class Field:
    """One property of an entity.

    Args:
        kind: text, json, geo (JSON with a geometry beside it), moment, span (an interval, or a moment), result, unit.
        column: the column of its value; of a span the beginning.
        until: of a span the column of its end.
        geometry: of ``geo`` the column of the geometry.
        since_of, until_of: instead of columns, where a span is computed; they take the prefix of the path.
        required: a new entity must have it.
        kept: a client may write it.
        always: shown as null where it has no value.
    """

    name: str
    kind: str
    column: str
    until: str = ""
    geometry: str = ""
    since_of: Expressing | None = None
    until_of: Expressing | None = None
    required: bool = False
    kept: bool = True
    always: bool = False
    longest: int = 0

    def since(self, prefix: str) -> Combinable:
        return self.since_of(prefix) if self.since_of else F(prefix + self.column)

    def end(self, prefix: str) -> Combinable | None:
        if self.until_of:
            return self.until_of(prefix)
        return F(prefix + self.until) if self.until else None


@dataclass(frozen=True)
class Relation:
    """A navigation property.

    Args:
        target: name of the entity that it leads to.
        many: leads to a collection.
        path: ORM path from the source to the one target; empty where there is none.
        column: of a relation to one, the source's column with the target's id.
        back: ORM path from a target to the source; empty where ``linked`` says it.
        linked: condition on a target for the source's id, where it is no plain path.
        parent: expression on a target that gives the source's id.
        required: a new entity must have it.
    """

    name: str
    target: str
    many: bool
    path: str = ""
    column: str = ""
    back: str = ""
    linked: Callable[[Any], Q] | None = None
    parent: Combinable | None = None
    required: bool = False

    def of(self, source_id: Any) -> Q:
        """Which targets belong to a source: an id, an ``OuterRef`` or a list behind ``__in``."""
        return self.linked(source_id) if self.linked else Q(**{self.back: source_id})


@dataclass(frozen=True)
class Entity:
    """One of the eight. ``order``: how its collections are ordered if nothing is asked for."""

    name: str
    collection: str
    model: type[Model]
    fields: dict[str, Field] = field(default_factory=dict)
    relations: dict[str, Relation] = field(default_factory=dict)

    def rows(self) -> QuerySet[Any]:
        """Everything that may be shown."""
        rows = self.model._default_manager.all().order_by()
        return rows.filter(datastream__stream__isnull=False) if self.model is Observation else rows

    def related(self, relation: Relation) -> Entity:
        return by_name()[relation.target]


def _named(*fields: Field, describable: bool = True) -> dict[str, Field]:
    named = (Field("name", "text", "name", required=True, longest=255), Field("description", "text", "description"))
    first = named if describable else ()
    last = (Field("properties", "json", "properties"),) if describable else ()
    return {each.name: each for each in (*first, *fields, *last)}


def _relations(*relations: Relation) -> dict[str, Relation]:
    return {each.name: each for each in relations}


def _moments(prefix: str, order: str) -> Combinable:
    of_series = Observation.objects.filter(datastream=OuterRef(f"{prefix}pk")).order_by(order)
    return Subquery(of_series.values("phenomenon_time")[:1])


def _result(prefix: str) -> Combinable:
    """The number; NULL where the result is something else."""
    return Case(When(Q(**{f"{prefix}detail__result__isnull": True}), then=F(f"{prefix}result")))


OWN_FEATURE, SERIES_FEATURE = "detail__feature_id", "datastream__stream__feature_id"


def feature_of(prefix: str, reference: Callable[[str], Any] = F) -> Coalesce:
    """The feature of an observation: its own, else that of its series."""
    return Coalesce(reference(prefix + OWN_FEATURE), reference(prefix + SERIES_FEATURE))


def _about(feature: Any) -> Q:
    own = Q(detail__feature=feature)
    return own | Q(detail__feature__isnull=True, datastream__stream__feature=feature)


_ENCODING = Field("encodingType", "text", "encoding_type", required=True, longest=100)

THING = Entity(
    "Thing",
    "Things",
    Thing,
    _named(),
    _relations(
        Relation("Locations", "Location", many=True, back="things", parent=F("things")),
        Relation("HistoricalLocations", "HistoricalLocation", many=True, back="thing", parent=F("thing_id")),
        Relation("Datastreams", "Datastream", many=True, back="thing", parent=F("thing_id")),
    ),
)
LOCATION = Entity(
    "Location",
    "Locations",
    Location,
    _named(_ENCODING, Field("location", "geo", "location", geometry="geometry", required=True)),
    _relations(
        Relation("Things", "Thing", many=True, back="locations", parent=F("locations")),
        Relation("HistoricalLocations", "HistoricalLocation", many=True, back="locations", parent=F("locations")),
    ),
)
HISTORICAL_LOCATION = Entity(
    "HistoricalLocation",
    "HistoricalLocations",
    HistoricalLocation,
    _named(Field("time", "moment", "time", required=True), describable=False),
    _relations(
        Relation("Thing", "Thing", many=False, path="thing", column="thing_id", required=True),
        Relation("Locations", "Location", many=True, back="historical_locations", parent=F("historical_locations")),
    ),
)
DATASTREAM = Entity(
    "Datastream",
    "Datastreams",
    Stream,
    _named(
        Field("observationType", "text", "observation_type", required=True, longest=255),
        Field("unitOfMeasurement", "unit", "unit", required=True),
        Field("observedArea", "geo", "observed_area", geometry="area"),
        Field(
            "phenomenonTime",
            "span",
            "",
            since_of=lambda prefix: _moments(prefix, "phenomenon_time"),
            until_of=lambda prefix: _moments(prefix, "-phenomenon_time"),
            kept=False,
        ),
        Field("resultTime", "span", "result_since", until="result_until", kept=False),
    ),
    _relations(
        Relation("Thing", "Thing", many=False, path="thing", column="thing_id", required=True),
        Relation("Sensor", "Sensor", many=False, path="instrument", column="instrument_id", required=True),
        Relation(
            "ObservedProperty", "ObservedProperty", many=False, path="property", column="property_id", required=True
        ),
        Relation("Observations", "Observation", many=True, back="datastream", parent=F("datastream_id")),
    ),
)
SENSOR = Entity(
    "Sensor",
    "Sensors",
    Instrument,
    _named(_ENCODING, Field("metadata", "json", "metadata", required=True)),
    _relations(Relation("Datastreams", "Datastream", many=True, back="instrument", parent=F("instrument_id"))),
)
OBSERVED_PROPERTY = Entity(
    "ObservedProperty",
    "ObservedProperties",
    Property,
    _named(Field("definition", "text", "definition", required=True, longest=500)),
    _relations(Relation("Datastreams", "Datastream", many=True, back="property", parent=F("property_id"))),
)
OBSERVATION = Entity(
    "Observation",
    "Observations",
    Observation,
    _named(
        Field("phenomenonTime", "span", "phenomenon_time", until="detail__until"),
        Field("resultTime", "moment", "detail__result_time", always=True),
        Field("result", "result", "detail__result", since_of=_result, required=True),
        Field("resultQuality", "json", "detail__result_quality"),
        Field("validTime", "span", "detail__valid_since", until="detail__valid_until"),
        Field("parameters", "json", "detail__parameters"),
        describable=False,
    ),
    _relations(
        Relation(
            "Datastream", "Datastream", many=False, path="datastream__stream", column="datastream_id", required=True
        ),
        Relation("FeatureOfInterest", "FeatureOfInterest", many=False, linked=lambda _source: Q()),
    ),
)
FEATURE = Entity(
    "FeatureOfInterest",
    "FeaturesOfInterest",
    Feature,
    _named(_ENCODING, Field("feature", "geo", "feature", geometry="geometry", required=True)),
    _relations(Relation("Observations", "Observation", many=True, linked=_about, parent=feature_of(""))),
)
ENTITIES = (
    THING,
    LOCATION,
    HISTORICAL_LOCATION,
    DATASTREAM,
    SENSOR,
    OBSERVED_PROPERTY,
    OBSERVATION,
    FEATURE,
)


@cache
def by_name() -> dict[str, Entity]:
    return {each.name: each for each in ENTITIES}


@cache
def by_collection() -> dict[str, Entity]:
    return {each.collection: each for each in ENTITIES}
