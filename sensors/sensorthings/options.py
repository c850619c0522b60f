"""Query options of a request, also those inside ``$expand=Datastreams(…)``, as one typed tree. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sensors.sensorthings import parsing
from sensors.sensorthings.lexing import MOST_CHARACTERS
from sensors.sensorthings.problems import BadQuery
from sensors.sensorthings.syntax import Node

MOST = 1_000
USUAL = 100
FURTHEST = 1_000_000
DEEPEST_EXPAND = 5
MOST_EXPANDS = 40
FORMATS = ("dataarray", "csv", "geojson", "json")


@dataclass
class Options:
    """What is asked of one collection or entity. ``written``: the texts, for the links to further pages."""

    filter: Node | None = None
    orderby: list[tuple[Node, bool]] = field(default_factory=list)
    select: list[str] = field(default_factory=list)
    expand: dict[str, Options] = field(default_factory=dict)
    top: int = USUAL
    skip: int = 0
    count: bool = False
    token: str = ""
    format: str = "json"
    written: dict[str, str] = field(default_factory=dict)


def read(given: Mapping[str, str]) -> Options:
    """The options of a request. Raises BadQuery on an unknown one."""
    if sum(len(name) + len(value) for name, value in given.items()) > MOST_CHARACTERS:
        raise BadQuery(f"All options together can have {MOST_CHARACTERS} characters.")
    options = Options()
    for name, value in given.items():
        if name.startswith("$"):
            _take(options, name.lower(), value, depth=1)
    if _expands(options) > MOST_EXPANDS:
        raise BadQuery(f"More than {MOST_EXPANDS} relations are expanded. Ask in several queries.", option="$expand")
    return options


def _take(options: Options, name: str, value: str, *, depth: int) -> None:
    reader = _READERS.get(name)
    if reader is None:
        raise BadQuery(f"There is no option {name[:40]}. There are: {', '.join(sorted(_READERS))}.", option=name[:40])
    if name in options.written:
        raise BadQuery(f"The option {name} is given twice.", option=name)
    options.written[name] = value
    try:
        reader(options, value, depth)
    except BadQuery as bad:
        bad.extra.setdefault("option", name)
        raise


def _filter(options: Options, value: str, _depth: int) -> None:
    options.filter = parsing.expression(value)


def _orderby(options: Options, value: str, _depth: int) -> None:
    options.orderby = parsing.orderings(value)


def _select(options: Options, value: str, _depth: int) -> None:
    options.select = [name.strip() for name in value.split(",")]
    if not all(options.select) or len(options.select) > 40:
        raise BadQuery("$select takes up to forty names with commas between them.")


def _top(options: Options, value: str, _depth: int) -> None:
    options.top = min(_whole(value, "$top"), MOST)


def _skip(options: Options, value: str, _depth: int) -> None:
    options.skip = _whole(value, "$skip")
    if options.skip > FURTHEST:
        raise BadQuery(f"$skip reaches {FURTHEST}. Follow @iot.nextLink, or filter by time.")


def _count(options: Options, value: str, _depth: int) -> None:
    if value not in ("true", "false"):
        raise BadQuery("$count is true or false.")
    options.count = value == "true"


def _format(options: Options, value: str, depth: int) -> None:
    options.format = value.lower()
    if options.format not in FORMATS or depth > 1:
        raise BadQuery("$resultFormat is dataArray, CSV, GeoJSON or json, of the whole answer.")


def _token(options: Options, value: str, depth: int) -> None:
    if depth > 1:
        raise BadQuery("$skiptoken stands in next links only.")
    options.token = value


def _expand(options: Options, value: str, depth: int) -> None:
    if depth > DEEPEST_EXPAND:
        raise BadQuery(f"$expand can go {DEEPEST_EXPAND} relations deep.")
    for item in split(value, ","):
        path, inside = _item(item)
        first, *rest = path
        options.expand[first] = _nested(options.expand.get(first, Options()), rest, inside, depth + 1)


def _nested(into: Options, path: list[str], inside: str, depth: int) -> Options:
    """``Datastreams/Thing(…)`` is ``Datastreams($expand=Thing(…))``; two that begin alike share their beginning."""
    if path:
        if depth > DEEPEST_EXPAND:
            raise BadQuery(f"$expand can go {DEEPEST_EXPAND} relations deep.")
        first, *rest = path
        into.expand[first] = _nested(into.expand.get(first, Options()), rest, inside, depth + 1)
        return into
    for part in split(inside, ";") if inside else ():
        name, equals, value = part.partition("=")
        if not equals:
            raise BadQuery(f"“{part[:40]}” inside of $expand is no option; write $top=1 and semicolons between.")
        _take(into, name.strip().lower(), value, depth=depth)
    return into


def _item(item: str) -> tuple[list[str], str]:
    head, bracket, rest = item.strip().partition("(")
    if bracket and not rest.endswith(")"):
        raise BadQuery(f"The bracket after “{head[:40]}” is not closed.")
    path = [name.strip() for name in head.split("/")]
    if not all(path):
        raise BadQuery("A name is missing in $expand.")
    return path, rest[:-1]


def split(text: str, separator: str) -> list[str]:
    """Parts between separators that stand outside of brackets and quotes. Raises BadQuery."""
    parts, depth, quoted, begin = list[str](), 0, False, 0
    for index, sign in enumerate(text):
        if sign == "'":
            quoted = not quoted
        elif quoted:
            continue
        elif sign in "()":
            depth += 1 if sign == "(" else -1
            if not 0 <= depth <= parsing.DEEPEST:
                raise BadQuery("The brackets do not match, or are too deep.", at=index)
        elif sign == separator and depth == 0:
            parts.append(text[begin:index])
            begin = index + 1
    if depth or quoted:
        raise BadQuery("A bracket or quote is not closed.", at=len(text))
    return [*parts, text[begin:]]


def _whole(value: str, name: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 12):
        raise BadQuery(f"{name} is a whole number from 0.")
    return int(value)


def _expands(options: Options) -> int:
    return sum(1 + _expands(nested) for nested in options.expand.values())


_READERS = {
    "$filter": _filter,
    "$orderby": _orderby,
    "$select": _select,
    "$expand": _expand,
    "$top": _top,
    "$skip": _skip,
    "$count": _count,
    "$skiptoken": _token,
    "$resultformat": _format,
}
