"""The tree of a filter into conditions of Django's ORM, within the whitelist of :mod:`sensors.sensorthings.entities`.

A path through a relation to many becomes ``Exists``: no row is ever multiplied by a join.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Value
from django.db.models.lookups import Exact

from sensors.sensorthings import functions, typed
from sensors.sensorthings.entities import Entity, Field, Relation, feature_of
from sensors.sensorthings.parsing import COMPARISONS
from sensors.sensorthings.problems import BadQuery
from sensors.sensorthings.sqlparts import FLAG, NUMBER, JsonPart
from sensors.sensorthings.syntax import AnyOf, Call, Literal, Logic, Node, Not, OneOf, Operation, Path
from sensors.sensorthings.typed import Typed

IDS = frozenset({"@iot.id", "id"})
MOST_SUBQUERIES = 24


@dataclass
class Budget:
    """How many subqueries a query has made."""

    used: int = 0

    def spend(self, at: int) -> None:
        self.used += 1
        if self.used > MOST_SUBQUERIES:
            raise BadQuery(f"A query can look through {MOST_SUBQUERIES} relations. Ask in several queries.", at=at)


@dataclass(frozen=True)
class Scope:
    """Where names are looked up: an entity, reached by an ORM prefix; inside of any( … ) behind a variable."""

    entity: Entity
    budget: Budget
    prefix: str = ""
    variable: str = ""


def condition(node: Node, entity: Entity, budget: Budget | None = None) -> Q:
    """The condition of a ``$filter`` on rows of an entity. Raises BadQuery."""
    return _condition(node, Scope(entity, budget or Budget()))


def ordering(node: Node, entity: Entity, budget: Budget) -> Typed:
    """What a list is ordered by. Raises BadQuery for a path through many."""
    scope = Scope(entity, budget)
    if (crossing := _first_crossing(node, scope)) is not None:
        raise BadQuery(
            f"A list cannot be ordered through {crossing.relation.name}, which leads to many.", at=crossing.at
        )
    return _value(node, scope)


@dataclass(frozen=True)
class Crossing:
    """Where a path of a term first leaves through a relation to many (or to a computed one)."""

    source: Scope
    relation: Relation
    length: int
    names: tuple[str, ...]
    at: int


def _condition(node: Node, scope: Scope) -> Q:
    match node:
        case Logic(operator, terms, _at):
            found = [_condition(term, scope) for term in terms]
            return Q(*found, _connector=Q.AND if operator == "and" else Q.OR)
        case Not(term, _at):
            return ~_condition(term, scope)
        case AnyOf():
            return _any(node, scope)
    if (crossing := _first_crossing(node, scope)) is not None:
        return _through(crossing, _moved(node, crossing), scope)
    return _leaf(node, scope)


def _leaf(node: Node, scope: Scope) -> Q:
    match node:
        case Operation(operator, left, right, _at) if operator in COMPARISONS:
            return typed.compare(operator, _value(left, scope), _value(right, scope))
        case OneOf(value, choices, at):
            if not choices:
                raise BadQuery("in ( ) needs at least one value.", at=at)
            asked = _value(value, scope)
            return Q(*(typed.compare("eq", asked, _value(each, scope)) for each in choices), _connector=Q.OR)
        case Call(name, arguments, at):
            made = functions.call(name, [_value(each, scope) for each in arguments], at)
            return made if isinstance(made, Q) else _flag(made)
        case Literal(kind, value, _at) if kind == "flag":
            return Q(Exact(Value(1), Value(1 if value else 0)))
        case Path():
            return _flag(_value(node, scope))
    raise BadQuery("Here a condition is needed, as result gt 3.", at=getattr(node, "at", 0))


def _flag(value: Typed) -> Q:
    if value.kind not in (FLAG, "any"):
        raise BadQuery(f"Here a condition is needed, not {typed.words(value)}.", at=value.at)
    return Q(Exact(typed.as_kind(value, FLAG), Value(True)))


def _any(node: AnyOf, scope: Scope) -> Q:
    """``Datastreams/any(d: …)``: the names behind the variable belong to the entity that it stands for."""
    crossing = _crossing(node.path, scope)
    if crossing is None or crossing.length != len(node.path.names) or not crossing.relation.many:
        raise BadQuery("any( … ) follows a relation to many, as Datastreams/any( … ).", at=node.at)
    if node.body is None:
        return _through(crossing, None, scope)
    return _through(crossing, node.body, scope, node.variable)


def _through(crossing: Crossing, node: Node | None, scope: Scope, variable: str = "") -> Q:
    scope.budget.spend(crossing.at)
    relation, prefix = crossing.relation, crossing.source.prefix
    target = crossing.source.entity.related(relation)
    rows = target.rows()
    if relation.many:
        rows = rows.filter(relation.of(OuterRef(f"{prefix}pk")))
    else:
        rows = rows.filter(pk=feature_of(prefix, OuterRef))
    if node is not None:
        rows = rows.filter(_condition(node, Scope(target, scope.budget, variable=variable)))
    return Q(Exists(rows))


def _first_crossing(node: Node, scope: Scope) -> Crossing | None:
    for path in _paths(node):
        if (found := _crossing(path, scope)) is not None:
            return found
    return None


def _crossing(path: Path, scope: Scope) -> Crossing | None:
    """The first step of a path that no join of one row can take."""
    names = _names(path, scope)
    at_scope = scope
    for index, name in enumerate(names):
        relation = at_scope.entity.relations.get(name)
        if relation is None:
            return None
        if relation.many or not relation.path:
            skipped = len(path.names) - len(names)
            length = skipped + index + 1
            return Crossing(at_scope, relation, length, path.names[:length], path.at)
        at_scope = replace(
            at_scope, entity=at_scope.entity.related(relation), prefix=f"{at_scope.prefix}{relation.path}__"
        )
    return None


def _names(path: Path, scope: Scope) -> tuple[str, ...]:
    """Without the variable of an any( … ). Raises BadQuery for names that do not begin with it."""
    if not scope.variable:
        return path.names
    if path.names[0] != scope.variable:
        raise BadQuery(f"Inside of any( … ) names begin with the variable, as {scope.variable}/name.", at=path.at)
    return path.names[1:]


def _paths(node: Node) -> list[Path]:
    match node:
        case Path():
            return [node]
        case Call(_name, arguments, _at):
            return [path for each in arguments for path in _paths(each)]
        case Operation(_operator, left, right, _at):
            return _paths(left) + _paths(right)
        case OneOf(value, choices, _at):
            return [path for each in (value, *choices) for path in _paths(each)]
    return []


def _moved(node: Node, crossing: Crossing) -> Node:
    """The same term as it is said behind the crossing. Raises BadQuery where a path of it does not go there."""
    match node:
        case Path(names, at):
            if names[: crossing.length] != crossing.names or len(names) == crossing.length:
                raise BadQuery(
                    f"“{'/'.join(names)}” and “{'/'.join(crossing.names)}” lead to different entities, of which one is"
                    " many; they cannot stand in one comparison.",
                    at=at,
                )
            return Path(names[crossing.length :], at)
        case Call(name, arguments, at):
            return Call(name, tuple(_moved(each, crossing) for each in arguments), at)
        case Operation(operator, left, right, at):
            return Operation(operator, _moved(left, crossing), _moved(right, crossing), at)
        case OneOf(value, choices, at):
            return OneOf(_moved(value, crossing), tuple(_moved(each, crossing) for each in choices), at)
    return node


def _value(node: Node, scope: Scope) -> Typed:
    match node:
        case Literal():
            return typed.of_literal(node)
        case Path():
            return _looked_up(node, scope)
        case Operation(operator, left, right, at) if operator not in COMPARISONS:
            return functions.arithmetic(operator, _value(left, scope), _value(right, scope), at)
        case Call(name, arguments, at):
            made = functions.call(name, [_value(each, scope) for each in arguments], at)
            if isinstance(made, Typed):
                return made
            return Typed(FLAG, made, at)
    raise BadQuery("Here a value is needed, not a condition.", at=getattr(node, "at", 0))


def _looked_up(path: Path, scope: Scope) -> Typed:
    names, entity, prefix = _names(path, scope), scope.entity, scope.prefix
    for index, name in enumerate(names):
        if name in IDS and index == len(names) - 1:
            return Typed(NUMBER, F(f"{prefix}pk"), path.at, nullable=False)
        if (known := entity.fields.get(name)) is not None:
            return _of_field(known, prefix, names[index + 1 :], path)
        relation = entity.relations.get(name)
        if relation is None:
            raise BadQuery(_unknown(name, entity), at=path.at)
        prefix, entity = f"{prefix}{relation.path}__", entity.related(relation)
    raise BadQuery(f"“{'/'.join(path.names)}” is an entity; name one of its properties.", at=path.at)


def _unknown(name: str, entity: Entity) -> str:
    known = ", ".join(["@iot.id", *entity.fields, *entity.relations])
    return f"{entity.name} has no “{name[:40]}”. It has: {known}."


def _of_field(known: Field, prefix: str, rest: tuple[str, ...], path: Path) -> Typed:
    column = F(prefix + known.column) if known.column else None

    def part(kind: str) -> Any:
        return JsonPart(F(prefix + known.column), rest, kind)

    if known.kind == "result" and not rest:
        number = known.since(prefix)
        return Typed("any", None, path.at, part=lambda kind: number if kind == NUMBER else part(kind))
    if known.kind in ("json", "unit", "result") or (known.kind == "geo" and rest):
        return Typed("any", None if rest else column, path.at, part=part)
    if rest:
        raise BadQuery(f"{known.name} has no parts.", at=path.at)
    if known.kind == "geo":
        return Typed("geo", F(prefix + known.geometry), path.at)
    nullable = not (known.required or known.column == "phenomenon_time")
    if known.kind == "span":
        since, end = known.since(prefix), known.end(prefix)
        return Typed("moment", since, path.at, until=end, until_may_miss=True, nullable=nullable)
    return Typed(known.kind, column, path.at, nullable=nullable)
