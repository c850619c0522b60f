"""Writes: from method, address and body to what is done and answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engagement.problems import Refused
from sensors.models import Datastream
from sensors.sensorthings import bodies, dataarray, own, patching, reading, writing
from sensors.sensorthings.access import Author
from sensors.sensorthings.entities import OBSERVATION, Entity, by_collection
from sensors.sensorthings.ownership import check_free
from sensors.sensorthings.paths import Target, resolve
from sensors.sensorthings.problems import BadBody, NotThere, WrongMethod
from sensors.sensorthings.rendering import Renderer

JSON_PATCH = "application/json-patch+json"
BULK = "CreateObservations"


@dataclass(frozen=True)
class Done:
    """What a write answers."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


def write(method: str, path: str, content: bytes, content_type: str, author: Author, renderer: Renderer) -> Done:
    """Do a POST, PATCH, PUT or DELETE. Raises Refused of many kinds; nothing is stored then."""
    path = path.strip("/")
    if path == BULK:
        return _bulk(method, content, author, renderer)
    if not author.is_somebody:
        author.check_describes()
    target = resolve(path)
    if target.names or target.ending:
        raise WrongMethod("GET, HEAD")
    if not target.single:
        if method != "POST":
            raise WrongMethod("GET, HEAD, POST")
        return _post(target, bodies.parsed(content), author, renderer)
    if method == "POST":
        raise WrongMethod("GET, HEAD, PATCH, PUT, DELETE")
    author.check_describes()
    key = target.key()
    if method == "DELETE":
        writing.remove(target.entity, key)
        return Done(200)
    _change(target, key, method, bodies.parsed(content), content_type, renderer)
    body = reading.entity_body(_single(target.entity, key), renderer)
    return Done(200, body, {"Location": renderer.link(target.entity, key)})


def _single(entity: Entity, key: int) -> Target:
    return Target(entity, entity.rows().filter(pk=key), single=True)


def _post(target: Target, body: Any, author: Author, renderer: Renderer) -> Done:
    """Create one entity, or several where the body is a list."""
    links: dict[str, int] = {}
    if target.through is not None:
        source, relation, key = target.through
        back = writing.inverse(source, relation)
        if back.many:
            return _post_beside(target, body, author, renderer)
        links[back.name] = key
    key, is_new = _created(target.entity, body, links, author)
    return _answer(target.entity, key, renderer, is_new=is_new)


def _post_beside(target: Target, body: Any, author: Author, renderer: Renderer) -> Done:
    """``Things(1)/Locations``: create and relate."""
    author.check_describes()
    if target.through is None:
        raise NotThere
    source, relation, parent = target.through
    check_free(source, parent)
    known = bodies.reference(body)
    is_new = known is None
    key = writing.create(target.entity, body)[0] if known is None else known
    if not target.entity.rows().filter(pk=key).exists():
        raise BadBody(f"There is no {target.entity.collection}({key}).")
    check_free(target.entity, key)
    writing.link(source, parent, relation, [key])
    return _answer(target.entity, key, renderer, is_new=is_new)


def _answer(entity: Entity, key: int, renderer: Renderer, *, is_new: bool) -> Done:
    address = renderer.link(entity, key)
    body = reading.entity_body(_single(entity, key), renderer)
    return Done(201 if is_new else 200, body, {"Location": address})


def _created(entity: Entity, body: Any, links: dict[str, int], author: Author) -> tuple[int, bool]:
    if entity is OBSERVATION and (series := _our_series(body, links)) is not None:
        outcome = own.send(series, author.door_to(series), [own.reading_of(body)])[0]
        if isinstance(outcome, Refused):
            raise outcome
        return outcome
    author.check_describes()
    return writing.create(entity, body, links)


def _our_series(body: Any, links: dict[str, int]) -> Datastream | None:
    """The series that an observation is for, if it is one of a registered sensor."""
    written = body.get("Datastream") if isinstance(body, dict) else None
    key = bodies.reference(written) if written is not None else links.get("Datastream")
    return Datastream.objects.filter(pk=key or 0, stream__isnull=False).first()


def _change(target: Target, key: int, method: str, body: Any, content_type: str, renderer: Renderer) -> None:
    if method == "PATCH" and content_type.startswith(JSON_PATCH):
        before = reading.entity_body(_single(target.entity, key), renderer)
        shown = {name: before[name] for name in target.entity.fields if name in before}
        after = bodies.an_object(patching.patched(shown, body))
        changed = {name: value for name, value in after.items() if shown.get(name) != value}
        gone = {name: None for name in shown if name not in after}
        body, method = changed | gone, "PATCH"
    writing.change(target.entity, key, body, whole=method == "PUT")


def _bulk(method: str, content: bytes, author: Author, renderer: Renderer) -> Done:
    if method != "POST":
        raise WrongMethod("POST")
    if not author.is_somebody:
        author.check_describes()
    told = dataarray.create(bodies.parsed(content), author)
    links = [renderer.link(OBSERVATION, each) if isinstance(each, int) else each for each in told]
    return Done(201, links)


def allowed(path: str) -> str:
    """The methods of an address, for OPTIONS."""
    name = path.strip("/")
    if not name:
        return "GET, HEAD, OPTIONS"
    return "GET, HEAD, POST, OPTIONS" if name in by_collection() else "GET, HEAD, POST, PATCH, PUT, DELETE, OPTIONS"
