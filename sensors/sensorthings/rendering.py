"""Rows as SensorThings JSON: properties, control information, links; data arrays, CSV and GeoJSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlencode

from sensors import quality
from sensors.sensorthings.entities import DATASTREAM, OBSERVATION, Entity, Field, Relation
from sensors.sensorthings.options import Options
from sensors.sensorthings.planning import Page, Row, fields_of

ABSENT = object()


def moment(value: datetime) -> str:
    """``2015-03-01T00:40:00.000Z``; microseconds where there are some."""
    at = value.astimezone(UTC)
    digits = "microseconds" if at.microsecond % 1000 else "milliseconds"
    return at.isoformat(timespec=digits).replace("+00:00", "Z")


def _span(since: datetime | None, until: datetime | None, *, interval: bool = False) -> Any:
    if since is None:
        return ABSENT
    if until is None or (until == since and not interval):
        return moment(since)
    return f"{moment(since)}/{moment(until)}"


def number(value: float) -> int | float:
    """A whole number without a point, as most clients write it."""
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _quality(row: Row) -> Any:
    """Of our own series what the checks noticed; of others what was written."""
    if row["datastream__site_id"] is None:
        return ABSENT if row["detail__result_quality"] is None else row["detail__result_quality"]
    flags = row["flags"]
    return {"flags": quality.names(flags), "usable": not flags & quality.OBJECTIONS}


def value_of(field: Field, row: Row, entity: Entity) -> Any:
    """The JSON value of a property; ABSENT where it is not shown."""
    if field.name == "resultQuality":
        return _quality(row)
    if field.kind == "span":
        if field.since_of:
            return _span(row[f"{field.name}_since"], row[f"{field.name}_until"], interval=True)
        return _span(row[field.column], row[field.until], interval=entity is DATASTREAM)
    value = row[field.column]
    if field.kind == "result":
        return number(row["result"]) if value is None else value
    if value is None:
        return None if field.always else ABSENT
    return moment(value) if field.kind == "moment" else value


class Renderer:
    """Writes entities with links below a base address, as ``https://city.example/sensorthings/v1.1/``."""

    def __init__(self, base: str) -> None:
        self.base = base

    def link(self, entity: Entity, key: int) -> str:
        return f"{self.base}{entity.collection}({key})"

    def entity(self, entity: Entity, row: Row, options: Options) -> dict[str, Any]:
        """One entity with control information, or only what was selected."""
        chosen = set(options.select) - {"*"} if "*" not in options.select else set()
        own = self.link(entity, row["pk"])
        body: dict[str, Any] = {}
        if not chosen or chosen & {"@iot.id", "id"}:
            body["@iot.id"] = row["pk"]
        if not chosen or "@iot.selfLink" in chosen:
            body["@iot.selfLink"] = own
        for field in fields_of(entity, options):
            if (value := value_of(field, row, entity)) is not ABSENT:
                body[field.name] = value
        expanded = row.get("expanded", {})
        for name, relation in entity.relations.items():
            if name in expanded:
                self._expanded(body, relation, entity, expanded[name], own, options.expand[name])
            elif not chosen or name in chosen:
                body[f"{name}@iot.navigationLink"] = f"{own}/{name}"
        return body

    def _expanded(
        self,
        body: dict[str, Any],
        relation: Relation,
        entity: Entity,
        found: Page | Row | None,
        own: str,
        nested: Options,
    ) -> None:
        target = entity.related(relation)
        name = relation.name
        if not isinstance(found, Page):
            body[name] = None if found is None else self.entity(target, found, nested)
            return
        if nested.count:
            body[f"{name}@iot.count"] = found.count or 0
        body[name] = [self.entity(target, row, nested) for row in found.rows]
        if found.more:
            body[f"{name}@iot.nextLink"] = next_link(f"{own}/{name}", nested, skip=nested.skip + nested.top)

    def collection(self, entity: Entity, page: Page, options: Options, address: str) -> dict[str, Any]:
        """A page with count and next link; with ``$resultFormat=dataArray`` as arrays."""
        body: dict[str, Any] = {}
        if page.count is not None:
            body["@iot.count"] = page.count
        if page.token:
            body["@iot.nextLink"] = next_link(address, options, token=page.token)
        if options.format == "dataarray":
            body["value"] = list(self._arrays(entity, page, options))
        else:
            body["value"] = [self.entity(entity, row, options) for row in page.rows]
        return body

    def _arrays(self, entity: Entity, page: Page, options: Options) -> Iterator[dict[str, Any]]:
        """One array per Datastream for observations, one array for everything else."""
        groups: dict[Any, list[Row]] = {}
        for row in page.rows:
            groups.setdefault(row.get("datastream_id") if entity is OBSERVATION else None, []).append(row)
        fields = fields_of(entity, options)
        names = ["id", *(field.name for field in fields)]
        for stream, rows in groups.items():
            body: dict[str, Any] = {}
            if stream is not None:
                body["Datastream@iot.navigationLink"] = self.link(DATASTREAM, stream)
            arrays = [[row["pk"], *(_cell(value_of(field, row, entity)) for field in fields)] for row in rows]
            yield body | {"components": names, "dataArray@iot.count": len(rows), "dataArray": arrays}

    def references(self, entity: Entity, page: Page) -> dict[str, Any]:
        return {"value": [{"@iot.selfLink": self.link(entity, row["pk"])} for row in page.rows]}


