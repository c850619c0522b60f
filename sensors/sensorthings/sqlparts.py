"""Pieces of SQL that Django has no expression for, once per database. All values travel as parameters."""

from __future__ import annotations

from typing import Any

from django.contrib.gis.db.models import GeometryField
from django.contrib.gis.geos import GEOSGeometry
from django.db.models import BooleanField, CharField, FloatField, Func, Value
from django.db.models.expressions import Combinable

from engagement.geo import WGS84

NUMBER, TEXT, FLAG = "number", "text", "flag"
_POSTGRES = {
    NUMBER: ("number", "::double precision"),
    TEXT: ("string", ""),
    FLAG: ("boolean", "::boolean"),
}
_SQLITE = {NUMBER: "'integer', 'real'", TEXT: "'text'", FLAG: "'true', 'false'"}
_OUTPUT = {NUMBER: FloatField, TEXT: CharField, FLAG: BooleanField}


class JsonPart(Func):
    """A member of a JSON column as number, text or flag; NULL where it is something else or not there."""

    def __init__(self, column: Combinable, path: tuple[str, ...], kind: str) -> None:
        super().__init__(column, output_field=_OUTPUT[kind]())
        self.path, self.part_kind = path, kind

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        column, given = compiler.compile(self.source_expressions[0])
        name, cast = _POSTGRES[self.part_kind]
        path = list(self.path)
        sql = f"CASE WHEN jsonb_typeof({column} #> %s::text[]) = '{name}' THEN ({column} #>> %s::text[]){cast} END"
        return sql, [*given, path, *given, path]

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        column, given = compiler.compile(self.source_expressions[0])
        path = "$" + "".join(f"[{name}]" if name.isdigit() else f'."{name}"' for name in self.path)
        sql = f"CASE WHEN json_type({column}, %s) IN ({_SQLITE[self.part_kind]}) THEN json_extract({column}, %s) END"
        return sql, [*given, path, *given, path]


class ByLetter(Func):
    """Text in the order of its code points on both databases, whatever language the database was made for."""

    template = "%(expressions)s"
    output_field = CharField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template='(%(expressions)s) COLLATE "C"', **context)


class SecondsFraction(Func):
    """The part of a moment after its whole seconds, in seconds."""

    output_field = FloatField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(MOD(EXTRACT(MICROSECONDS FROM %(expressions)s)::bigint, 1000000) / 1000000.0::double precision)"
        return self.as_sql(compiler, connection, template=template, **context)

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "CAST('0' || SUBSTR(STRFTIME('%%%%f', %(expressions)s), 3) AS REAL)"
        return self.as_sql(compiler, connection, template=template, **context)


class Measure(Func):
    """A number of one or two geometries in their plane, degrees here: ``ST_Distance``, ``ST_Length``."""

    output_field = FloatField()


class Meets(Func):
    """A test of two geometries, as ``ST_Within``; an impossible one (SpatiaLite answers -1) is no."""

    output_field = BooleanField()
    conditional = True

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "(%(function)s(%(expressions)s) = 1)"
        return self.as_sql(compiler, connection, template=template, **context)


def shape(geometry: GEOSGeometry) -> Value:
    """A geometry as a parameter."""
    return Value(geometry, output_field=GeometryField(srid=WGS84))
