"""Written entities: bytes into JSON that both databases can hold, and properties into columns. Every error has a path."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from django.utils import timezone

from sensors.sensorthings import literals
from sensors.sensorthings.entities import OBSERVATION, Entity, Field
from sensors.sensorthings.geometries import NoGeometry, geometry_of
from sensors.sensorthings.literals import Interval
from sensors.sensorthings.problems import BadBody

DEEPEST = 40
REFERENCE = "@iot.id"


def parsed(content: bytes) -> Any:
    """The JSON of a body. Raises BadBody for what is none, or what no database can hold (NUL, lone surrogates)."""
    try:
        body = json.loads(content or b"null", parse_constant=_no_number)
        text = json.dumps(body, ensure_ascii=False, allow_nan=False)
        text.encode()
    except (ValueError, RecursionError, UnicodeError) as error:
        raise BadBody(f"The body is no JSON: {str(error)[:120]}.") from None
    if "\\u0000" in text:
        raise BadBody("The body holds a character (NUL) that no text has.")
    if _depth(body) > DEEPEST:
        raise BadBody(f"The body is more than {DEEPEST} levels deep.")
    return body


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _depth(body: Any, level: int = 0) -> int:
    if level > DEEPEST or not isinstance(body, dict | list):
        return level
    inside = body.values() if isinstance(body, dict) else body
    return max((_depth(each, level + 1) for each in inside), default=level)


def an_object(body: Any, where: str = "") -> dict[str, Any]:
    if not isinstance(body, dict):
        raise BadBody(f"{where or 'The body'} must be an object, {{ … }}.", where=where)
    return body


def reference(body: Any) -> int | None:
    """The id of ``{"@iot.id": 5}``; None where the entity itself is written."""
    if isinstance(body, dict) and set(body) == {REFERENCE}:
        key = body[REFERENCE]
        if isinstance(key, int) and not isinstance(key, bool) and 0 <= key <= literals.LARGEST:
            return key
        raise BadBody("@iot.id is a whole number.", where=REFERENCE)
    return None


def check_names(entity: Entity, body: Mapping[str, Any], where: str) -> None:
    """Refuse what the entity has not; control information that came with a GET may come back."""
    for name in body:
        if name not in entity.fields and name not in entity.relations and "@iot." not in name and name != "id":
            known = ", ".join([*entity.fields, *entity.relations])
            raise BadBody(f"{entity.name} has no “{name[:40]}”. It has: {known}.", where=_at(where, name))


def columns(entity: Entity, body: Mapping[str, Any], where: str, *, whole: bool) -> dict[str, Any]:
    """Values by column of what is written.

    Args:
        whole: what is not written gets its default, and what is required must be there.
    Raises:
        BadBody: with the path of what is wrong.
    """
    found: dict[str, Any] = {}
    for field in entity.fields.values():
        if not field.kept:
            continue
        at = _at(where, field.name)
        if field.name in body:
            try:
                found |= _READERS[field.kind](field, body[field.name])
            except (ValueError, OverflowError) as error:
                raise BadBody(f"{at}: {error}.", where=at) from None
        elif whole and field.required:
            raise BadBody(f"{at} is missing.", where=at)
        elif whole:
            found |= _default(field, entity)
    return found


def _default(field: Field, entity: Entity) -> dict[str, Any]:
    if entity is OBSERVATION and field.column == "phenomenon_time":
        return {"phenomenon_time": timezone.now(), field.until: None}
    if field.kind == "text":
        return {field.column: ""}
    return dict.fromkeys({field.column, field.until, field.geometry} - {""})


def _at(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _text(field: Field, value: Any) -> dict[str, Any]:
    if not isinstance(value, str) or (field.required and not value.strip()):
        raise ValueError("a text is needed")
    if field.longest and len(value) > field.longest:
        raise ValueError(f"at most {field.longest} characters are possible")
    return {field.column: value}


def _json(field: Field, value: Any) -> dict[str, Any]:
    if value is None and not field.required:
        return {field.column: None}
    if field.name in ("properties", "parameters") and not isinstance(value, dict):
        raise ValueError("an object is needed, { … }")
    if value is None:
        raise ValueError("a value is needed")
    return {field.column: value}


def _unit(field: Field, value: Any) -> dict[str, Any]:
    if isinstance(value, dict):
        return {field.column: value}
    raise ValueError("an object with name, symbol and definition is needed")


def _geo(field: Field, value: Any) -> dict[str, Any]:
    if value is None and field.required:
        raise ValueError('a place is needed, as {"type": "Point", "coordinates": [24.95, 60.17]}')
    try:
        return {field.column: value, field.geometry: geometry_of(value)}
    except NoGeometry as error:
        raise ValueError(str(error)) from None


def _moment(field: Field, value: Any) -> dict[str, Any]:
    if value is None and not field.required:
        return {field.column: None}
    return {field.column: literals.moment(_time_text(value))}


def _span(field: Field, value: Any) -> dict[str, Any]:
    if value is None:
        if field.column == "phenomenon_time":
            raise ValueError("a time is needed")
        return {field.column: None, field.until: None}
    text = _time_text(value)
    found = literals.interval(text) if "/" in text else None
    if isinstance(found, Interval):
        return {field.column: found.since, field.until: found.until}
    return {field.column: literals.moment(text), field.until: None}


def _time_text(value: Any) -> str:
    if not isinstance(value, str) or len(value) < 8 or len(value) > 100:
        raise ValueError("a time is needed, as 2026-11-22T14:00:00Z")
    return value


def _result(field: Field, value: Any) -> dict[str, Any]:
    if value is None:
        raise ValueError("a value is needed")
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value)
        if not math.isfinite(number):
            raise ValueError("this number is too large")
        return {"result": number, field.column: None}
    return {"result": 0.0, field.column: value}


_READERS: dict[str, Callable[[Field, Any], dict[str, Any]]] = {
    "text": _text,
    "json": _json,
    "unit": _unit,
    "geo": _geo,
    "moment": _moment,
    "span": _span,
    "result": _result,
}
