"""A GET: from an address and options to the body of the answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sensors.sensorthings import options as query
from sensors.sensorthings.guarding import bounded
from sensors.sensorthings.options import Options
from sensors.sensorthings.paths import Target, resolve
from sensors.sensorthings.planning import Reader, Row
from sensors.sensorthings.problems import BadQuery, NotThere
from sensors.sensorthings.rendering import ABSENT, Renderer, csv_text, geojson, value_of

JSON, TEXT, CSV, GEOJSON = (
    "application/json",
    "text/plain; charset=utf-8",
    "text/csv; charset=utf-8",
    "application/geo+json",
)


@dataclass(frozen=True)
class Answer:
    """``body`` None: there is no value (204)."""

    body: Any
    content_type: str = JSON


def read(path: str, given: Mapping[str, str], renderer: Renderer) -> Answer:
    """Answer a GET. Raises BadQuery, NotThere."""
    options = query.read(given)
    with bounded():
        target = resolve(path)
        if target.names:
            return _property(target)
        if target.single:
            return _entity(target, options, renderer)
        return _collection(target, options, renderer, f"{renderer.base}{path.strip('/')}")


def entity_body(target: Target, renderer: Renderer, options: Options | None = None) -> dict[str, Any]:
    """One entity as JSON. Raises NotThere."""
    options = options or Options()
    return renderer.entity(target.entity, _row(target, options), options)


def _row(target: Target, options: Options) -> Row:
    row = Reader().one(target.entity, target.rows, options)
    if row is None:
        raise NotThere
    return row


def _entity(target: Target, options: Options, renderer: Renderer) -> Answer:
    if target.ending == "$ref":
        return Answer({"@iot.selfLink": renderer.link(target.entity, target.key())})
    return Answer(entity_body(target, renderer, options))


def _collection(target: Target, options: Options, renderer: Renderer, address: str) -> Answer:
    if target.ending == "$count":
        options.count, options.top = True, 0
    page = Reader().page(target.entity, target.rows, options, by_time=target.by_time)
    if target.ending == "$count":
        return Answer(str(page.count), TEXT)
    if target.ending == "$ref":
        return Answer(renderer.references(target.entity, page))
    if options.format in ("csv", "geojson") and options.expand:
        raise BadQuery("CSV and GeoJSON hold one kind of entity; leave $expand out.", option="$resultFormat")
    if options.format == "csv":
        return Answer(csv_text(target.entity, page, options), CSV)
    if options.format == "geojson":
        return Answer(geojson(target.entity, page, options), GEOJSON)
    return Answer(renderer.collection(target.entity, page, options, address))


def _property(target: Target) -> Answer:
    """``Things(1)/name`` → ``{"name": …}``; with ``/$value`` only what it is."""
    name, *inside = target.names
    row = _row(target, Options(select=[name]))
    value = value_of(target.entity.fields[name], row, target.entity)
    for step in inside:
        if not isinstance(value, dict) or step not in value:
            raise NotThere(f"“{'/'.join(target.names)[:80]}” has no value here.")
        value = value[step]
    if value is ABSENT or value is None:
        return Answer(None)
    if target.ending != "$value":
        return Answer({target.names[-1]: value})
    if isinstance(value, dict | list):
        return Answer(json.dumps(value, ensure_ascii=False), JSON)
    return Answer(value if isinstance(value, str) else json.dumps(value), TEXT)
