"""Responses as tables: one row per response, and a table of its own for every group that repeats."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeAlias
from uuid import UUID

from django.contrib.gis.geos import GEOSGeometry

from engagement.models import Round
from surveys.ir import Form, Group, Question
from surveys.models import ModeratedAnswer, Response
from surveys.question_types.registry import type_of

Cell: TypeAlias = "str | int | float | date | None"
CHUNK = 500
SILENT = frozenset({"note"})
# How a spreadsheet program sees that a text is a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True)
class Column:
    """``header`` as written in files; ``local`` is the path below the table's group; ``option`` for one choice of many."""

    header: str
    question: Question
    local: str
    option: str = ""


@dataclass(frozen=True)
class Table:
    """``group`` is the path of the repeated group, empty for the responses themselves."""

    name: str
    group: str
    columns: tuple[Column, ...]

    @property
    def headers(self) -> list[str]:
        lead = ["response", "turn"] if self.group else ["response", "received_on", "language"]
        return [*lead, *(column.header for column in self.columns)]


@dataclass(frozen=True)
class Place:
    """One geometry of one response. ``key`` is the question's path with the turns above it."""

    question: Question
    key: str
    geometry: Mapping[str, Any]

    @property
    def geos(self) -> GEOSGeometry:
        return GEOSGeometry(json.dumps(self.geometry), srid=4326)


@dataclass
class Record:
    """One response ready to be written: its rows by table, and its places."""

    response: Response
    rows: dict[str, list[list[Cell]]] = field(default_factory=dict)
    places: list[Place] = field(default_factory=list)


def tables(form: Form) -> list[Table]:
    """The responses' own table first, then one per repeated group in the order of the form."""
    repeats = [item for item in form.items.values() if isinstance(item, Group) and item.repeats]
    return [
        _table(form, "responses", ""),
        *(_table(form, group.path.replace("/", "_"), group.path) for group in repeats),
    ]


def _table(form: Form, name: str, group: str) -> Table:
    columns = []
    for question in form.questions.values():
        if question.kind not in SILENT and _group_of(form, question.path) == group:
            local = question.path[len(group) + 1 :] if group else question.path
            columns.append(Column(local, question, local))
            if question.kind == "select_multiple":
                options = [choice.name for choice in form.choices_of(question)]
                columns += [Column(f"{local}/{option}", question, local, option) for option in options]
    return Table(name, group, tuple(columns))


def _group_of(form: Form, path: str) -> str:
    """The innermost repeated group around a question."""
    parts = path.split("/")
    above = ("/".join(parts[:end]) for end in range(len(parts) - 1, 0, -1))
    groups = ((path, form.items.get(path)) for path in above)
    return next((path for path, item in groups if isinstance(item, Group) and item.repeats), "")


def records(round: Round, form: Form) -> Iterator[Record]:
    """Every response that counts, by its id, a few hundred in memory at a time.

    What a moderator rejected is left out; what still waits is in, since officers may read it anyway.
    """
    listed = tables(form)
    # By id, which tells nothing; in the order of the table one could see who answered when. Sorting the ids alone
    # takes a few megabytes, sorting the rows would take all of them.
    valid = Response.objects.valid().filter(round=round)
    ids = sorted(pk.bytes for pk in valid.values_list("pk", flat=True).iterator())
    for start in range(0, len(ids), CHUNK):
        wanted = [UUID(bytes=pk) for pk in ids[start : start + CHUNK]]
        yield from _chunk(list(Response.objects.filter(pk__in=wanted).order_by("pk")), listed)


def _chunk(responses: Sequence[Response], listed: Sequence[Table]) -> Iterator[Record]:
    rejected: dict[Any, set[str]] = {}
    state = ModeratedAnswer.State.REJECTED
    for owner, key in ModeratedAnswer.objects.filter(response__in=responses, state=state).values_list(
        "response", "key"
    ):
        rejected.setdefault(owner, set()).add(key)
    for response in responses:
        record = Record(response, {table.name: [] for table in listed})
        _fill(record, listed, response.answers, "", "", rejected.get(response.pk, set()))
        yield record


def _fill(
    record: Record, listed: Sequence[Table], answers: Mapping[str, Any], group: str, key: str, rejected: set[str]
) -> None:
    """The row of one scope, the response or a turn, then the turns below it."""
    table = next(table for table in listed if table.group == group)
    response = record.response
    shown = {local: value for local, value in answers.items() if _full(key, local) not in rejected}
    lead: list[Cell] = [str(response.pk), key] if group else [str(response.pk), response.received_on, response.language]
    record.rows[table.name].append([*lead, *(cell(column, shown.get(column.local)) for column in table.columns)])
    for column in table.columns:
        value = shown.get(column.local)
        if isinstance(value, Mapping) and "coordinates" in value:
            record.places.append(Place(column.question, _full(key, column.local), value))
    for inner in listed:
        local = inner.group[len(group) + 1 :] if group else inner.group
        if (
            inner.group
            and inner.group.startswith(f"{group}/" if group else "")
            and isinstance(answers.get(local), list)
        ):
            for place, turn in enumerate(answers[local], start=1):
                _fill(record, listed, turn, inner.group, f"{_full(key, local)}/{place}", rejected)


def _full(key: str, local: str) -> str:
    return f"{key}/{local}" if key else local


def cell(column: Column, value: Any) -> Cell:
    """One answer in one cell. Places are WKT, several options stand behind each other, each option is 1 or 0."""
    if value is None:
        return None
    if column.option:
        return int(column.option in value)
    if isinstance(value, Mapping):
        return (
            GEOSGeometry(json.dumps(value)).wkt if "coordinates" in value else type_of(column.question).lexical(value)
        )
    if isinstance(value, (bool, list)):
        return harmless(type_of(column.question).lexical(value))
    return value if isinstance(value, (int, float)) else harmless(str(value))


def harmless(text: str) -> str:
    """A text that no spreadsheet program takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