def _cell(value: Any) -> Any:
    return None if value is ABSENT else value


def next_link(address: str, options: Options, *, token: str = "", skip: int = 0) -> str:
    """The address of the next page: the same options, begun further on."""
    given = _texts(options)
    given.pop("$skip", None)
    given.pop("$skiptoken", None)
    given |= {"$skiptoken": token} if token else {"$skip": str(skip)}
    return f"{address}?{urlencode(given, safe='$(),;/@:=', quote_via=quote)}"


def _texts(options: Options) -> dict[str, str]:
    given = {name: value for name, value in options.written.items() if name != "$expand"}
    if options.expand:
        given["$expand"] = ",".join(_expand_text(name, nested) for name, nested in options.expand.items())
    return given


def _expand_text(name: str, nested: Options) -> str:
    inside = ";".join(f"{option}={value}" for option, value in _texts(nested).items())
    return f"{name}({inside})" if inside else name


def csv_text(entity: Entity, page: Page, options: Options) -> str:
    """A table of the properties, one entity a line; objects as JSON."""
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    fields = fields_of(entity, options)
    table.writerow(["id", *(field.name for field in fields)])
    for row in page.rows:
        table.writerow([row["pk"], *(_plain(value_of(field, row, entity)) for field in fields)])
    return out.getvalue()


def _plain(value: Any) -> Any:
    """A cell that a spreadsheet does not take for a formula."""
    if value is ABSENT or value is None:
        return ""
    if isinstance(value, dict | list | bool):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t"):
        return f"'{value}"
    return value


def geojson(entity: Entity, page: Page, options: Options) -> dict[str, Any]:
    """A feature collection; entities without a place of their own have no geometry."""
    fields = fields_of(entity, options)
    place = next((field for field in fields if field.kind == "geo"), None)
    features = []
    for row in page.rows:
        values = {field.name: value_of(field, row, entity) for field in fields}
        geometry = _cell(values.pop(place.name)) if place else None
        properties = {name: value for name, value in values.items() if value is not ABSENT}
        features.append({"type": "Feature", "id": row["pk"], "geometry": _geometry(geometry), "properties": properties})
    return {"type": "FeatureCollection", "features": features}


def _geometry(written: Any) -> Any:
    if isinstance(written, dict) and written.get("type") == "Feature":
        return written.get("geometry")
    return written if isinstance(written, dict) and ("coordinates" in written or "geometries" in written) else None
